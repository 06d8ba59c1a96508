import pytest

from app.hub.patience import TemporaryError
from app.hub.refusals import pause_asked, read_refusal

DISABLED = "Access to this resource is disabled."


@pytest.mark.parametrize(
    ("status", "headers", "with_token", "code"),
    [
        (401, {}, False, "no_such_hub_model"),
        (404, {}, False, "no_such_hub_model"),
        (410, {}, True, "no_such_hub_model"),
        (401, {"X-Error-Code": "RepoNotFound"}, True, "no_such_hub_model"),
        (404, {"X-Error-Code": "RepoNotFound"}, True, "no_such_hub_model"),
        (401, {}, True, "hub_refused_token"),
        (404, {"X-Error-Code": "RevisionNotFound"}, False, "no_such_revision"),
        (404, {"X-Error-Code": "EntryNotFound"}, False, "no_such_revision"),
        (401, {"X-Error-Code": "GatedRepo"}, False, "gated"),
        (403, {"X-Error-Code": "GatedRepo"}, True, "gated"),
        (403, {}, True, "gated"),
        (403, {"X-Error-Message": DISABLED}, False, "disabled"),
        (451, {"X-Error-Message": DISABLED}, False, "disabled"),
        (418, {}, False, "bad_hub_answer"),
    ],
)
def test_statuses_have_codes(status, headers, with_token, code):
    refusal = read_refusal(status, headers, "org/m", with_token)
    assert refusal.code == code


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_trouble_may_pass(status):
    refusal = read_refusal(status, {"Retry-After": "7"}, "org/m", False)
    assert isinstance(refusal, TemporaryError)
    assert refusal.retry_after == 7


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry-After": "12"}, 12),
        ({"Retry-After": "Mon, 01 Jan 99999 00:00:00 GMT"}, 0),
        ({"RateLimit": '"api";r=0;t=55'}, 55),
        ({"RateLimit": '"api";r=9;t=55', "Retry-After": "3"}, 3),
    ],
)
def test_how_long_to_wait_is_read(headers, seconds):
    assert pause_asked(headers) == seconds
