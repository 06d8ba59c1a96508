"""A tree as Auspice v2 JSON, which https://auspice.us shows (Hadfield et al. 2018).

Nodes are known by their names there, so a name that comes again is followed by its number.
"""

import json

from app.phylo.annotated import Annotated
from app.phylo.formats.columns import date, numbers, words
from app.phylo.formats.distinct import distinct
from app.phylo.formats.nested_json import nested_json
from app.phylo.paths import depths

# Auspice wants a day, and takes X for what is not known: the tree itself has no date.
NO_DAY = "XXXX-XX-XX"


def write(annotated: Annotated, updated: str = NO_DAY) -> str:
    """Return the text of a dataset; `updated` is the day that it is shown as of, YYYY-MM-DD."""
    tree = annotated.tree
    inner = [f"NODE_{node:07d}" for node in range(tree.n_tips, tree.n_nodes)]
    names = distinct([*tree.labels, *inner])
    depth = depths(tree).tolist()

    def fields(node: int) -> dict[str, object]:
        found: dict[str, object] = {
            "name": names[node],
            "node_attrs": {"div": depth[node], **_attributes(annotated, node)},
        }
        known = numbers(annotated, node)
        if "support" in known:
            found["branch_attrs"] = {"labels": {"support": f"{known['support']:.3g}"}}
        return found

    meta = json.dumps(_meta(annotated, updated), ensure_ascii=False)
    return f'{{"version": "v2", "meta": {meta}, "tree": {nested_json(tree, fields, False)}}}'


def _attributes(annotated: Annotated, node: int) -> dict[str, object]:
    when = date(annotated, node)
    known: dict[str, float | str] = {} if when is None else {"num_date": when}
    known |= {_branch(name): number for name, number in numbers(annotated, node).items()}
    known |= {_trait(name): said for name, said in words(annotated, node).items()}
    return {name: {"value": value} for name, value in known.items()}


def _meta(annotated: Annotated, updated: str) -> dict[str, object]:
    has_support = annotated.tree.support is not None
    branches = [*(["support"] if has_support else []), *annotated.branches]
    columns = {"family": annotated.families, **annotated.traits}
    traits = [name for name, column in columns.items() if any(column)]
    dated = [] if annotated.dates is None else [("num_date", "date", "temporal")]
    colourings = [
        *((_trait(name), name, "categorical") for name in traits),
        *dated,
        *((_branch(name), name, "continuous") for name in branches),
    ]
    defaults = {"distance_measure": "num_date" if annotated.is_dated else "div"}
    if colourings:
        defaults["color_by"] = colourings[0][0]
    if has_support:
        defaults["branch_label"] = "support"
    return {
        "title": "Models",
        "updated": updated,
        "panels": ["tree"],
        "colorings": [{"key": key, "title": name, "type": kind} for key, name, kind in colourings],
        "filters": [_trait(name) for name in traits],
        "display_defaults": defaults,
    }


def _branch(name: str) -> str:
    return name if name == "support" else f"branch_{name}"


def _trait(name: str) -> str:
    """Keys that no other column has, and that Auspice does not use itself."""
    return name if name == "family" else f"trait_{name}"
