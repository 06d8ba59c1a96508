"""`genebank endpoint`: the APIs that workers may ask, kept beside the database."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit, emit_json, out, say, shown, table, visible
from app.cli.options import AsJson
from app.errors import InputError
from app.records import EndpointKind, EndpointSettings, Likelihoods, LimitParameter

if TYPE_CHECKING:
    from app.records import EndpointRecord
    from app.settings import Settings

endpoint = typer.Typer(no_args_is_help=True, help="Add, list and remove APIs to ask.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The endpoint's name in model refs.")]


@endpoint.command()
def add(  # noqa: PLR0913  one parameter an option
    name: Name,
    url: Annotated[str, typer.Option("--url", help="Base URL, such as https://api.example/v1.")],
    kind: Annotated[EndpointKind, typer.Option("--kind", help="How prompts are put.")] = "chat",
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="Read its key from standard input.")
    ] = False,
    likelihoods: Annotated[
        Likelihoods,
        typer.Option("--likelihoods", help="How completions give a prompt's log-probabilities."),
    ] = "none",
    limit_parameter: Annotated[
        LimitParameter,
        typer.Option("--limit-parameter", help="The parameter that bounds an answer."),
    ] = "max_tokens",
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=64, help="Requests at once.")
    ] = 4,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, max=3600, help="Seconds a request may take.")
    ] = 120.0,
    input_price: Annotated[
        float, typer.Option("--input-price", min=0, help="Price of a million tokens sent.")
    ] = 0.0,
    output_price: Annotated[
        float, typer.Option("--output-price", min=0, help="Price of a million tokens received.")
    ] = 0.0,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Allow http:// beyond this machine.")
    ] = False,
) -> None:
    """Allow workers to ask an OpenAI-compatible API; its key is stored encrypted.

    Example:
      genebank endpoint add acme --url https://api.acme.example/v1 --key-stdin < key.txt
    """
    from app.cli.configured import load_settings, open_database
    from app.services.endpoints import NewEndpoint, add_endpoint
    from app.services.sealing import Sealer
    from app.store import schema

    settings = EndpointSettings(
        concurrency=concurrency,
        timeout_s=timeout,
        likelihoods=likelihoods,
        limit_parameter=limit_parameter,
        input_price=input_price,
        output_price=output_price,
    )
    new = NewEndpoint(name, url, kind, settings, _read_key() if key_stdin else None, plain_http)
    configured = load_settings()
    sealer = Sealer(configured.secret_key.get_secret_value(), configured.data_dir)
    with open_database(configured) as database:
        if database.is_sqlite:
            schema.upgrade(database)
        with database.write() as session:
            added = add_endpoint(session, sealer, new)
    emit(f"{visible(added.name)} is registered.")
    say(f"Next: genebank fingerprint endpoint:{added.name}/MODEL")


@endpoint.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the endpoints; keys are never shown.

    Example:
      genebank endpoint list
    """
    from app.cli.configured import load_settings

    found = _every(load_settings())
    if as_json:
        emit_json(json.dumps({"data": [_public(one) for one in found]}, ensure_ascii=False))
        return
    shows = table(["endpoint", "URL", "kind", "key", "likelihoods", "at once"], ["at once"])
    for one in found:
        shows.add_row(
            shown(one.name, "bold"),
            shown(one.url),
            shown(one.kind),
            shown("none" if one.sealed_key is None else "sealed"),
            shown(one.settings.likelihoods),
            shown(one.settings.concurrency),
        )
    out().print(shows)


@endpoint.command()
def remove(name: Name) -> None:
    """Forget an endpoint and its key; what was fingerprinted through it stays.

    Example:
      genebank endpoint remove acme
    """
    from app.cli.configured import load_settings, open_database
    from app.store import endpoints

    with open_database(load_settings()) as database, database.write() as session:
        endpoints.remove(session, name)
    emit(f"{visible(name)} is removed.")


def _read_key() -> str:
    key = sys.stdin.readline().strip()
    if not key:
        raise InputError("bad_key", "Standard input holds no key: write it there, on one line.")
    return key


def _every(settings: "Settings") -> "list[EndpointRecord]":
    from app.cli.configured import open_database
    from app.store import endpoints

    with open_database(settings) as database, database.read() as session:
        return endpoints.every(session)


def _public(one: "EndpointRecord") -> dict[str, object]:
    return {
        "name": one.name,
        "url": one.url,
        "kind": one.kind,
        "has_key": one.sealed_key is not None,
        "settings": asdict(one.settings),
    }
