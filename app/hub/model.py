"""A model of the hub at one commit: plain values."""

from dataclasses import dataclass

from app.records import Claim


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
    shards are listed in an index, which is read when the model is fetched.
    """

    name: str
    commit: str
    files: tuple[HubFile, ...]
    claims: tuple[Claim, ...]
    weight_bytes: int

    @property
    def total_bytes(self) -> int:
        """Bytes to fetch, as far as `weight_bytes` is right."""
        return self.weight_bytes + sum(file.size for file in self.files if not file.is_weights)
