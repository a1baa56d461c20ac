"""`doit graph`: the units and what they need, in Mermaid's language, with what a run would ask. It asks nobody."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from codegen_tasks.records import Unit
from codegen_tasks.session import Session
from codegen_tasks.tasks.looking import looking

if TYPE_CHECKING:
    from codegen_tasks.pipeline.why import UnitWhy

_CLASSES = {
    "asked": ("stale", "would be asked"),
    "missing": ("stale", "has no answer, and store.offline forbids asking"),
    "unless": ("perhaps", "would be asked, unless what it needs comes out as it was"),
    "stored": ("stored", "its answer is in the store"),
    "same": ("clean", ""),
    "up_to_date": ("clean", ""),
    "no_model": ("clean", ""),
}
_STYLES = {
    "stale": "fill:#fde2e2,stroke:#c53030",
    "perhaps": "fill:#fef3c7,stroke:#b7791f",
    "stored": "fill:#dbeafe,stroke:#2b6cb0",
    "clean": "fill:#e6f4ea,stroke:#2f855a",
}
_WRITTEN = {ord(sign): f"#{ord(sign)};" for sign in '"#<>&`\\;[]{}()|'}


def graph_task(session: Session) -> dict[str, Any]:
    """`doit graph`."""

    def graph() -> None:
        from codegen_tasks.pipeline.why import explain

        with looking(session, "graph") as phase:
            session.board.write("\n".join(render_graph(phase.plan.units, explain(phase).units)))

    doc = "the units and what they need, as a Mermaid graph, with what a run would ask; asks nobody"
    return {"basename": "graph", "doc": doc, "actions": [graph]}


def render_graph(units: Sequence[Unit], why: Sequence["UnitWhy"]) -> Iterator[str]:
    """The lines of the graph. An arrow leads from a unit to those that need it."""
    number = {unit.name: f"u{i}" for i, unit in enumerate(units)}
    owner = {path: unit.name for unit in units for path in unit.paths}
    states = {unit.unit: unit.state for unit in why}
    yield "flowchart LR"
    for unit in units:
        style, said = _CLASSES[states[unit.name]]
        text = "<br>".join(part.translate(_WRITTEN) for part in (unit.name, said) if part)
        yield f'    {number[unit.name]}["{text}"]:::{style}'
    for unit in units:
        for need in dict.fromkeys(owner[path] for path in unit.needs if path in owner):
            yield f"    {number[need]} --> {number[unit.name]}"
    for style in dict.fromkeys(_CLASSES[state][0] for state in states.values()):
        yield f"    classDef {style} {_STYLES[style]}"
