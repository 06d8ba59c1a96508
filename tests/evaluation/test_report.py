"""The report: the same shape whatever could be measured."""

import json
from typing import Any

from app.evaluation.report import Evaluation, Taken
from tests.evaluation.making import made_protocol


def _evaluation(n_reference: int, n_direct: int) -> Evaluation:
    nan = float("nan")
    figures = {("same_base", rate): 0.5 for rate in ("auc", "tpr_at_1pct", "tpr_at_0.1pct")}
    figures["quartets", "direct"] = 0.9 if n_direct else nan
    figures |= {("direct", "auc"): 0.75 if n_direct else nan, ("parent_at_1",): 1 / 3}
    if n_reference:
        figures |= {("p_value_calibration", "0.01"): 0.02, ("p_value_calibration", "0.05"): nan}
    pairs = {"same_base": 9, "direct": n_direct, "unrelated": 5}
    taken = Taken(made_protocol(), 12, 10, 4, n_reference, pairs, {"direct": 1}, {"direct": 7})
    return Evaluation(taken, figures, {("parent_at_1",): (0.1, 1.0)}, ("x",), (), 1.23456)


def test_what_was_measured_is_reported() -> None:
    report = _evaluation(30, 3).as_json()
    assert list(report)[:8] == [
        "n_models",
        "same_base",
        "direct",
        "nearest_same_base",
        "parent_at_1",
        "parent_at_5",
        "parent_at_1_undated",
        "p_value_calibration",
    ]
    assert report["same_base"] == {
        "pairs": 9,
        "auc": 0.5,
        "tpr_at_1pct": 0.5,
        "tpr_at_0.1pct": 0.5,
    }
    assert report["direct"] == {
        "pairs": 3,
        "auc": 0.75,
        "tpr_at_1pct": None,
        "tpr_at_0.1pct": None,
    }
    assert report["parent_at_1"] == 0.333333
    assert report["p_value_calibration"] == {"0.01": 0.02, "0.05": None}
    assert report["seconds"] == 1.235
    assert report["left_out"] == ["x"]
    assert report["flagged"] == {"direct": 1}
    assert report["quartets"] == {"same_base": None, "direct": 0.9}
    assert report["n_quartets"] == {"direct": 7}


def test_confidence_has_the_shape_of_the_figures() -> None:
    report: dict[str, Any] = dict(_evaluation(30, 3).as_json())
    confidence = report["confidence"]
    assert confidence["parent_at_1"] == [0.1, 1.0]
    assert confidence["direct"] == dict.fromkeys(["auc", "tpr_at_1pct", "tpr_at_0.1pct"])
    assert set(confidence) < set(report)


def test_what_cannot_be_measured_is_null_and_json() -> None:
    report = _evaluation(0, 0).as_json()
    assert report["p_value_calibration"] is None
    assert report["nearest_same_base"] is None
    assert json.loads(json.dumps(report, allow_nan=False)) == report
