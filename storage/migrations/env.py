from __future__ import annotations

from typing import Any

from alembic import context

from storage.schema import Instant, metadata
from storage.unit_of_work import SqlUnitOfWork

_TABLES = SqlUnitOfWork  # importing it fills the metadata with every table


def render(kind: str, thing: Any, autogen: Any) -> Any:
    """Our own type, spelt so that a migration can import it."""
    if kind == "type" and isinstance(thing, Instant):
        autogen.imports.add("from storage.schema import Instant")
        return "Instant()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render,
    compare_type=True,
    compare_server_default=True,
    render_as_batch=True,
)
context.run_migrations()
