"""Files of answers and vectors, good ones and bad ones."""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

N_PROBES = 3
VECTOR = [0.5, -1.0, 2.0]


def answers_line(label: str, answers: Sequence[str] | None = None, **more: Any) -> bytes:
    values = [f"{label} says {i}" for i in range(N_PROBES)] if answers is None else answers
    return json.dumps({"model": label, "answers": list(values), **more}).encode()


def vector_line(label: str, vector: Sequence[Any] = VECTOR, **more: Any) -> bytes:
    return json.dumps({"model": label, "vector": list(vector), **more}).encode()


def write_lines(path: Path, lines: Iterable[bytes]) -> Path:
    body = b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(body, 1) if path.suffix == ".gz" else body)
    return path


def write_probes(path: Path, n: int = N_PROBES, name: str = "mine") -> Path:
    path.write_text(json.dumps({"name": name, "probes": [f"{name} {i}" for i in range(n)]}))
    return path


def _patched(good: bytes, **changes: Any) -> bytes:
    return json.dumps({**json.loads(good), **changes}).encode()


_ANSWERS = answers_line("bad")
_VECTOR = vector_line("bad")

# What is wrong -> (a line that has it, what the error says of it).
BAD_LABELS: dict[str, tuple[Any, str]] = {
    "an empty label": ("", "1 to 200"),
    "a long label": ("x" * 201, "1 to 200"),
    "a label that breaks lines": ("a\nb", "printable"),
    "a label that turns text round": ("a\u202eb", "printable"),
    "a surrogate in a label": ("a\ud800", "printable"),
    "a NUL in a label": ("a\0", "printable"),
    "a label with a space at its end": ("a ", "no space"),
    "a label that is a number": (7, "must be a string"),
    "no label": (None, "must be a string"),
    "a label that was there before": ("first", "twice"),
}
BAD_RELEASED = ["2024", "2024-5", "2024-13", "2024-02-30", "0000-01", "٢٠٢٤-05", "2024-05 ", 2024]
BAD_LINES: dict[str, tuple[bytes, str]] = {
    "a blank line": (b"", "missing"),
    "a line of spaces": (b" \t ", "missing"),
    "half a line": (_ANSWERS[:-3], "not JSON"),
    "no JSON": (b"model,answers", "not JSON"),
    "JSON too deep": (b"[" * 200_000, "not JSON"),
    "no UTF-8": (b'{"model": "\xff\xfe"}', "not JSON"),
    "a list": (b"[1]", "JSON object"),
    "NaN": (b"NaN", "JSON object"),
    **{f"released {it}": (_patched(_ANSWERS, released=it), "YYYY-MM") for it in BAD_RELEASED},
}
BAD_ANSWERS = BAD_LINES | {
    **{what: (_patched(_ANSWERS, model=it), says) for what, (it, says) in BAD_LABELS.items()},
    "no answers": (b'{"model": "bad"}', "missing ['answers']"),
    "no model": (b'{"answers": []}', "missing ['model']"),
    "an unknown key": (_patched(_ANSWERS, note="x"), "unknown ['note']"),
    "answers and a vector": (_patched(_ANSWERS, vector=VECTOR), "unknown ['vector']"),
    "a vector": (_VECTOR, "missing ['answers']"),
    "one answer less": (answers_line("bad", ["a"] * (N_PROBES - 1)), "2 of 3"),
    "one answer more": (answers_line("bad", ["a"] * (N_PROBES + 1)), "4 of 3"),
    "no answer": (answers_line("bad", []), "0 of 3"),
    "answers that are a text": (_patched(_ANSWERS, answers="abc"), "must be a list"),
    "an answer that is a number": (_patched(_ANSWERS, answers=["a", 1, "c"]), "answer 2"),
    "an answer that is null": (_patched(_ANSWERS, answers=["a", "b", None]), "answer 3"),
    "an answer that is a list": (_patched(_ANSWERS, answers=[["a"], "b", "c"]), "answer 1"),
    "a lone surrogate": (_patched(_ANSWERS, answers=["a", "b\ud800", "c"]), "answer 2"),
    "a base that is a number": (_patched(_ANSWERS, declared_base=3), "must be a string"),
    "an empty base": (_patched(_ANSWERS, declared_base=""), "1 to 200"),
}
BAD_VECTORS = {
    "answers": (_ANSWERS, "missing ['vector']"),
    "one number less": (vector_line("bad", VECTOR[1:]), "2 of 3"),
    "one number more": (vector_line("bad", [*VECTOR, 1]), "4 of 3"),
    "NaN": (vector_line("bad", [1, float("nan"), 2]), "number 2"),
    "infinity": (vector_line("bad", [1, 2, float("inf")]), "number 3"),
    "minus infinity": (vector_line("bad", [float("-inf"), 1, 2]), "number 1"),
    "no float32": (vector_line("bad", [1, 1e39, 2]), "number 2"),
    "no float64": (b'{"model": "bad", "vector": [1, 1e400, 2]}', "number 2"),
    "a huge integer": (vector_line("bad", [1, 10**400, 2]), "number 2"),
    "an endless integer": (b'{"model": "bad", "vector": [1, 2, %s]}' % (b"9" * 5000), "not JSON"),
    "a truth": (vector_line("bad", [1, True, 2]), "number 2"),
    "a text": (vector_line("bad", [1, "2", 3]), "number 2"),
    "null": (vector_line("bad", [1, 2, None]), "number 3"),
    "a list in the list": (vector_line("bad", [[1], 2, 3]), "number 1"),
    "nothing but zero": (vector_line("bad", [0, 0.0, -0.0]), "zero everywhere"),
    "nothing that float32 can tell from zero": (vector_line("bad", [1e-50] * 3), "zero everywhere"),
    "a vector that is null": (_patched(_VECTOR, vector=None), "must be a list"),
}
