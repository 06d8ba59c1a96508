"""A model of the hub at one commit: plain values."""

from dataclasses import dataclass

from app.records import Claim

ADAPTER_CONFIG_NAME = "adapter_config.json"
ADAPTER_NAME = "adapter_model.safetensors"
CONFIG_NAME = "config.json"
INDEX_NAME = "model.safetensors.index.json"
SINGLE_NAME = "model.safetensors"


@dataclass(frozen=True)
class HubFile:
    """A file at the top of a repository: bytes, and the digest that its content must have.

    `sha256` is known of files kept by Git LFS; of the others `blob_id`, git's SHA-1.
    """

    path: str
    size: int
    sha256: str | None
    blob_id: str

    @property
    def is_weights(self) -> bool:
        """Whether it holds tensors."""
        return self.path.endswith(".safetensors")


@dataclass(frozen=True)
class HubModel:
    """What may be fetched of a repository at `commit` (40 hex digits), and what the hub says.

    `name` is as the hub spells it. `weight_bytes` is judged by the names of the files where
    shards are listed in an index, which is read when the model is fetched. `gated`: its owner
    decides who may read it, and let us.
    """

    name: str
    commit: str
    files: tuple[HubFile, ...]
    claims: tuple[Claim, ...]
    gated: bool
    weight_bytes: int

    @property
    def total_bytes(self) -> int:
        """Bytes to fetch, as far as `weight_bytes` is right."""
        return self.weight_bytes + sum(file.size for file in self.files if not file.is_weights)

    @property
    def is_adapter(self) -> bool:
        """Whether it changes a base model, which must be fetched too."""
        return any(file.path == ADAPTER_NAME for file in self.files)
