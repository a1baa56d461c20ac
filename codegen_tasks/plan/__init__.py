"""plan.md and plan.files.json become a Plan, checked once. Whoever holds a Plan may trust its paths."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from codegen_tasks.errors import BadPlan
from codegen_tasks.plan.amend import with_entries
from codegen_tasks.plan.paths import Tree, check_collisions, check_name, check_sayable, folded, kind_of
from codegen_tasks.plan.sections import parse_sections
from codegen_tasks.plan.strays import find_strays
from codegen_tasks.plan.units import build_units
from codegen_tasks.records import Intent, Plan, PlannedFile, Section
from codegen_tasks.text import not_plain_utf8

__all__ = [
    "Tree",
    "check_collisions",
    "check_name",
    "check_sayable",
    "find_plan",
    "folded",
    "kind_of",
    "parse_files",
    "parse_plan",
    "with_entries",
]

_KNOWN = frozenset(PlannedFile.__struct_fields__) - {"extra", "interfaces"}
_SHAPES = "a list, or an object with 'files' or 'file_plan'"
_ADOPT = "sha256:"


def find_plan(task: Path) -> tuple[Path, Path]:
    """Where plan.md and plan.files.json lie: in the task directory or in its planning/. Raises BadPlan."""
    return _find(task, "plan.md"), _find(task, "plan.files.json")


def _find(task: Path, name: str) -> Path:
    for path in (task / name, task / "planning" / name):
        if path.is_file():
            return path
    raise BadPlan(f"{name} is missing", hint=f"write {name} in the task directory, or planning/{name}")


def parse_plan(plan_md: bytes, plan_files: bytes, *, whole_plan: bool = False, by_section: bool = True) -> Plan:
    """The plan as records. `whole_plan`: one unit; `by_section` False: every section is for all. Raises BadPlan."""
    text = read_text(plan_md, "plan.md")
    if not text.strip():
        raise BadPlan("plan.md is empty", hint="describe the change in plan.md")
    files = parse_files(plan_files)
    paths = [file.path for file in files]
    asked = [file.path for file in files if file.adopt is None]  # to adopt a file changes nobody's question
    sections = parse_sections(text, asked) if by_section else (Section("", text, 1),)
    return Plan(sections, build_units(files, whole_plan), find_strays(sections, paths) if by_section else ())


def read_text(data: bytes, name: str) -> str:
    """Strict UTF-8 with LF or CRLF lines. Raises BadPlan with the remedy for other encodings."""
    if wrong := not_plain_utf8(data):
        raise BadPlan(f"{name}{wrong}", hint=f"save {name} as UTF-8 without a byte order mark")
    return data.decode().replace("\r\n", "\n")


def parse_files(data: bytes) -> tuple[PlannedFile, ...]:
    """The entries of plan.files.json in any of its three shapes. Raises BadPlan with line and column or JSON path."""
    name = "plan.files.json"
    entries = [_entry(value, where) for where, value in _entries(_parse_json(read_text(data, name)))]
    if not entries:
        raise BadPlan(f"{name} plans no file", hint='list at least one file, such as ["src/a.py"]')
    check_collisions((file.path for file in entries), name)
    _check_references(entries)
    return tuple(entries)


def _parse_json(text: str) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as e:
        raise BadPlan(f"plan.files.json:{e.lineno}:{e.colno}: {e.msg}", hint="mend the JSON there") from e
    except UnicodeEncodeError as e:
        half = f"\\u{ord(e.object[e.start]):04x}"
        raise BadPlan(
            f"plan.files.json: {half} is a lone surrogate, half a character", hint="write the character itself"
        ) from None
    except ValueError:
        raise BadPlan("plan.files.json: a number has thousands of digits", hint="write it as a string") from None
    except RecursionError:
        raise BadPlan("plan.files.json is nested too deeply", hint=f"plan.files.json is {_SHAPES}") from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
        raise BadPlan(f"plan.files.json: the key {twice!r} stands twice in one object", hint="keep one of them")
    return result


def _no_constant(name: str) -> Any:
    raise BadPlan(f"plan.files.json: {name} is not JSON", hint="write a number, a string or null")


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    at = "$"
    if isinstance(value, dict):
        keys = [key for key in ("files", "file_plan") if key in value]
        if len(keys) != 1:
            raise BadPlan(f"plan.files.json: $ has {' and '.join(keys) or 'no list of files'}", hint=f"write {_SHAPES}")
        at, value = f"$.{keys[0]}", value[keys[0]]
    if not isinstance(value, list):
        raise BadPlan(f"plan.files.json: {at} is {_json_type(value)}, not a list", hint=f"write {_SHAPES}")
    for i, entry in enumerate(value):
        yield f"plan.files.json: {at}[{i}]", entry


def _json_type(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _entry(value: Any, where: str) -> PlannedFile:
    if isinstance(value, str):
        value = {"path": value}
    if not isinstance(value, dict) or "path" not in value:
        raise BadPlan(f"{where} is {_json_type(value)} without a path", hint='write "src/a.py" or {"path": "src/a.py"}')
    known = {key: v for key, v in value.items() if key in _KNOWN and (v is not None or key in ("path", "intent"))}
    known |= _dependencies(known.get("depends_on"), where)
    extra = tuple((key, json.dumps(v, ensure_ascii=False)) for key, v in sorted(value.items()) if key not in _KNOWN)
    try:
        file = msgspec.convert({**known, "extra": extra}, PlannedFile)
    except msgspec.ValidationError as e:
        problem, _, at = str(e).partition(" - at `$")
        raise BadPlan(f"{where}{at.rstrip('`')}: {problem}", hint="see the schema of plan.files.json") from e
    _check_entry(file, where)
    return file


def _dependencies(value: Any, where: str) -> dict[str, list[Any]]:
    """`depends_on` as paths, and those of them that are to be seen as interfaces: objects with `path` and `see`."""
    if not isinstance(value, list):
        return {}  # its type is judged with the other fields
    paths, interfaces = [], []
    for i, each in enumerate(value):
        if isinstance(each, dict):
            at = f"{where}.depends_on[{i}]"
            _check_dependency(each, at)
            paths.append(each["path"])
            interfaces += [each["path"]] if each.get("see") else []
        else:
            paths.append(each)
    return {"depends_on": list(dict.fromkeys(paths)), "interfaces": interfaces} if interfaces else {"depends_on": paths}


def _check_dependency(value: dict[str, Any], where: str) -> None:
    hint = 'write "src/a.py", or {"path": "src/a.py", "see": "interface"}'
    if not isinstance(value.get("path"), str):
        raise BadPlan(f"{where} is an object without a path", hint=hint)
    if value.get("see") not in (None, "interface"):
        raise BadPlan(f"{where}.see: {value['see']!r} is not 'interface'", hint=hint)
    if unknown := sorted(value.keys() - {"path", "see"}):
        raise BadPlan(f"{where}: unknown field {unknown[0]!r}", hint=hint)


def _check_entry(file: PlannedFile, where: str) -> None:
    check_name(file.path, where)
    check_sayable(file.path, where)
    for pattern in file.context:
        check_name(pattern, f"{where}.context")
    if file.group is not None:
        check_name(file.group, f"{where}.group")
    if file.adopt is not None:
        digest = file.adopt.removeprefix(_ADOPT)
        if not file.adopt.startswith(_ADOPT) or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise BadPlan(
                f"{where}.adopt: {file.adopt!r} is not sha256:<64 hex digits>", hint="copy it from scope.json"
            )


def _check_references(files: list[PlannedFile]) -> None:
    paths: Mapping[str, int] = {file.path: i for i, file in enumerate(files)}
    for i, file in enumerate(files):
        for path in file.depends_on:
            if path not in paths or path == file.path:
                reason = "is the file itself" if path == file.path else "is not a planned file"
                hint = "name planned paths in depends_on; existing files go into context"
                raise BadPlan(f"plan.files.json: entry {i} ({file.path}): depends_on {path!r} {reason}", hint=hint)
        if file.group in paths:
            raise BadPlan(
                f"plan.files.json: entry {i}: group {file.group!r} is the path of a planned file",
                hint="give the group a name of its own",
            )
        if file.adopt is not None and file.intent is Intent.DELETE:
            raise BadPlan(f"plan.files.json: entry {i} ({file.path}) adopts and deletes", hint="keep one of the two")
