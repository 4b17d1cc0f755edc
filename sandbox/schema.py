"""Which methods, fields and types the Bot API has, compiled once into checks.

Telegram forgives much silently (a misspelt field is ignored); the sandbox does not, because a bot's mistakes
should be seen here rather than in production. Values of the top level may come as text, as in forms and as
Telegram itself treats them; inside objects the types must be right.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sandbox.errors import ApiError, bad_request
from sandbox.model import Json, Upload

Check = Callable[[Any, str], Any]
"""Takes a value and the words for where it stands; gives the value for the method, or raises ApiError."""

TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
INTEGER = re.compile(r"[+-]?\d+\Z")


def wrong_type(where: str, expected: str) -> ApiError:
    return bad_request(f"wrong type of {where}: {expected} expected")


def check_string(value: Any, where: str) -> str:
    if type(value) is not str:
        raise wrong_type(where, "String")
    return value


def check_integer(value: Any, where: str) -> int:
    if type(value) is not int:
        raise wrong_type(where, "Integer")
    return value


def check_float(value: Any, where: str) -> float:
    if type(value) is not float and type(value) is not int:
        raise wrong_type(where, "Float")
    return float(value)


def check_boolean(value: Any, where: str) -> bool:
    if type(value) is not bool:
        raise wrong_type(where, "Boolean")
    return value


def check_input_file(value: Any, where: str) -> Upload:
    if not isinstance(value, Upload):
        raise wrong_type(where, "an uploaded file")
    return value


SCALARS: dict[str, Check] = {
    "String": check_string,
    "Integer": check_integer,
    "Float": check_float,
    "Boolean": check_boolean,
    "InputFile": check_input_file,
}


def array_of(item: Check) -> Check:
    def check(value: Any, where: str) -> list[Any]:
        if type(value) is not list:
            raise wrong_type(where, "Array")
        return [item(each, f"{where}[{i}]") for i, each in enumerate(value)]

    return check


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A type with fields. `required` decides which of several types an object is meant to be."""

    name: str
    checks: dict[str, Check]
    required: frozenset[str]
    constant: tuple[str, str] | None

    def check(self, value: Any, where: str) -> Json:
        if type(value) is not dict:
            raise wrong_type(where, self.name)
        checked: Json = {}
        for field, given in value.items():
            if given is None:
                continue
            check = self.checks.get(field)
            if check is None:
                raise bad_request(f'unknown field "{field}" in {where} ({self.name} has no such field)')
            checked[field] = check(given, f"{where}.{field}")
        if not self.required <= checked.keys():
            missing = min(self.required - checked.keys())
            raise bad_request(f'field "{missing}" of {where} ({self.name}) is required')
        return checked

    def suits(self, value: Json) -> bool:
        return self.required <= value.keys() and self.bears(value)

    def bears(self, value: Json) -> bool:
        """Whether the value names this type, where types are told apart by a constant (`"type": "photo"`)."""
        return self.constant is None or value.get(self.constant[0]) == self.constant[1]


def one_of(types: list[ObjectType], name: str) -> Check:
    """The most demanding type that suits; what suits none is checked as the nearest, for a clear refusal."""
    ordered = sorted(types, key=lambda each: -len(each.required))

    def check(value: Any, where: str) -> Json:
        if type(value) is not dict:
            raise wrong_type(where, name)
        for each in ordered:
            if each.suits(value):
                return each.check(value, where)
        named = [each for each in ordered if each.bears(value)]
        if not named:
            raise bad_request(f"{where} is none of {', '.join(each.name for each in types)}")
        return max(named, key=lambda each: len(each.required & value.keys())).check(value, where)

    return check


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of a method. `from_text` reads the form of it that stands in a form or a query string."""

    check: Check
    from_text: Callable[[str, str], Any] | None

    def read(self, value: Any, where: str) -> Any:
        if self.from_text is not None and type(value) is str:
            value = self.from_text(value, where)
        return self.check(value, where)


def integer_from_text(text: str, where: str) -> Any:
    return int(text) if INTEGER.match(text) else text


def float_from_text(text: str, where: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def boolean_from_text(text: str, where: str) -> Any:
    return TRUTHS.get(text.lower(), text)


def json_from_text(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise bad_request(f"can't parse {where} JSON object") from None


FROM_TEXT = {"Integer": integer_from_text, "Float": float_from_text, "Boolean": boolean_from_text}


@dataclass(frozen=True, slots=True)
class Method:
    """A method's parameters."""

    name: str
    fields: dict[str, Field]
    required: tuple[str, ...]

    def check(self, params: Json) -> Json:
        """The parameters with their right types; ApiError 400 for what is unknown, wrong or missing."""
        checked: Json = {}
        for name, value in params.items():
            if value is None:
                continue
            field = self.fields.get(name)
            if field is None:
                raise bad_request(f'unknown field "{name}" ({self.name} has no such field)')
            checked[name] = field.read(value, name)
        for name in self.required:
            if name not in checked:
                raise missing_parameter(name)
        return checked


