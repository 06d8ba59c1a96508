"""Whose weights are in memory: those of the part that computes, and of the one that comes next."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from torch import nn

from workers.llms.streaming.lockstep import Lockstep
from workers.llms.streaming.weights import Loaded, Loader, put


class Part:
    """A module of a model whose weights, given by their names in the model, come and go."""

    def __init__(self, model: Any, names: list[str]) -> None:
        """Take a part whose weights are absent now."""
        self.names = names
        self._model = model
        tensors = model.state_dict(keep_vars=True)
        self._absent = {name: tensors[name] for name in names}

    def fill(self, loaded: Loaded) -> None:
        """Put its weights in."""
        for name, tensor in loaded.tensors.items():
            put(self._model, name, tensor)

    def empty(self) -> None:
        """Take its weights out."""
        for name, tensor in self._absent.items():
            put(self._model, name, tensor)


class Turns:
    """Lets parts of a model come in turn, as the forward pass reaches them.

    The part after the one that computes is read ahead by a thread: the next in the order in which
    they were added, and once that was seen to be wrong, the one that followed last time. A part
    leaves when another one comes, so its module may be called repeatedly. Passes that `together`
    runs share each coming of a part.
    """

    def __init__(self, loader: Loader) -> None:
        """Take the loader, which only the reading thread will use from now on."""
        self.together = Lockstep()
        self._loader = loader
        self._reader = ThreadPoolExecutor(1, "weights")
        self._last: Part | None = None
        self._next: dict[Part, Part] = {}
        self._present: tuple[Part, Loaded] | None = None
        self._ahead: tuple[Part, Future[Loaded]] | None = None

    def add(self, part: Part, module: nn.Module) -> None:
        """Have a part come whenever its module is called."""
        if self._last is not None:
            self._next[self._last] = part
        self._last = part
        module.register_forward_pre_hook(
            lambda *_: self.together.meet(
                lambda: self._present is not None and self._present[0] is part,
                lambda: self._come(part),
            )
        )

    def _come(self, part: Part) -> None:
        """Exchange the present part for this one, and begin to read the one after it."""
        loaded = self._read(part)
        if self._present is not None:
            before, gone = self._present
            before.empty()
            self._loader.give_back(gone)
            self._next[before] = part
        part.fill(loaded)
        self._present = part, loaded
        if part in self._next:
            after = self._next[part]
            self._ahead = after, self._reader.submit(self._loader.load, after.names)

    def _read(self, part: Part) -> Loaded:
        """Return a part's weights, waiting for them."""
        if self._ahead is not None:
            ahead, future = self._ahead
            self._ahead = None
            if ahead is part:
                return future.result()
            self._loader.give_back(future.result())
        return self._reader.submit(self._loader.load, part.names).result()
