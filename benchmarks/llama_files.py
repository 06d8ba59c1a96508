"""Llamas of random weights on disk, made once and kept under var/: real files of any size.

Nothing was learned, so hardly an answer ends before its limit: all sides of a comparison go to it.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from safetensors import TensorSpec, serialize_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from app.dna.probes import BUILTIN, builtin
from benchmarks.figures import say
from benchmarks.llamas import Llama
from benchmarks.raised import KEPT

MADE_BY = 1  # another number for another way of making them
SEED = 0
SPREAD = 0.02
POSITIONS = 2048
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
BOS, EOS = "<s>", "</s>"
PROBES_WEIGH = 20  # so that a word of a probe is about one token, as in a model for English

Dtype = Literal["float32", "bfloat16"]
F32 = npt.NDArray[np.float32]


def made(llama: Llama, dtype: Dtype = "float32") -> Path:
    """Return the folder of a Llama, making it when it is not there yet."""
    folder = KEPT.absolute() / f"llama-{llama.name}-{dtype}-{MADE_BY}"
    if not folder.exists():
        say(f"making a Llama of {llama.parameters:,} parameters in {folder}")
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write(llama, dtype, partial)
        partial.rename(folder)
    return folder


def write(llama: Llama, dtype: Dtype, folder: Path) -> None:
    """Write config, tokenizer and weights into a folder that is there."""
    (folder / "config.json").write_text(json.dumps(_config(llama, dtype)))
    _tokenizer(llama.vocabulary).save(str(folder / TOKENIZER))
    named = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": BOS, "eos_token": EOS}
    (folder / "tokenizer_config.json").write_text(json.dumps(named))
    arrays = {name: _stored(values, dtype) for name, values in _weights(llama)}
    tensors = {
        name: TensorSpec(
            dtype=dtype, shape=one.shape, data_ptr=one.ctypes.data, data_len=one.nbytes
        )
        for name, one in arrays.items()
    }
    serialize_file(tensors, folder / WEIGHTS, {"format": "pt"})


def _config(llama: Llama, dtype: Dtype) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": llama.width,
        "intermediate_size": llama.inner,
        "num_hidden_layers": llama.layers,
        "num_attention_heads": llama.heads,
        "num_key_value_heads": llama.kv_heads,
        "max_position_embeddings": POSITIONS,
        "rms_norm_eps": 1e-6,
        "tie_word_embeddings": True,
        "vocab_size": llama.vocabulary,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "dtype": dtype,
    }


def _tokenizer(vocabulary: int) -> Tokenizer:
    """Byte-level BPE that knows the words of the probes; the rest of it are random letters."""
    letters = np.random.default_rng(SEED).integers(97, 123, (vocabulary, 8), dtype=np.uint8)
    probes = [probe for name in BUILTIN for probe in builtin(name).probes]
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.post_processor = processors.TemplateProcessing(f"{BOS} $A", special_tokens=[(BOS, 0)])
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[BOS, EOS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(
        [*(bytes(row).decode() for row in letters), *PROBES_WEIGH * probes], trainer
    )
    return core


def _weights(llama: Llama) -> Iterator[tuple[str, F32]]:
    rng = np.random.default_rng(SEED)
    for name, shape in _shapes(llama).items():
        norm = len(shape) == 1
        yield name, np.ones(shape, "f4") if norm else SPREAD * rng.standard_normal(shape, "f4")


def _shapes(llama: Llama) -> dict[str, tuple[int, ...]]:
    layer = {
        "self_attn.q_proj": (llama.width, llama.width),
        "self_attn.k_proj": (llama.kv_width, llama.width),
        "self_attn.v_proj": (llama.kv_width, llama.width),
        "self_attn.o_proj": (llama.width, llama.width),
        "mlp.gate_proj": (llama.inner, llama.width),
        "mlp.up_proj": (llama.inner, llama.width),
        "mlp.down_proj": (llama.width, llama.inner),
        "input_layernorm": (llama.width,),
        "post_attention_layernorm": (llama.width,),
    }
    return {
        "model.embed_tokens.weight": (llama.vocabulary, llama.width),
        **{
            f"model.layers.{number}.{name}.weight": shape
            for number in range(llama.layers)
            for name, shape in layer.items()
        },
        "model.norm.weight": (llama.width,),
    }


def _stored(values: F32, dtype: Dtype) -> npt.NDArray[np.float32] | npt.NDArray[np.uint16]:
    """Little-endian bits of the values; a bfloat16 is the upper half of a float32."""
    if dtype == "float32":
        return values.astype("<f4")
    return (values.view(np.uint32) >> 16).astype("<u2")
