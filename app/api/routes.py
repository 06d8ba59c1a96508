"""All routes in one app, with what holds for each of them, and the document that says so."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app import __version__
from app.api import (
    ancestry,
    batches,
    comparison,
    dna,
    evidence,
    graphs,
    health,
    imports,
    jobs,
    metrics,
    models,
    problems,
    protocols,
    rates,
    relatives,
    traits,
    tree_comparison,
    trees,
    withdrawals,
    workers,
)
from app.api.body_limit import BodyLimit
from app.api.etags import ROOT, STREAMS, ETags
from app.api.limiting import RateLimits
from app.api.requests import Requests
from app.api.stalling import Stalling

SUMMARY = "A registry of LLM DNA: fingerprints of language models, relatives and family trees."
REF_TEMPLATE = "#/components/schemas/{model}"


class Api(FastAPI):
    """The HTTP face of a registry."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, with what middlewares and error handlers add."""
        if self.openapi_schema is None:
            document = super().openapi()
            problem = problems.Problem.model_json_schema(ref_template=REF_TEMPLATE)
            components = document["components"]["schemas"]
            components.update(problem.pop("$defs"), Problem=problem)
            for path, operations in document["paths"].items():
                if path.startswith(ROOT) and "get" in operations:
                    _add_etag(operations["get"])
        return self.openapi_schema or {}


def build(**more: Any) -> Api:
    """An app with all routes and no runtime; `more` goes to FastAPI."""
    api = Api(
        title="Genebank",
        version=__version__,
        summary=SUMMARY,
        redoc_url=None,
        # /v1/models/ is nothing: a redirect would hide that an id was empty.
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        responses=problems.documented(409, 422, 429, 500, 503),
        **more,
    )
    for resource in (
        models,
        withdrawals,
        batches,
        imports,
        jobs,
        relatives,
        ancestry,
        dna,
        comparison,
        evidence,
        graphs,
        trees,
        tree_comparison,
        rates,
        traits,
        protocols,
        workers,
        health,
        metrics,
    ):
        api.include_router(resource.router)
    problems.install(api)
    # The one added last is the outermost.
    for middleware in (ETags, BodyLimit, Stalling, RateLimits, Requests):
        api.add_middleware(middleware)
    return api


def _operation_id(route: APIRoute) -> str:
    return route.name


def _add_etag(operation: dict[str, Any]) -> None:
    text = {"type": "string"}
    answer = operation["responses"]["200"]
    if not answer["content"].keys().isdisjoint(STREAMS):
        return
    answer.setdefault("headers", {})["ETag"] = {"schema": text}
    operation["responses"]["304"] = {"description": "You have it already."}
    header = {"name": "If-None-Match", "in": "header", "required": False, "schema": text}
    operation.setdefault("parameters", []).append(header)
