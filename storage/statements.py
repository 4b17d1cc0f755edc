"""Statements on the shortest way: SQLAlchemy Core builds them, once; the driver runs them.

Core's own execution costs several times what a small statement costs in the database (docs/decisions/0009 has the
figures). Here a statement is compiled once per dialect, with the processors of its types, and then goes straight to
the driver's connection, inside the transaction that SQLAlchemy has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from sqlalchemy import Connection, Dialect, Executable, Table, bindparam, insert
from sqlalchemy.exc import DBAPIError

Processor = Callable[[Any], Any]
Values = Mapping[str, Any]
NONE: Values = {}


class Statement:
    """`built` is one statement, or one per dialect's name; `columns` are those that an insert fills.

    Lists to be expanded (`IN`) need Core's execution; everything else is the same here. Rows are plain tuples.
    """

    def __init__(self, built: Any, columns: Sequence[str] | None = None) -> None:
        self._built = built
        self._columns = list(columns) if columns is not None else None
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Values = NONE) -> list[Any]:
        return self._for(connection).rows(connection, values)

    def row(self, connection: Connection, values: Values = NONE) -> Any:
        """The first row; None where there is none."""
        rows = self._for(connection).rows(connection, values)
        return rows[0] if rows else None

    def run(self, connection: Connection, values: Values = NONE) -> int:
        """Answers how many rows were written."""
        return self._for(connection).run(connection, values)

    def each(self, connection: Connection, rows: Iterable[Values]) -> None:
        """Runs it for each of the values."""
        self._for(connection).each(connection, rows)

    def bare(self, dialect: Dialect) -> tuple[str, list[str] | None, Mapping[str, Any]]:
        """As the driver gets it: the text, the order of its values (None where they go by name), and its constants."""
        compiled = self._at(dialect)
        return compiled.text, compiled.order, compiled.constants

    def _for(self, connection: Connection) -> _Compiled:
        return self._compiled.get(connection.dialect.name) or self._at(connection.dialect)

    def _at(self, dialect: Dialect) -> _Compiled:
        built = self._built[dialect.name] if isinstance(self._built, Mapping) else self._built
        compiled = self._compiled[dialect.name] = _Compiled(built, dialect, self._columns)
        return compiled


class Inserts:
    """Inserts of several rows in one statement, one for each number of rows, built when it is first needed."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._table, self._columns = table, columns
        self._by_count: dict[int, Statement] = {}

    def run(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        statement = self._by_count.get(len(rows)) or self.of(len(rows))
        values = {f"v{row}_{place}": cell for row, cells in enumerate(rows) for place, cell in enumerate(cells)}
        statement.run(connection, values)

    def of(self, count: int) -> Statement:
        """The statement for so many rows; its values are v<row>_<column>."""
        rows = [
            {
                column: bindparam(f"v{row}_{place}", type_=self._table.c[column].type)
                for place, column in enumerate(self._columns)
            }
            for row in range(count)
        ]
        statement = self._by_count[count] = Statement(insert(self._table).values(rows))
        return statement


class Savepoint:
    """A part of a transaction that is kept or given up as a whole, on the shortest way, too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_active = True
        self._execute("SAVEPOINT unit")

    def commit(self) -> None:
        self._execute("RELEASE SAVEPOINT unit")
        self.is_active = False

    def rollback(self) -> None:
        self.is_active = False
        self._execute("ROLLBACK TO SAVEPOINT unit")
        self._execute("RELEASE SAVEPOINT unit")

    def _execute(self, text: str) -> None:
        try:
            _driver(self._connection).execute(text)
        except self._connection.dialect.loaded_dbapi.Error as error:
            _raise(self._connection, text, error)


class _Compiled:
    """A statement's text for one dialect, and what its values and rows go through."""

    def __init__(self, built: Executable, dialect: Dialect, columns: list[str] | None) -> None:
        compiled: Any = built.compile(dialect=dialect, column_keys=columns)  # type: ignore[attr-defined]
        described: Any = getattr(built, "column_descriptions", None) or getattr(
            built, "returning_column_descriptions", ()
        )
        self.text: str = compiled.string
        self.constants: dict[str, Any] = {}
        self._binds: dict[str, Processor] = {}
        for bind, name in compiled.bind_names.items():
            processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if processor is not None:
                self._binds[name] = processor
            if not bind.required:
                value = bind.effective_value
                self.constants[name] = processor(value) if processor is not None else value
        self.order: list[str] | None = list(compiled.positiontup) if compiled.positional else None
        found = [column["type"].dialect_impl(dialect).result_processor(dialect, None) for column in described]
        self._results = [(place, processor) for place, processor in enumerate(found) if processor is not None]

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        try:
            rows = _driver(connection).execute(self.text, self._bound(values)).fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            _raise(connection, self.text, error)
        if not self._results:
            return list(rows)
        return [self._processed(row) for row in rows]

    def run(self, connection: Connection, values: Values) -> int:
        try:
            return int(_driver(connection).execute(self.text, self._bound(values)).rowcount)
        except connection.dialect.loaded_dbapi.Error as error:
            _raise(connection, self.text, error)

    def each(self, connection: Connection, rows: Iterable[Values]) -> None:
        bound = [self._bound(values) for values in rows]
        try:
            if len(bound) == 1:
                _driver(connection).execute(self.text, bound[0])
            elif bound:
                _driver(connection).cursor().executemany(self.text, bound)
        except connection.dialect.loaded_dbapi.Error as error:
            _raise(connection, self.text, error)

    def _bound(self, values: Values) -> Any:
        bound = {**self.constants, **values}
        for name, process in self._binds.items():
            if name in values:
                bound[name] = process(values[name])
        return bound if self.order is None else [bound[name] for name in self.order]

    def _processed(self, row: Sequence[Any]) -> tuple[Any, ...]:
        cells = list(row)
        for place, process in self._results:
            cells[place] = process(cells[place])
        return tuple(cells)


def _driver(connection: Connection) -> Any:
    """The driver's own connection, with the transaction that SQLAlchemy has begun on it."""
    return connection.connection.driver_connection


def _raise(connection: Connection, text: str, error: Exception) -> NoReturn:
    """As SQLAlchemy would raise it, so that nobody needs to know which way a statement went."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, _driver(connection), None)  # type: ignore[arg-type]
    raised = DBAPIError.instance(
        text,
        {},
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    if is_lost:
        connection.invalidate(error)
    raise raised from error
