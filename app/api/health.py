"""Health: whether the process lives, and whether it can work."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.dependencies import Running
from app.store import schema

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Ready(BaseModel):
    """The database answers and has the right tables; `index`: entries in memory, by protocol."""

    status: Literal["ready"]
    revision: str = Field(serialization_alias="schema", description="The schema's revision.")
    database: Literal["sqlite", "postgresql"]
    index: dict[str, int]


@router.get("/healthz")
async def read_health() -> Alive:
    """Whether the process answers; asks nothing else."""
    return Alive(status="ok")


@router.get("/readyz")
def read_readiness(runtime: Running) -> Ready:
    """Whether requests can be served: 503 while the database is away or of another version."""
    revision = schema.check(runtime.database)
    return Ready(
        status="ready",
        revision=revision,
        database="sqlite" if runtime.database.is_sqlite else "postgresql",
        index=runtime.candidates.sizes(),
    )
