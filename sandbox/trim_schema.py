"""Makes `bot_api.json` from a machine-readable Bot API: `python -m sandbox.trim_schema path/to/api.json`.

Kept are the fields of the methods that the sandbox has, every type reachable from them or from an update, the kinds
of updates, and the bare names of the other methods: "only Telegram has it" is not "there is no such method".
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from sandbox.methods import METHODS

TARGET = Path(__file__).with_name("bot_api.json")
CONSTANT = re.compile(r"(?:must be|always) [“\"]?(\w+)")
DISCRIMINATORS = ("type", "source", "status")


def base_type(name: str) -> str:
    """`Array of Array of PhotoSize` -> `PhotoSize`."""
    return name.rsplit("Array of ", 1)[-1]


def trim_fields(fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {field["name"]: [field["types"], int(field["required"])] for field in fields}


def constant_of(fields: list[dict[str, Any]]) -> list[str] | None:
    """Field and value by which a subtype is recognised, `["type", "photo"]`; the API has it in prose only."""
    for field in fields:
        if field["name"] in DISCRIMINATORS and (found := CONSTANT.search(field["description"])):
            return [field["name"], found[1]]
    return None


def trim_type(full: dict[str, Any]) -> dict[str, Any]:
    if subtypes := full.get("subtypes"):
        return {"subtypes": subtypes}
    fields = full.get("fields", [])
    trimmed: dict[str, Any] = {"fields": trim_fields(fields)}
    if full.get("subtype_of") and (constant := constant_of(fields)):
        trimmed["constant"] = constant
    return trimmed


def trim(api: dict[str, Any], implemented: set[str]) -> dict[str, Any]:
    """Only what the sandbox needs of `api`; KeyError if it implements a method that Telegram has not."""
    methods = {name: trim_fields(api["methods"][name].get("fields", [])) for name in sorted(implemented)}
    types: dict[str, Any] = {}
    waiting = [base_type(name) for fields in methods.values() for field in fields.values() for name in field[0]]
    waiting.append("Update")
    while waiting:
        name = waiting.pop()
        if name in types or name not in api["types"]:
            continue
        types[name] = trim_type(api["types"][name])
        waiting += types[name].get("subtypes", [])
        waiting += [base_type(kind) for field in types[name].get("fields", {}).values() for kind in field[0]]
    return {
        "version": api["version"],
        "methods": methods,
        "types": dict(sorted(types.items())),
        "update_kinds": [field["name"] for field in api["types"]["Update"]["fields"] if not field["required"]],
        "not_implemented": sorted(set(api["methods"]) - implemented),
    }


def write(trimmed: dict[str, Any], target: Path = TARGET) -> None:
    """One method or type a line, so that a new version of the API reads well as a difference."""

    def lines(section: dict[str, Any]) -> str:
        return ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in section.items())

    target.write_text(
        f'{{"version": {json.dumps(trimmed["version"])},\n'
        f'"methods": {{\n{lines(trimmed["methods"])}\n}},\n'
        f'"types": {{\n{lines(trimmed["types"])}\n}},\n'
        f'"update_kinds": {json.dumps(trimmed["update_kinds"])},\n'
        f'"not_implemented": {json.dumps(trimmed["not_implemented"])}}}\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    full = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    write(trim(full, set(METHODS)))