def missing_parameter(name: str) -> ApiError:
    """In Telegram's words where it has its own for the field."""
    own = {"text": "message text is empty", "chat_id": "chat_id is empty"}
    return bad_request(own.get(name, f'parameter "{name}" is required'))


class Schema:
    """All of `bot_api.json`, compiled."""

    def __init__(self, api: Json) -> None:
        self._types: Json = api["types"]
        self._objects: dict[str, ObjectType] = {}
        self._methods = {name.lower(): self._method(name, fields) for name, fields in api["methods"].items()}
        self._elsewhere = {name.lower(): name for name in api["not_implemented"]}
        self.version: str = api["version"]
        self.update_kinds = frozenset(api["update_kinds"])

    def method(self, name: str) -> Method:
        """The method of that name, in any case; ApiError 404 if there is none, 501 if Telegram has it."""
        method = self._methods.get(name) or self._methods.get(name.lower())
        if method is not None:
            return method
        if real := self._elsewhere.get(name.lower()):
            raise ApiError(501, f"Not Implemented: Telegram has {real}, the sandbox has not")
        raise ApiError(404, "Not Found: method not found")

    def _method(self, name: str, fields: Json) -> Method:
        return Method(
            name,
            {field: self._field(types) for field, (types, _) in fields.items()},
            tuple(field for field, (_, required) in fields.items() if required),
        )

    def _field(self, types: list[str]) -> Field:
        if "String" in types:
            return Field(self._check(types), None)
        from_text = FROM_TEXT.get(types[0], json_from_text) if types != ["InputFile"] else None
        return Field(self._check(types), from_text)

    def _check(self, names: list[str]) -> Check:
        if len(names) == 1:
            return self._named(names[0])
        if all(name.startswith("Array of ") for name in names):
            return array_of(self._check([name.removeprefix("Array of ") for name in names]))
        if all(name in SCALARS for name in names):
            return either([SCALARS[name] for name in names], " or ".join(names))
        return self._later_one_of(names, " or ".join(names))

    def _named(self, name: str) -> Check:
        if name.startswith("Array of "):
            return array_of(self._named(name.removeprefix("Array of ")))
        if scalar := SCALARS.get(name):
            return scalar
        return self._later_one_of([name], name)

    def _later_one_of(self, names: list[str], title: str) -> Check:
        """Resolved on first use, because types may contain themselves."""
        compiled: list[Check] = []

        def check(value: Any, where: str) -> Any:
            if not compiled:
                types = [self._object(leaf) for name in names for leaf in self._leaves(name)]
                compiled.append(types[0].check if len(types) == 1 else one_of(types, title))
            return compiled[0](value, where)

        return check

    def _leaves(self, name: str) -> list[str]:
        subtypes = self._types[name].get("subtypes")
        return [leaf for each in subtypes for leaf in self._leaves(each)] if subtypes else [name]

    def _object(self, name: str) -> ObjectType:
        known = self._objects.get(name)
        if known is None:
            fields = self._types[name]["fields"]
            constant = self._types[name].get("constant")
            known = self._objects[name] = ObjectType(
                name,
                {field: self._check(types) for field, (types, _) in fields.items()},
                frozenset(field for field, (_, required) in fields.items() if required),
                tuple(constant) if constant else None,
            )
        return known


def either(checks: list[Check], expected: str) -> Check:
    def check(value: Any, where: str) -> Any:
        for each in checks:
            try:
                return each(value, where)
            except ApiError:
                continue
        raise wrong_type(where, expected)

    return check


@cache
def load_schema() -> Schema:
    """The Bot API beside this module; read once in a process."""
    return Schema(json.loads(files("sandbox").joinpath("bot_api.json").read_text(encoding="utf-8")))
