"""What is read out of the files is what the library reads, in any dtype and any rows."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from app.errors import ModelError
from workers.llms.checkpoint import Checkpoint

_DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn]


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    table = torch.randn(37, 5, generator=generator)
    # One that takes several chunks to convert, and one without an axis.
    return {
        **{str(dtype): table.to(dtype) for dtype in _DTYPES},
        "long": torch.randn(2_500_001, generator=generator).half(),
        "scalar": torch.tensor(2.5, dtype=torch.bfloat16),
        "whole": torch.arange(6).reshape(2, 3),
    }


@pytest.fixture(scope="module")
def checkpoint(
    tensors: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory
) -> Checkpoint:
    folder = tmp_path_factory.mktemp("files")
    names = sorted(tensors)
    for number, part in enumerate((names[:3], names[3:])):
        save_file({name: tensors[name] for name in part}, folder / f"{number}.safetensors")
    return Checkpoint(folder)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_every_tensor_is_read_as_it_would_be_converted(
    checkpoint: Checkpoint, tensors: dict[str, torch.Tensor], dtype: torch.dtype
) -> None:
    assert checkpoint.tensors.keys() == tensors.keys()
    for name, tensor in tensors.items():
        out = torch.empty(tensor.shape, dtype=dtype)
        checkpoint.read(name, out)
        assert torch.equal(out, tensor.to(dtype))
        assert torch.equal(checkpoint.tensor(name, dtype), out)


@given(
    st.sampled_from(_DTYPES),
    st.sampled_from([torch.float32, torch.bfloat16]),
    st.lists(st.integers(0, 36), max_size=9),
)
def test_rows_are_those_of_the_matrix(
    checkpoint: Checkpoint,
    tensors: dict[str, torch.Tensor],
    stored: torch.dtype,
    wanted: torch.dtype,
    rows: list[int],
) -> None:
    out = torch.empty(len(rows), 5, dtype=wanted)
    checkpoint.read_rows(str(stored), rows, out)
    assert torch.equal(out, tensors[str(stored)][rows].to(wanted))


@pytest.mark.parametrize("row", [-1, 37, 10**9])
def test_rows_beyond_the_matrix_are_refused(checkpoint: Checkpoint, row: int) -> None:
    with pytest.raises(IndexError):
        checkpoint.read_rows(str(torch.float32), [row], torch.empty(1, 5))


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Checkpoint(tmp_path)
    assert caught.value.code == "load_failed"
