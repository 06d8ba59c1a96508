import json

from benchmarks.figures import Figure


def test_a_line_is_plain_json_with_floats_rounded_however_deep():
    facts = {"n": 3, "flag": False, "each": {"a": 0.123456789}, "all": [0.123456789]}
    line = Figure("group.name_s", 1234567.0, "s", facts).line()
    assert "\n" not in line
    data = json.loads(line)
    assert data["bench"] == "group.name_s"
    assert data["value"] == 1234600.0
    assert data["unit"] == "s"
    assert data["n"] == 3
    assert data["flag"] is False
    assert data["each"] == {"a": 0.12346}
    assert data["all"] == [0.12346]
    assert data["cores"] >= 1
