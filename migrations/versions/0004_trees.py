"""Standing trees, and jobs that are about no one model."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    _let_jobs_be_about_no_model()
    op.create_table(
        "trees",
        sa.Column("protocol_digest", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference_version", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("n_tips", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(
            ["protocol_digest"], ["protocols.digest"], name=op.f("fk_trees_protocol_digest")
        ),
        sa.PrimaryKeyConstraint("protocol_digest", "version", name=op.f("pk_trees")),
    )


def _let_jobs_be_about_no_model() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("jobs", "model_id", nullable=True)
        return
    # SQLite makes the table anew, which no row of another may refer to meanwhile.
    op.execute("CREATE TEMPORARY TABLE kept_checkpoints AS SELECT * FROM checkpoints")
    op.execute("DELETE FROM checkpoints")
    with op.batch_alter_table("jobs") as jobs:
        jobs.alter_column("model_id", existing_type=sa.String(), nullable=True)
    op.execute("INSERT INTO checkpoints SELECT * FROM kept_checkpoints")
    op.execute("DROP TABLE kept_checkpoints")
