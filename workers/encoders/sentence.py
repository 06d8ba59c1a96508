"""A sentence encoder on disk, run by sentence-transformers as the paper's package runs it.

float32 where the files hold float32, else as they were saved; no autocast: equal numbers matter
more than the 2.6 times that bfloat16 would save on a CPU.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import sentence_transformers
import torch
import transformers
from sentence_transformers import SentenceTransformer

from app.errors import SetupError


class SentenceEncoder:
    """An encoder that was read from a folder which holds its files and nothing else."""

    def __init__(self, directory: Path) -> None:
        """Load it; SetupError `encoder_unreadable`."""
        try:
            self._model = SentenceTransformer(
                str(directory),
                device="cuda" if torch.cuda.is_available() else "cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:
            why = str(error).replace(str(directory), "").strip().split("\n")[0][:300]
            raise SetupError(
                "encoder_unreadable", f"The encoder could not be loaded: {why}"
            ) from error

    def embed(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """Embed texts to (n, the encoder's width); batches are sorted by length inside."""
        rows = self._model.encode(
            texts, convert_to_numpy=True, normalize_embeddings=False, show_progress_bar=False
        )
        embedded: npt.NDArray[np.float32] = np.ascontiguousarray(rows, dtype=np.float32)
        return embedded

    def describe(self) -> dict[str, str | int | None]:
        """Where it ran and with what."""
        return {
            "device": self._model.device.type,
            "dtype": str(self._model.dtype).removeprefix("torch."),
            "sentence_transformers": sentence_transformers.__version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        }
