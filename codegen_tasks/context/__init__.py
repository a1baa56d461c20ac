"""What a model is shown: the question of one unit, rendered from what it is given. Reads no file, asks no model."""

from codegen_tasks.context.ambient import Ambient, Budget, Rendered, Repository, choose, lapsed, render, summary_of
from codegen_tasks.context.budget import counter
from codegen_tasks.context.facts import Fact
from codegen_tasks.context.fitting import fit
from codegen_tasks.context.outline import interface
from codegen_tasks.context.package import (
    Masked,
    Tokens,
    read_facts,
    read_left_out,
    read_masked,
    read_package,
    read_tokens,
    write_package,
)
from codegen_tasks.context.request import NOTHING, Templates, build_request, longest
from codegen_tasks.context.shown import Shown
from codegen_tasks.context.truth import facts_of

__all__ = [
    "NOTHING",
    "Ambient",
    "Budget",
    "Fact",
    "Masked",
    "Rendered",
    "Repository",
    "Shown",
    "Templates",
    "Tokens",
    "build_request",
    "choose",
    "counter",
    "facts_of",
    "fit",
    "interface",
    "lapsed",
    "longest",
    "read_facts",
    "read_left_out",
    "read_masked",
    "read_package",
    "read_tokens",
    "render",
    "summary_of",
    "write_package",
]
