"""codegen.yaml becomes a Config, checked once. It does not know what the settings do."""

from difflib import get_close_matches
from typing import Any, Literal

import msgspec

from codegen_tasks.errors import BadConfig
from codegen_tasks.records import ModelSpec, Record
from codegen_tasks.text import not_plain_utf8

EMBEDDED = ModelSpec(model="local/smollm2")
NAME = "codegen.yaml"


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
    """All of codegen.yaml. `repo` is relative to the task directory; None: found by looking around."""

    repo: str | None = None
    roles: Roles = Roles()
    context: ContextSettings = ContextSettings()
    generate: GenerateSettings = GenerateSettings()
    scope: ScopeSettings = ScopeSettings()
    diff: DiffSettings = DiffSettings()
    apply: ApplySettings = ApplySettings()
    store: StoreSettings = StoreSettings()


def parse_config(data: bytes) -> Config:
    """The configuration in YAML 1.1 text; empty text means all defaults. Raises BadConfig with line or key path."""
    values = _parse_yaml(data)
    if values is None:
        return Config()
    _check_keys(values, Config, "")
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError as e:
        problem, _, at = str(e).partition(" - at `$")
        place = at.rstrip("`").removeprefix(".") or "the file"
        raise BadConfig(f"{NAME}: {place}: {problem}", hint="see the table of settings in README.md") from e
    _check_values(config)
    return config


def _parse_yaml(data: bytes) -> Any:
    import yaml

    if wrong := not_plain_utf8(data):
        raise BadConfig(f"{NAME}{wrong}", hint=f"save {NAME} as UTF-8 without a byte order mark")
    try:
        node = yaml.compose(data.decode(), Loader=yaml.SafeLoader)
        if node is not None:
            _check_twice(node, set())
        return yaml.safe_load(data)
    except yaml.MarkedYAMLError as e:
        mark_at = e.problem_mark or e.context_mark
        place = f"{NAME}:{mark_at.line + 1}:{mark_at.column + 1}" if mark_at else NAME
        hint = "indent with blanks, not tabs" if "\\t" in str(e.problem) else "mend the YAML there"
        raise BadConfig(f"{place}: {e.problem or e.context}", hint=hint) from e
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        raise BadConfig(f"{NAME}: {str(e).splitlines()[0]}", hint="mend the YAML") from e


def _check_twice(node: Any, checked: set[int]) -> None:
    """YAML lets the later of two equal keys win in silence; a person did not mean that."""
    import yaml

    if id(node) in checked:  # an alias: its anchor was checked, and a chain of them would take for ever
        return
    checked.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _check_twice(child, checked)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, child in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    at = f"{NAME}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
                    raise BadConfig(f"{at}: the key {key.value!r} stands twice", hint="keep one of them")
                seen.add(key.value)
            _check_twice(child, checked)


def _check_keys(values: Any, kind: Any, place: str) -> None:
    """Unknown keys are refused with the nearest known one. Wrong types are left to the conversion."""
    if isinstance(values, list):
        for i, value in enumerate(values):
            _check_keys(value, ModelSpec, f"{place}[{i}]")
    if not isinstance(values, dict):
        return
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in values.items():
        at = f"{place}.{key}" if place else str(key)
        if key not in fields:
            near = get_close_matches(str(key), fields, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(fields)}"
            raise BadConfig(f"{NAME}: unknown key {at!r}", hint=hint)
        if isinstance(fields[key], type) and issubclass(fields[key], msgspec.Struct):
            _check_keys(value, fields[key], at)
        elif at == "roles.codegen":
            _check_keys(value, ModelSpec, at)


def _check_values(config: Config) -> None:
    if not config.roles.codegen:
        raise BadConfig(f"{NAME}: roles.codegen is empty", hint="name at least one model, or leave the key out")
    for i, spec in enumerate(config.roles.codegen):
        at = f"roles.codegen[{i}]"
        if bool(spec.model) == bool(spec.command):
            raise BadConfig(f"{NAME}: {at} needs either model or command", hint="write one of the two")
        if spec.format not in ("auto", "whole", "search_replace", "udiff", "patch"):
            raise BadConfig(
                f"{NAME}: {at}.format: {spec.format!r} is unknown", hint="auto, whole, search_replace, udiff or patch"
            )
        _check_range(f"{at}.max_output_tokens", spec.max_output_tokens, 1)
        _check_range(f"{at}.timeout_s", spec.timeout_s, 0.001)
        _check_range(f"{at}.retries", spec.retries, 0)
        _check_range(f"{at}.temperature", spec.temperature, 0)
    _check_range("generate.jobs", config.generate.jobs, 1)
    _check_range("generate.repairs", config.generate.repairs, 0)
    _check_range("generate.max_cost_usd", config.generate.max_cost_usd or 0, 0)
    _check_range("diff.context_lines", config.diff.context_lines, 0)
    _check_range("context.summary_tokens", config.context.summary_tokens, 0)
    _check_range("context.budget_tokens", config.context.budget_tokens, 1)


def _check_range(place: str, value: float, least: float) -> None:
    if not value >= least or value == float("inf"):  # a NaN is refused too
        raise BadConfig(f"{NAME}: {place} is {value}", hint=f"write a number, {least:g} or more")
