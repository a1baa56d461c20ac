"""What was refused, in SARIF 2.1.0, for tools that show findings beside the code. It judges nothing."""

from typing import Literal
from urllib.parse import quote

from codegen_tasks.records import Record, encode
from codegen_tasks.signals import Refused, Scope

_RULES = {
    "unplanned": "A reply writes a file that the plan does not name; the plan can be amended.",
    "unwritable": "A reply writes where no plan can allow it, or what cannot be applied.",
}


class Text(Record, frozen=True):
    """A message."""

    text: str


class Rule(Record, frozen=True, rename="camel"):
    """What a result is an instance of."""

    id: str
    short_description: Text


class Driver(Record, frozen=True):
    """The program that found it, with its rules."""

    name: str
    rules: tuple[Rule, ...]


class Tool(Record, frozen=True):
    """As SARIF wants it."""

    driver: Driver


class ArtifactLocation(Record, frozen=True):
    """A path below the working tree, escaped as in a URI."""

    uri: str


class PhysicalLocation(Record, frozen=True, rename="camel"):
    """A file as a whole."""

    artifact_location: ArtifactLocation


class Location(Record, frozen=True, rename="camel"):
    """Where it was wanted."""

    physical_location: PhysicalLocation


class Result(Record, frozen=True, rename="camel"):
    """`properties` is the entry of scope.json."""

    rule_id: str
    level: Literal["error"]
    message: Text
    locations: tuple[Location, ...]
    properties: Refused


class SarifRun(Record, frozen=True, rename="camel"):
    """One run of the driver."""

    tool: Tool
    results: tuple[Result, ...]
    column_kind: Literal["unicodeCodePoints"] = "unicodeCodePoints"


class Sarif(Record, frozen=True):
    """code/scope.sarif."""

    version: Literal["2.1.0"]
    runs: tuple[SarifRun, ...]


def make_sarif(scope: Scope) -> bytes:
    """One result for each thing that was refused."""
    planned = {entry.path for entry in scope.amendment}
    rules = tuple(Rule(name, Text(text)) for name, text in _RULES.items())
    results = tuple(_result(entry, planned) for entry in scope.refused)
    return encode(Sarif("2.1.0", (SarifRun(Tool(Driver("codegen-tasks", rules)), results),)))


def _result(entry: Refused, planned: set[str]) -> Result:
    needed = f"; needed by {', '.join(entry.needed_by)}" if entry.needed_by else ""
    nearest = f"; the nearest planned path is {entry.nearest}" if entry.nearest else ""
    said = f"unit {entry.unit} wants to {entry.operation} {entry.path}: {entry.reason}{needed}{nearest}"
    place = Location(PhysicalLocation(ArtifactLocation(quote(entry.path))))
    return Result("unplanned" if entry.path in planned else "unwritable", "error", Text(said), (place,), entry)
