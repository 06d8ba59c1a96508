"""`genebank compare`: two models side by side."""

from rich.text import Text

from app.cli.console import emit_json, heading, out, shown, table
from app.cli.figures import (
    AS_RERUN_SAID,
    as_rerun,
    bar,
    noise,
    number,
    p_value,
    reference,
    standing,
)
from app.cli.options import AsJson, ModelName, Server
from app.cli.verdicts import verdict

COLUMNS = (
    *("protocol", "score", "value", "", "", "responses"),
    *("standing", "p-value", "verdict", "with"),
)


def compare(a: ModelName, b: ModelName, server: Server = None, as_json: AsJson = False) -> None:
    """Score two models under every protocol that they share.

    Example:
      genebank compare zephyr-7b-beta mistral-7b-instruct
    """
    from app.cli.client import connect

    with connect(server) as client:
        answer = client.get("/v1/compare", a=a, b=b)
    if as_json:
        emit_json(answer.text)
        return
    data = answer.data
    heading(f"{data['a']['name']} and {data['b']['name']}")
    shows = table(COLUMNS, numbers=["value", "standing", "p-value"])
    for score in data["scores"]:
        shows.add_row(
            shown(score["protocol"]["name"], "bold"),
            shown(score["score"]),
            number(score["value"]),
            as_rerun(score),
            bar(score["value"]),
            "identical" if score["identical"] else "differ",
            standing(score["standing"]),
            p_value(score["p_value"]),
            verdict(score),
            reference(score),
        )
    out().print(shows)
    out().print(Text.assemble(verdict(data | {"flags": []}), f", by {data['decided_by']['name']}"))
    told = [
        f"Under {score['protocol']['name']}, {noise(data[side]['name'], of)}."
        for score in data["scores"]
        for side, of in score["noise"].items()
        if of
    ]
    for line in dict.fromkeys([*told, AS_RERUN_SAID] if told else []):
        out().print(shown(line), soft_wrap=True)
