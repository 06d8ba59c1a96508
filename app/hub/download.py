"""Bring files of one commit into a folder: continued, checked, named only when they are right."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import quote

from app.errors import ModelError
from app.hub.flow import flowing
from app.hub.model import HubFile, HubModel
from app.hub.partial import Partial, check_space
from app.hub.patience import TICK_S, Patience, TemporaryError
from app.hub.wire import Wire

Progress = Callable[[int, int], None]
_TRIES = 2


class Download:
    """Files of `model` on their way into `folder`; gives up on a hub after `patience_s` seconds."""

    def __init__(self, wire: Wire, model: HubModel, folder: Path, patience_s: float) -> None:
        self._wire = wire
        self._model = model
        self._folder = folder
        self._patience_s = patience_s

    def bring(self, files: Sequence[HubFile], progress: Progress) -> None:
        """Fetch the files that are not there yet; ModelError `corrupt_download`, or as the wire.

        `progress(done, total)` is called about four times a second, and may raise.
        """
        total, before, paced = sum(file.size for file in files), 0, _paced(progress)
        check_space(self._folder, total)
        for file in files:
            self._bring(file, partial(_shifted, paced, before, total))
            before += file.size
        progress(total, total)

    def _bring(self, file: HubFile, seen: Callable[[int], None]) -> None:
        target = self._folder / file.path
        if target.is_file() and target.stat().st_size == file.size:
            return  # it was checked before it got this name
        with Partial(self._folder, file) as here:
            here.recover(lambda: seen(here.have))
            for _ in range(_TRIES):
                self._fill(here, file, seen)
                if here.is_right():
                    here.finish()
                    return
                here.clear()
        raise ModelError(
            "corrupt_download",
            f"Twice the hub gave another content for {file.path} than it announced; submit the"
            " model again later.",
        )

    def _fill(self, here: Partial, file: HubFile, seen: Callable[[int], None]) -> None:
        patience = Patience(self._patience_s)
        while here.have < file.size:
            try:
                self._append(here, file, seen, patience)
                if here.have < file.size:
                    raise TemporaryError("The connection ended too early")
            except TemporaryError as fault:
                patience.wait(fault, lambda: seen(here.have))

    def _append(
        self, here: Partial, file: HubFile, seen: Callable[[int], None], patience: Patience
    ) -> None:
        pieces = partial(self._pieces, file, here.have)
        with closing(flowing(pieces, TICK_S)) as arriving:
            for arrived in arriving:
                if arrived is not None:
                    here.write(*arrived)
                seen(min(here.have, file.size))
                if here.have > file.size:
                    return
                patience.see(here.have)

    def _pieces(self, file: HubFile, start: int) -> Iterator[tuple[int, bytes]]:
        """Yield (where it begins, bytes); begins at 0 where the hub does not skip what is here."""
        model = self._model
        path = f"/{model.name}/resolve/{model.commit}/{quote(file.path)}"
        with self._wire.get(model.name, path, start) as response:
            at = start if response.status_code == 206 else 0
            for piece in response.iter_raw():
                yield at, piece
                at += len(piece)


def _shifted(progress: Progress, before: int, total: int, have: int) -> None:
    progress(before + have, total)


def _paced(progress: Progress) -> Progress:
    """Return `progress`, called no more often than each tick."""
    due = 0.0

    def call(done: int, total: int) -> None:
        nonlocal due
        now = time.monotonic()
        if now >= due:
            due = now + TICK_S
            progress(done, total)

    return call
