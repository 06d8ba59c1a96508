"""The colours can be told apart, also by eyes with two kinds of cones, and from the background."""

import numpy as np
import pytest

from app.phylo.pictures.themes import DARK, DARK_FAMILIES, LIGHT, LIGHT_FAMILIES, style_sheet

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
EYES = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
# Ottosson 2020, Oklab.
CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip
THEMES = [(LIGHT, LIGHT_FAMILIES), (DARK, DARK_FAMILIES)]


def linear(colour):
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """As WCAG 2.2 defines it."""
    light, dark = sorted(
        (float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("colours", "families"), THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_families_differ(colours, families, eye):
    seen = [
        LAB @ np.cbrt(CONES @ np.clip(np.array(EYES[eye]) @ linear(c), 0, 1))
        for c in (*families, colours["grey"])
    ]
    far = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(far) >= 0.07


@pytest.mark.parametrize(("colours", "families"), THEMES)
def test_contrast(colours, families):
    page = colours["page"]
    assert all(contrast(colour, page) >= 3 for colour in families)
    assert all(contrast(colours[ink], page) >= 3 for ink in ("branch", "grey", "fair"))
    assert all(contrast(colours[ink], page) >= 4.5 for ink in ("ink", "mute"))
    assert contrast(colours["ink"], colours["band"]) >= 4.5


def test_auto_follows_the_reader():
    assert "@media (prefers-color-scheme:dark)" in style_sheet("auto")
    assert "@media" not in style_sheet("light") + style_sheet("dark")
    assert DARK["page"] in style_sheet("auto")
    assert LIGHT["page"] in style_sheet("auto")
