import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.phylo.formats.percent import hide, show, word
from tests.phylo.formats.reading_back import names


@given(names)
def test_any_text_comes_back_by_any_decoder(text):
    hidden = hide(text)
    assert show(hidden) == unquote(hidden) == text
    assert hidden == " ".join(hidden.split())


@given(st.text(alphabet="%0aA2 \n\u2028'", max_size=12))
def test_percent_signs_and_codes_do_not_mix(text):
    also = re.compile("'")
    assert show(hide(text, also)) == unquote(hide(text, also)) == text
    assert "'" not in hide(text, also)


@pytest.mark.parametrize("foreign", ["100%", "%FF", "%zz", "%", "%0a", "50%25%FF"])
def test_what_others_write_stays_unless_it_is_a_code(foreign):
    assert show(foreign) == foreign


def test_words():
    assert word("bootstrap_2") == "bootstrap_2"
    assert word("é =") == "_e9__20__3d_"
    assert re.fullmatch("[A-Za-z0-9_]*", word("模型 \n"))
