"""The hub's client: which model a name means there, and its files."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.hub.file_names import INDEX_NAME
from app.hub.listing import bad_hub_answer, parse_answer, read_listing
from app.hub.model import HubModel
from app.hub.names import check_name, check_revision, is_commit
from app.hub.patience import Patience
from app.hub.selection import check_weight_bytes, indexed, weight_bytes

if TYPE_CHECKING:
    from app.hub.download import Progress
    from app.hub.wire import Wire

GIB = 1 << 30
# Somebody waits for the answer of a request.
RESOLVE_PATIENCE_S = 20.0


class Hub:
    """One hub, and how much we take from it.

    Without `endpoint` and `token` those of the operator's huggingface_hub count (HF_ENDPOINT,
    HF_TOKEN, `hf auth login`); an empty token sends none. A download that gets less than a MiB in
    `patience_s` seconds is given up. Threads may share it.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        token: str | None = None,
        *,
        max_weight_bytes: int = 64 * GIB,
        max_files: int = 10_000,
        patience_s: float = 300.0,
    ) -> None:
        self._endpoint = endpoint
        self._token = token
        self._max_weight_bytes = max_weight_bytes
        self._max_files = max_files
        self._patience_s = patience_s

    def resolve(self, name: str, revision: str | None = None) -> HubModel:
        """Return the model at a branch, tag or commit (default: main), pinned to its commit.

        Downloads nothing. InputError `bad_hub_name`, `bad_hub_revision`; NotFoundError
        `no_such_hub_model`, `no_such_revision`; ModelError `gated`, `disabled`, `pickle_only`,
        `not_a_model`, `no_tokenizer`, `too_large`, `too_many_files`, `file_too_large`; SetupError
        `hub_unavailable` (temporary), `hub_refused_token`, `bad_hub_answer`.
        """
        path = f"/api/models/{check_name(name)}"
        if revision is not None:
            path += f"/revision/{quote(check_revision(revision), safe='')}"
        patience = Patience(min(self._patience_s, RESOLVE_PATIENCE_S))
        answer = parse_answer(self._wire.ask(name, f"{path}?blobs=true", patience))
        if answer.get("gated"):
            self._wire.check_access(name, patience)
        model = read_listing(answer, self._max_files, self._max_weight_bytes)
        if revision is not None and is_commit(revision) and model.commit != revision:
            raise bad_hub_answer()
        return model

    def fetch(self, model: HubModel, folder: Path, progress: "Progress") -> None:
        """Bring the files of a model that `resolve` returned into `folder`, checked.

        Goes on where an earlier call stopped; a name that ends in .part is not whole yet.
        `progress(bytes done, bytes in all)` is called about four times a second, while the hub
        is slow too, and whatever it raises ends the download. The second number changes once for
        weights in shards. Errors as `resolve`, and ModelError `corrupt_download`, `bad_index`,
        SetupError `cannot_store`, `download_in_use`.
        """
        from app.hub.download import Download

        download = Download(self._wire, model, folder, self._patience_s)
        files = model.files
        index = [file for file in files if file.path == INDEX_NAME]
        if index:
            download.bring(index, lambda done, _: progress(done, model.total_bytes))
            files = indexed(files, (folder / INDEX_NAME).read_bytes())
            check_weight_bytes(weight_bytes(files), self._max_weight_bytes)
        download.bring(files, progress)

    @cached_property
    def _wire(self) -> "Wire":
        # Brings an HTTP client along, which most commands do without.
        from app.hub.wire import Wire

        return Wire(self._endpoint, self._token)
