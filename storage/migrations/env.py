from __future__ import annotations

from alembic import context

from storage.schema import metadata
from storage.unit_of_work import SqlUnitOfWork

_TABLES = SqlUnitOfWork  # importing it fills the metadata with every table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=True,
    render_as_batch=True,
)
context.run_migrations()
