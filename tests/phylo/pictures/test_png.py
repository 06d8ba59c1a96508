import struct
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from app.errors import InputError
from app.phylo.pictures import Style, draw_png
from app.phylo.pictures.drawing import compose
from app.phylo.pictures.marks import Text
from app.phylo.pictures.png import rasterise
from app.phylo.pictures.svg import write
from tests.phylo.pictures.made_up import made_up
from tests.phylo.pictures.pixels import decode

ALONE = """
import sys
from app.phylo.pictures import Style, draw_png
from tests.phylo.pictures.made_up import made_up
sys.stdout.buffer.write(draw_png(made_up(8), Style(), 1.0))
"""


@pytest.mark.parametrize("layout", ["rectangular", "radial"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_size(layout, scale):
    png = draw_png(made_up(8), Style(layout=layout), scale)
    page = compose(made_up(8), Style(layout=layout))
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == pytest.approx((page.width * scale, page.height * scale), abs=2)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_name_leaves_ink_in_its_box(theme):
    page = compose(made_up(5), Style(theme=theme, title="Models", width=400))
    bare = replace(page, marks=[mark for mark in page.marks if not isinstance(mark, Text)])
    inked, blank = (decode(rasterise(p, write(p, theme), 1.0)).astype(int) for p in (page, bare))
    strong = np.abs(inked - blank).sum(axis=2) > 150
    for text in page.texts:
        (left, top), (right, bottom) = np.min(text.corners(), 0), np.max(text.corners(), 0)
        box = strong[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
        assert box.sum() > 4 * len(text.text), text.text


def test_the_systems_fonts_do_not_matter(tmp_path):
    """A machine without any font draws the same: ours is shipped."""
    empty = tmp_path / "fonts.conf"
    empty.write_text("<fontconfig></fontconfig>")
    env = {"FONTCONFIG_FILE": str(empty), "HOME": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", ALONE], env=env, capture_output=True, check=True)
    assert found.stdout == draw_png(made_up(8), Style(), 1.0)


def test_small_names_are_left_out_and_that_is_said():
    small = compose(made_up(300), Style(smallest_text=20))
    assert not any(text.role == "tip" for text in small.texts)
    large = len(draw_png(made_up(300), Style(), 0.6))
    assert len(draw_png(made_up(300), Style(), 0.4)) < large / 2


@pytest.mark.parametrize(
    ("n", "theme", "scale", "code"),
    [
        (300, "light", 8.0, "picture_too_large"),
        (8, "auto", 1.0, "bad_style"),
        (8, "dark", 0.0, "bad_style"),
        (8, "dark", float("nan"), "bad_style"),
    ],
)
def test_what_cannot_be_a_png(n, theme, scale, code):
    with pytest.raises(InputError) as error:
        draw_png(made_up(n), Style(theme=theme), scale)
    assert error.value.code == code
