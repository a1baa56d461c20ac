"""The settings of codegen.yaml as records with their defaults. They know neither YAML nor what is done with them."""

from typing import Literal

from codegen_tasks.records import ModelSpec, Record

EMBEDDED = ModelSpec(model="local/smollm2")
NAME = "codegen.yaml"
NAMES = (NAME, "codegen.yml")  # one of them may be there


class Roles(Record, frozen=True):
    """Who answers: the provider chain, tried in order."""

    codegen: tuple[ModelSpec, ...] = (EMBEDDED,)


class ContextSettings(Record, frozen=True):
    """What a model is shown. Budgets in tokens."""

    budget_tokens: int = 16000
    repo_summary: bool = True
    summary_tokens: int = 2000
    plan: Literal["sections", "whole"] = "sections"
    ambient: Literal["shown", "live"] = "shown"
    exclude: tuple[str, ...] = ()


class GenerateSettings(Record, frozen=True):
    """How units are cut and asked. US dollars."""

    unit: Literal["file", "plan"] = "file"
    jobs: int = 8
    repairs: int = 2
    max_cost_usd: float | None = None


class ScopeSettings(Record, frozen=True):
    """Globs beyond the plan that may be touched."""

    allow: tuple[str, ...] = ()


class CheckCommand(Record, frozen=True):
    """One check. `run` is its argv, in which $REPORT is where the report belongs; `cwd` is relative to the repository.

    `inputs` are globs of what it reads, `needs` ignored folders it may read, `env` names of variables that are let
    through, `versions` programs (or argv lists) whose version is part of the verdict's key.
    """

    name: str
    run: tuple[str, ...]
    report: Literal["none", "junit", "tap"] = "none"
    inputs: tuple[str, ...] = ("**",)
    needs: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    versions: tuple[str | tuple[str, ...], ...] = ()
    network: bool = False
    timeout_s: float = 600.0
    cwd: str = "."


class Check(Record, frozen=True):
    """How the result is checked: off without commands. `repairs` are rounds, `candidates` further answers of a unit."""

    commands: tuple[CheckCommand, ...] = ()
    repairs: int = 2
    candidates: int = 1
    sandbox: Literal["auto", "none"] = "auto"
    hidden: tuple[str, ...] = ()
    required: bool = True


class DiffSettings(Record, frozen=True):
    """What the patch looks like, and whether it may be empty."""

    context_lines: int = 3
    allow_empty: bool = False


class ApplySettings(Record, frozen=True):
    """Whether `doit apply` may write to the working tree without --yes."""

    enabled: bool = False


class StoreSettings(Record, frozen=True):
    """Where paid replies are kept. `remote` is http(s):// or redis://."""

    path: str = ".codegen/store"
    remote: str | None = None
    remote_write: bool = False
    offline: bool = False


class Config(Record, frozen=True):
    """All of codegen.yaml. `repo` is relative to the file's directory; None: found by looking around."""

    repo: str | None = None
    roles: Roles = Roles()
    context: ContextSettings = ContextSettings()
    generate: GenerateSettings = GenerateSettings()
    scope: ScopeSettings = ScopeSettings()
    check: Check = Check()
    diff: DiffSettings = DiffSettings()
    apply: ApplySettings = ApplySettings()
    store: StoreSettings = StoreSettings()
