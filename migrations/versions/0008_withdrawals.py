"""Models can be withdrawn: they are marked, and entries that nobody stands for any more."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("models", sa.Column("withdrawn_at", sa.Float(precision=53), nullable=True))
    op.add_column("models", sa.Column("withdrawn_because", sa.String(), nullable=True))
    op.add_column(
        "entries",
        sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # Over the few that are marked: what nobody withdrew costs nothing.
    marked = sa.text("withdrawn_at IS NOT NULL")
    op.create_index(
        "ix_models_withdrawn",
        "models",
        ["withdrawn_at"],
        postgresql_where=marked,
        sqlite_where=marked,
    )
    op.create_index(
        "ix_entries_withdrawn",
        "entries",
        ["protocol_digest", "seq"],
        postgresql_where=sa.text("withdrawn"),
        sqlite_where=sa.text("withdrawn = 1"),
    )
