"""One turn of our engine on a Llama, and the machine's best at the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from app.dna.protocol import lexical_v1, likelihood_v1
from benchmarks.floors import Asked, Limits
from benchmarks.llama_files import TOKENIZER, Dtype, made
from benchmarks.llamas import Llama
from benchmarks.sides import Reply, Side, wall_s

MB = 1 << 20
ENGINE, MACHINE = "benchmarks.side_genebank", "benchmarks.side_machine"
ITEM_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
ROWS = (64, 256, 1024)  # of the products among which the best rate is sought


@dataclass(frozen=True)
class Turn:
    """A Llama and what the engine did with it; `new_tokens` is 0 where it scored."""

    llama: Llama
    asked: Asked
    reply: Reply
    new_tokens: int = 0

    @property
    def answered_s(self) -> float:
        """Seconds of asking alone."""
        return wall_s(self.reply, "respond")

    @property
    def dtype(self) -> str:
        """What the engine computed in."""
        return str(self.reply["environment"]["dtype"])

    @property
    def facts(self) -> dict[str, Any]:
        """What it was measured on."""
        return {
            "model": f"Llama, random weights, {self.llama.name}",
            "parameters": self.llama.parameters,
            "weights_mb": self.asked.weight_bytes / MB,
            "batches": len(self.asked.plan),
            **self.reply["environment"],
        }


def scored(engine: Side, llama: Llama, n: int, *, streamed: bool = False) -> Turn:
    """Fingerprint by the first `n` passages of likelihood-v1."""
    reply = engine.ask("score", directory=str(made(llama)), n=n, streamed=streamed)
    return _turn(llama, likelihood_v1().probe_set.probes[:n], reply)


def answered(
    engine: Side, llama: Llama, n: int, new_tokens: int, stored: Dtype = "float32"
) -> Turn:
    """Fingerprint by the first `n` prompts of lexical-v1 and answers of so many tokens.

    `stored` is what the files hold, whatever the engine computes in.
    """
    folder = str(made(llama, stored))
    reply = engine.ask("answer", directory=folder, n=n, max_new_tokens=new_tokens)
    return _turn(llama, lexical_v1().probe_set.probes[:n], reply, new_tokens)


def limits(machine: Side, turn: Turn) -> Limits:
    """The machine's best right now, at products as large as those of the turn's Llama."""
    width, inner = turn.llama.width, turn.llama.inner
    products = [(rows, *sides) for rows in ROWS for sides in ((width, inner), (inner, width))]
    rate = machine.ask("matrix_rate", products=products, dtype=turn.dtype)
    return Limits(rate["flops_per_s"], machine.ask("bandwidth")["bytes_per_s"])


def best(several: Sequence[Limits]) -> Limits:
    """The best of each: other work on the machine can only make it look slower."""
    rates, speeds = zip(*((one.flops_per_s, one.bytes_per_s) for one in several), strict=True)
    return Limits(max(rates), max(speeds))


def rates(limits: Limits) -> dict[str, float]:
    """The limits in units that people compare."""
    return {"gflops_per_s": limits.flops_per_s / 1e9, "gb_per_s": limits.bytes_per_s / 1e9}


def _turn(llama: Llama, probes: Sequence[str], reply: Reply, new_tokens: int = 0) -> Turn:
    tokenizer = Tokenizer.from_file(str(made(llama) / TOKENIZER))
    tokens = [len(tokenizer.encode(probe).ids) for probe in probes]
    item_bytes = ITEM_BYTES[reply["environment"]["dtype"]]
    return Turn(llama, Asked(llama, tokens, reply["plan"], item_bytes), reply, new_tokens)
