"""Use case: somebody says something of models by name, and it is put beside the tips of a tree."""

from collections.abc import Iterable, Mapping, Sequence

from app.records import ModelRecord


def beside_tips(
    tips: Sequence[Sequence[ModelRecord]], said: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is said of each tip, "" where nothing is, and the names that mean no one tip.

    A name is an id, a ref, a label or the last part of a label, in capitals or not; full names
    go before short ones.
    """
    places = _places(tips)
    found, unmatched = [""] * len(tips), []
    for name, value in said.items():
        tip = places.get(name, places.get(name.lower(), -1))
        if tip < 0:
            unmatched.append(name)
        else:
            found[tip] = value
    return tuple(found), tuple(unmatched)


def _places(tips: Sequence[Sequence[ModelRecord]]) -> dict[str, int]:
    """The tip that each name means, -1 where it means several."""
    places: dict[str, int] = {}
    for spell in (_full, _short):
        new: dict[str, int] = {}
        for tip, models in enumerate(tips):
            for name in {name for model in models for name in spell(model)}:
                new[name] = tip if new.get(name, tip) == tip else -1
        places = new | places
    return places


def _full(model: ModelRecord) -> Iterable[str]:
    return model.id, str(model.ref), f"{model.ref.source}:{model.ref.name}", model.name.lower()


def _short(model: ModelRecord) -> Iterable[str]:
    return (model.name.lower().rpartition("/")[2],)
