"""JSON Schemas of every file of the contract, made from the records. `python -m codegen_tasks.schemas` writes them."""

import inspect
from pathlib import Path
from typing import Any

import msgspec

from codegen_tasks.check import Checks
from codegen_tasks.config import Config
from codegen_tasks.events import Event
from codegen_tasks.pipeline.forecast import Forecast
from codegen_tasks.provenance import Statement
from codegen_tasks.records import Answer, PlannedFile
from codegen_tasks.sarif import Sarif
from codegen_tasks.signals import FailureReport, Manifest, Ready, Scope

FOLDER = Path(__file__).parent
FILES: dict[str, Any] = {
    "checks.json": Checks,
    "codegen.yaml": Config,
    "estimate.json": Forecast,
    "events.jsonl": Event,
    "failure.json": FailureReport,
    "manifest.json": Manifest,
    "provenance.json": Statement,
    "ready.json": Ready,
    "reply.json": Answer,
    "scope.json": Scope,
    "scope.sarif": Sarif,
}

_DEPENDENCY = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "see": {"anyOf": [{"const": "interface"}, {"type": "null"}]}},
    "required": ["path"],
    "additionalProperties": False,
}


def make_schemas() -> dict[str, bytes]:
    """File name to the bytes of its schema, JSON Schema 2020-12."""
    schemas = {f"{name}.schema.json": msgspec.json.schema(kind) for name, kind in FILES.items()}
    schemas["plan.files.json.schema.json"] = _plan_files()
    return {name: _render(schema) for name, schema in sorted(schemas.items())}


def _plan_files() -> dict[str, Any]:
    """The three shapes. An entry's unknown fields are kept and shown to the model, so they are allowed."""
    entry = msgspec.json.schema(PlannedFile)["$defs"]["PlannedFile"]
    intent = msgspec.json.schema(PlannedFile)["$defs"]["Intent"]
    given = {k: v for k, v in entry["properties"].items() if k not in ("extra", "interfaces")}
    given["depends_on"] = {**given["depends_on"], "items": {"anyOf": [{"type": "string"}, _DEPENDENCY]}}
    entry = {**entry, "properties": given}
    files = {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/PlannedFile"}]}}
    shapes = [{"type": "object", "properties": {key: files}, "required": [key]} for key in ("files", "file_plan")]
    return {"anyOf": [files, *shapes], "$defs": {"Intent": intent, "PlannedFile": entry}}


def _render(schema: dict[str, Any]) -> bytes:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return msgspec.json.format(msgspec.json.encode(_dedented(head | schema)), indent=2) + b"\n"


def _dedented(value: Any) -> Any:
    """The schema with docstrings as inspect.cleandoc reads them: some releases of msgspec keep their indentation."""
    if isinstance(value, dict):
        items = value.items()
        return {k: inspect.cleandoc(v) if k == "description" and isinstance(v, str) else _dedented(v) for k, v in items}
    return [_dedented(item) for item in value] if isinstance(value, list) else value
