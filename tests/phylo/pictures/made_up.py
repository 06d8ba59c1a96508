"""Made-up trees with families, support and dates, and what tests see of their pictures."""

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np

from app.phylo.annotated import Annotated
from app.phylo.paths import depths
from tests.phylo.strategies import random_tree, seeded

NAMES = ("llama-2", "mistral", "qwen2.5", "gemma", "phi-3", "falcon", "mpt", "pythia", "bloom")
ENDINGS = ("", "-chat", "-Instruct-v0.2", "-dpo-mix-merged", "-sft-lora-ultrafeedback")


def made_up(n, families=5, dated=False, seed=0):
    """A tree whose families stand together mostly, with support on every inner branch."""
    rng = seeded(seed)
    labels = [
        f"{rng.choice(['org', 'lab', 'university-of-somewhere'])}/model-{i}{rng.choice(ENDINGS)}"
        for i in range(n)
    ]
    tree = random_tree(rng, labels, True, True)
    order = [tip for tip in tree.postorder() if tip < n]
    names = [f"family-{i}" if i >= len(NAMES) else NAMES[i] for i in range(families)]
    of_tip = [""] * n
    for place, tip in enumerate(order):
        of_tip[tip] = names[place * families // n] if families and rng.random() > 0.05 else ""
    dates = 2019.3 + depths(tree) / depths(tree).max() * 6 if dated else None
    return Annotated(tree, dates=dates, families=tuple(of_tip))


def named(annotated, labels):
    """The same with other names."""
    return replace(annotated, tree=replace(annotated.tree, labels=tuple(labels)))


def parsed(svg):
    """The picture as XML."""
    return ET.fromstring(svg)  # noqa: S314 - our own text, no entities


def overlaps(texts):
    """Pairs of upright texts whose boxes share more than a hair."""
    boxes = np.array([[*np.min(t.corners(), axis=0), *np.max(t.corners(), axis=0)] for t in texts])
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    shared = np.minimum(high, high.swapaxes(0, 1)) - np.maximum(low, low.swapaxes(0, 1))
    both = (shared > 0.05).all(axis=2)
    np.fill_diagonal(both, False)
    return [(texts[i].text, texts[j].text) for i, j in np.argwhere(both) if i < j]


def touch(one, other):
    """Whether two texts at any angle share more than a hair: no axis parts them."""
    for corners in (one.corners(), other.corners()):
        for (x, y), (to_x, to_y) in pairwise(corners):
            axis = np.array([y - to_y, to_x - x]) / np.hypot(x - to_x, y - to_y)
            a, b = np.array(one.corners()) @ axis, np.array(other.corners()) @ axis
            if min(a.max(), b.max()) - max(a.min(), b.min()) < 0.05:
                return False
    return True


def outside(page):
    """Texts that leave the page."""
    return [
        text.text
        for text in page.texts
        if not all(0 <= x <= page.width and 0 <= y <= page.height for x, y in text.corners())
    ]
