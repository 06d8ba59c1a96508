"""Runs a model whose weights do not fit: those of each block are read when it is reached.

Blocks and the head come and go, of the token embedding only rows are read, and the rest (norms
and the like) stays. So a forward pass reads each weight once and holds two blocks, or the last
block and the head, beside its activations. Absent weights are NaN: nothing can be computed with
them unnoticed, nor can they be changed.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import torch
from torch import nn

from app.errors import ModelError
from workers.llms.checkpoint import Checkpoint
from workers.llms.machine import Machine, choose_machine
from workers.llms.streaming.lockstep import Lockstep
from workers.llms.streaming.rows import can_gather, gather
from workers.llms.streaming.turns import Part, Turns
from workers.llms.streaming.watch import Watch
from workers.llms.streaming.weights import Loader, put

_ROOM = 1.3  # times the weights: for activations, and for what loading holds for a moment
_PROCESS_MB = 500  # what a process holds that has imported torch and transformers


def must_stream(n_parameters: int, memory_mb: int) -> bool:
    """Say whether so many weights fit neither a GPU's free memory nor, without one, the job's.

    `memory_mb` is what the job's process may hold, in MB.
    """
    machine = choose_machine()
    needed = _ROOM * n_parameters * machine.dtype.itemsize
    if machine.device == "cuda":
        return needed > torch.cuda.mem_get_info()[0]
    return needed > (memory_mb - _PROCESS_MB) * 1e6


def stream(model: Any, checkpoint: Checkpoint, machine: Machine) -> Lockstep:
    """Make a model run whose stored weights are on the meta device, by reading them when due.

    Returns what runs several passes while the weights are read once. Raises ModelError
    `load_failed`, `cannot_stream`; so may every forward pass afterwards.
    """
    loader = Loader(model, checkpoint, machine.device)
    large = model.get_input_embeddings().weight.numel()
    passing = {
        module: names
        for module, path in _parts(model, model.get_output_embeddings(), large)
        if (names := _stored(module, path))
    }
    if not passing:
        raise ModelError("cannot_stream", "Give the job more memory: the model has no layers.")
    _settle(model, loader, set(chain.from_iterable(passing.values())), machine.device)
    watch, turns = Watch(model), Turns(loader)
    for module, names in passing.items():
        watch.over(module, names[0])
        if isinstance(module, nn.Embedding) and can_gather(model, module, names, loader):
            gather(module, names[0], loader)
        else:
            turns.add(Part(model, names), module)
    return turns.together


def _parts(
    module: nn.Module, head: nn.Module, large: int, path: str = ""
) -> Iterator[tuple[nn.Module, str]]:
    """Yield blocks, large embeddings outside of them and the head, with their names' beginnings."""
    for name, child in module.named_children():
        block = isinstance(module, nn.ModuleList) and not isinstance(child, nn.ModuleList)
        table = isinstance(child, nn.Embedding) and child.weight.numel() >= large
        if block or table or child is head:
            yield child, f"{path}{name}."
        else:
            yield from _parts(child, head, large, f"{path}{name}.")


def _stored(module: nn.Module, path: str) -> list[str]:
    """Return the full names of a module's numbers that are in the files."""
    tensors = module.state_dict(prefix=path, keep_vars=True)
    return [name for name, one in tensors.items() if one.is_meta and one.is_floating_point()]


def _settle(model: Any, loader: Loader, passing: set[str], device: str) -> None:
    """Load for good whatever does not come and go, and mark the rest as absent."""
    staying = [name for name in loader.names if name not in passing]
    for name, tensor in loader.load(staying).tensors.items():
        put(model, name, tensor)
    absent: dict[torch.Tensor, torch.Tensor] = {}  # one for all names of a weight
    for name, expected in model.state_dict(keep_vars=True).items():
        if name in passing:
            nan = torch.full((), torch.nan, dtype=expected.dtype, device=device)
            nothing = nn.Parameter(nan.expand(expected.shape), requires_grad=False)
            put(model, name, absent.setdefault(expected, nothing))
    model.to(device)
