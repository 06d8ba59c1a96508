"""What is known of a model once its files were checked; plain values that travel as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self, get_args

from app.errors import ModelError
from app.records import Claim, ClaimKind
from workers.vetting.architectures import Kind


@dataclass(frozen=True)
class Limits:
    """How much a model may bring: bytes of weights, files at the top of its directory."""

    max_weight_bytes: int = 64 * 1024**3
    max_files: int = 1_000


@dataclass(frozen=True)
class ResolvedModel:
    """A checked model. Digests are SHA-256 in hex.

    `content_digest` covers weights, config.json and tokenizer files, `weights_digest` the
    weights alone, `chat_template_digest` the template's text (None: the model has none),
    `base_digest` the content of an adapter's base (None: it is a whole model). `n_parameters`
    is their number when they are unpacked; `quantisation` is the method that packed them, if any.
    """

    content_digest: str
    weights_digest: str
    model_type: str
    kind: Kind
    architecture: str
    n_parameters: int
    weight_bytes: int
    chat_template_digest: str | None
    quantisation: str | None
    base_digest: str | None
    claims: tuple[Claim, ...]

    def to_json(self) -> dict[str, Any]:
        """Return a value that `json.dumps` takes and `from_json` gives back."""
        return {**asdict(self), "claims": [asdict(claim) for claim in self.claims]}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json` wrote, trusting nothing; ModelError `bad_resolution`."""
        if not isinstance(data, dict) or data.keys() != {field.name for field in fields(cls)}:
            raise _bad()
        texts = ("content_digest", "weights_digest", "model_type", "kind", "architecture")
        if not all(isinstance(data[key], str) for key in texts):
            raise _bad()
        if data["kind"] not in get_args(Kind):
            raise _bad()
        if not all(type(data[key]) is int for key in ("n_parameters", "weight_bytes")):
            raise _bad()
        optional = ("chat_template_digest", "quantisation", "base_digest")
        if not all(isinstance(data[key], str | None) for key in optional):
            raise _bad()
        return cls(**{**data, "claims": _claims(data["claims"])})


def _claims(data: object) -> tuple[Claim, ...]:
    if not isinstance(data, list):
        raise _bad()
    return tuple(_claim(item) for item in data)


def _claim(data: object) -> Claim:
    if not isinstance(data, Mapping) or data.keys() != {"kind", "value", "source"}:
        raise _bad()
    if not all(isinstance(text, str) for text in data.values()):
        raise _bad()
    if data["kind"] not in get_args(ClaimKind):
        raise _bad()
    return Claim(data["kind"], data["value"], data["source"])


def _bad() -> ModelError:
    return ModelError(
        "bad_resolution", "What the child says of the model is malformed; run it again."
    )
