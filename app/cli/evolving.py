"""What the verbs `rates` and `traits` have in common: the tree that they are asked of, in words."""

from typing import Any

from app.cli.console import say
from app.cli.figures import p_value, reference
from app.errors import InputError

MOST_UNMATCHED = 10


def say_tree(data: dict[str, Any]) -> None:
    """Say which tree an answer was read from, whether it shows time, and what was left out."""
    tree, signal = data["tree"], data["signal"]
    say(
        f"{tree['n_tips']:,} models under {tree['protocol']['name']}, {reference(tree)}; "
        f"{tree['distance']} distances, {tree['rooting']} rooting"
    )
    if signal["why"]:
        say(f"Root to tip: {signal['why']}")
    else:
        since = "" if signal["root_date"] is None else f", root {signal['root_date']:.1f}"
        say(
            f"Root to tip: {signal['rate']:+.3g} a year over {signal['n_dated']:,} dated models, "
            f"R2 {signal['r2']:.2f}, p {p_value(signal['p_value'])}{since}"
        )
    lost = data["unmatched"]
    if lost:
        more = f" and {len(lost) - MOST_UNMATCHED:,} more" if len(lost) > MOST_UNMATCHED else ""
        say(f"No model of the tree is named {', '.join(lost[:MOST_UNMATCHED])}{more}.")


def question(
    names: list[str] | None, protocol: str | None, rooting: str, outgroup: list[str] | None
) -> dict[str, Any]:
    """The part of a body that says which tree is meant; what is None is left out.

    InputError `bad_usage` where the root is asked for by outgroup and there is none.
    """
    if rooting == "outgroup" and not outgroup:
        raise InputError("bad_usage", "Name the models of the outgroup: --outgroup NAME.")
    asked: dict[str, Any] = {"models": names, "protocol": protocol, "outgroup": outgroup}
    if not outgroup:
        asked["rooting"] = rooting
    return {key: value for key, value in asked.items() if value}
