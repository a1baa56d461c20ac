"""What a review page is made of, as values. It does not know where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from codegen_tasks.signals import FailureReport, Manifest, Ready, Scope


@dataclass(frozen=True)
class Asked:
    """How a unit came to its content. `state` is asked, stored, failed or planned (no model was needed).

    `sections` are the parts of plan.md that led to it, as Markdown. `refused` are the reasons of replies that were
    repaired; `tries` counts the questions of its conversation.
    """

    unit: str
    paths: tuple[str, ...]
    needs: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    state: str = "planned"
    model: str = ""
    attempt: int = 1
    tries: int = 0
    refused: tuple[str, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    masked: int = 0


@dataclass(frozen=True)
class Earlier:
    """An archived attempt: `kind` is ready or the failure's kind; `patch` its diff."""

    number: str
    kind: str
    patch: bytes
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """All that the page tells. `contents` are the files after the change, `generated` what replies alone made of those
    that a person edited; `checks` is code/checks.json as plain data; `logs` are the checks' outputs by name."""

    title: str
    patch: bytes
    contents: Mapping[str, bytes]
    ready: Ready | None = None
    failure: FailureReport | None = None
    manifest: Manifest | None = None
    scope: Scope | None = None
    checks: Mapping[str, Any] | None = None
    logs: Mapping[str, str] = field(default_factory=dict)
    generated: Mapping[str, bytes] = field(default_factory=dict)
    quarantine: Mapping[str, bytes] = field(default_factory=dict)
    units: tuple[Asked, ...] = ()
    earlier: tuple[Earlier, ...] = ()
