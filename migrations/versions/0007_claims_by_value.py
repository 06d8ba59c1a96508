"""Claims are found by what they say, whatever letters are capitals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_claims_kind_lower_value", "claims", ["kind", sa.text("lower(value)")])
