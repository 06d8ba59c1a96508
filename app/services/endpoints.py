"""Use cases: APIs are registered, and models behind them are named and asked for."""

import re
from dataclasses import dataclass, field

from app.dna.canonical import digest_json
from app.dna.protocol import Protocol
from app.errors import InputError, ModelError
from app.records import EndpointKind, EndpointRecord, EndpointSettings, ModelRef, check_label
from app.services.endpoint_urls import check_url
from app.services.sealing import Sealer
from app.store import endpoints
from app.store.database import Session

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_KEY = re.compile(r"[!-~]{1,4096}")


@dataclass(frozen=True)
class NewEndpoint:
    """What an administrator says of an API; `key` None asks without one."""

    name: str
    url: str
    kind: EndpointKind
    settings: EndpointSettings
    key: str | None = field(default=None, repr=False)
    plain_http: bool = False


def add_endpoint(session: Session, sealer: Sealer, new: NewEndpoint) -> EndpointRecord:
    """Register an API and seal its key.

    Raises InputError `bad_endpoint_name`, `bad_url` or `bad_key`, ConflictError
    `endpoint_exists`, and what `Sealer.seal` does.
    """
    if not _NAME.fullmatch(new.name):
        raise InputError(
            "bad_endpoint_name",
            "A name holds up to 63 of a-z, 0-9, '.', '_' and '-', and begins with one of a-z, 0-9.",
        )
    if new.key is not None and not _KEY.fullmatch(new.key):
        raise InputError("bad_key", "A key holds 1 to 4,096 visible ASCII characters, no spaces.")
    endpoint = EndpointRecord(
        name=new.name,
        url=check_url(new.url, plain_http=new.plain_http),
        kind=new.kind,
        settings=new.settings,
        sealed_key=None if new.key is None else sealer.seal(new.key),
    )
    endpoints.add(session, endpoint)
    return endpoint


def resolve(session: Session, rest: str) -> ModelRef:
    """Return the ref of `name/model` or `name/model@label`.

    An API's model cannot be read, so its revision is a digest of where it is asked, or the
    label: the same ref gives the same job, and a new label asks anew a model that its provider
    has changed. What follows the last '@' is a label unless it holds a '/'.

    Raises NotFoundError `no_such_endpoint`, InputError `bad_model_ref` or `bad_label`.
    """
    name, slash, model = rest.partition("/")
    before, at, after = model.rpartition("@")
    label = after if at and "/" not in after else ""
    if label:
        model = before
    if not (name and slash and model):
        raise InputError("bad_model_ref", "A model behind an API looks like endpoint:name/model.")
    endpoint = endpoints.get(session, name)
    revision = label or _revision(endpoint, model)
    return ModelRef("endpoint", f"{name}/{check_label(model)}", check_label(revision))


def check_place(endpoint: EndpointRecord, ref: ModelRef) -> None:
    """ModelError `endpoint_changed` where the endpoint is not the one that the ref was made for.

    A label stands for a time, not a place: it is not checked.
    """
    if _DIGEST.fullmatch(ref.revision) and ref.revision != _revision(endpoint, split_name(ref)[1]):
        raise ModelError(
            "endpoint_changed",
            f"The endpoint {endpoint.name!r} was added anew with another address or kind since "
            "the model was handed in: hand it in again.",
        )


def _revision(endpoint: EndpointRecord, model: str) -> str:
    return digest_json([endpoint.url, endpoint.kind, model])[:16]


def split_name(ref: ModelRef) -> tuple[str, str]:
    """The endpoint's name and the model's, as its API knows it."""
    name, _, model = ref.name.partition("/")
    return name, model


def content_digest(endpoint: EndpointRecord, ref: ModelRef) -> str:
    """What stands in for the digest of a model's files: where it is asked, and its revision."""
    _, model = split_name(ref)
    return digest_json(["endpoint", endpoint.url, endpoint.kind, model, ref.revision])


def can_answer(endpoint: EndpointRecord, protocol: Protocol) -> bool:
    """Whether an endpoint gives responses of the kind that a protocol asks for."""
    return protocol.response != "likelihood" or endpoint.settings.likelihoods != "none"
