"""Metrics for Prometheus. For operators: keep this address from the public at the proxy."""

from fastapi import APIRouter, Response

from app import measures
from app.api.dependencies import Running
from app.services.measuring import measure

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def read_metrics(runtime: Running) -> Response:
    """What this process and its registry do, in the text format of Prometheus."""
    families = measure(runtime.database, runtime.candidates, runtime.census)
    return Response(measures.exposition(families), media_type=measures.MEDIA_TYPE)
