"""References say who stands for all, and how high unrelated ones stand."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    for name in ("cohort", "families", "null"):
        op.add_column("references", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
