"""Tasks in words become planned files: each path a task names, and what it says of it. It guesses no path."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from codegen_tasks.errors import BadPlan
from codegen_tasks.plan import check_name, parse_files
from codegen_tasks.start.sources import Source, Task

_QUOTED = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(
    r"(?<![\w/@:.\\-])(?:\./)?((?:[\w.@+-]+/)+[\w.@+-]*\w|\.?[\w@+-]+(?:\.[\w-]+)*\.[A-Za-z]\w{0,9})(?![\w(])"
)
_BARE = re.compile(
    r"(?<![\w/.-])(Makefile|Dockerfile|Gemfile|Rakefile|Procfile|Jenkinsfile|LICENSE|CMakeLists\.txt|go\.mod"
    r"|\.[a-z]+(?:rc|ignore|attributes|config|\.example)(?:\.\w+)?)(?![\w/-])"
)
_PRODUCT = re.compile(r"[A-Z]\w*\.(?:js|io|ai|net|NET)")  # Node.js, Socket.io: no files
_LABEL = re.compile(r"^(?:\*\*)?(?:(?:T|TASK-?)?\d+(?:\.\d+)*[.:)]?(?:\*\*)?\s+)?(?:\[[A-Z0-9 ]+\]\s*)*", re.IGNORECASE)
_REMOVES = re.compile(r"^\W*(?:delete|remove|drop)\b(.*?)(?:\b(?:from|in|of|for|on|at)\b|$)", re.IGNORECASE)
_HEADER = re.compile(
    r"^(?:--- (?:a/)?(?P<old>[^\t\n]+).*\n\+\+\+ (?:b/)?(?P<new>[^\t\n]+).*|diff --git a/(?P<from>.+?) b/(?P<to>.+))$",
    re.MULTILINE,
)
SOURCE = frozenset(
    (
        "xaml csproj sln razor py pyi ts tsx js jsx mjs cjs go rs java kt kts scala swift c h cc cpp cxx hpp cs "
        "fs rb php pl lua sh bash zsh fish ps1 sql html css scss sass less vue svelte astro json jsonc yaml yml "
        "toml ini cfg conf env xml md mdx rst txt proto graphql gql tf hcl nix dart ex exs erl hs ml clj r jl m "
        "mm zig gradle properties lock csv ipynb svg feature prisma sol vb bat cmake mk dockerfile tmpl j2 jinja "
        "ejs hbs erb"
    ).split()
)  # endings of files that plans speak of  # fmt: skip


@dataclass
class Placed:
    """A file that tasks name: what they say of it, in their order."""

    path: str
    intent: str
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Imported:
    """The plan. `unplaced` are tasks from which no path could be taken, with the reason."""

    files: tuple[Placed, ...]
    unplaced: tuple[tuple[Task, str], ...]

    def json(self, schema: str = "") -> str:
        """plan.files.json, which `parse_files` has accepted. Raises BadPlan where nothing is planned."""
        entries = [
            {"path": f.path, "intent": f.intent, "summary": _shortened("; ".join(dict.fromkeys(f.said)))}
            for f in self.files
        ]
        text = (
            json.dumps({**({"$schema": schema} if schema else {}), "files": entries}, indent=2, ensure_ascii=False)
            + "\n"
        )
        parse_files(text.encode())
        return text


def plan_files(source: Source, existing: Collection[str]) -> Imported:
    """The planned files of a source. `existing` are the paths of the repository: a name alone stands for the only file
    of that name, and whether a file is to be created or updated is what the repository says."""
    if source.kind == "a unified diff":
        return _of_diff(source.text)
    known = _Known(existing, source.own)
    placed: dict[str, Placed] = {}
    unplaced: list[tuple[Task, str]] = []
    for task in source.tasks:
        text = _LABEL.sub("", task.text).strip()
        found, why = known.paths_in(task.text)
        for path in found:
            intent = known.intent(path, text)
            if intent is None:
                why = f"{path} is to be removed, but it is not there"
                continue
            placed.setdefault(path, Placed(path, intent)).said.append(text)
        if not found or why:
            unplaced.append((task, why or "it names no file"))
    return Imported(tuple(placed.values()), tuple(unplaced))


class _Known:
    """The paths of the repository and how words refer to them."""

    def __init__(self, existing: Collection[str], own: Collection[str]) -> None:
        self._existing = frozenset(existing)
        self._folders = frozenset(path.rpartition("/")[0] for path in existing)
        self._own = frozenset(own)
        self._by_name: dict[str, list[str]] = {}
        for path in existing:
            self._by_name.setdefault(path.rpartition("/")[2], []).append(path)

    def intent(self, path: str, text: str) -> str | None:
        """What becomes of a path. None: it should go and is not there."""
        removed = _REMOVES.match(text)
        removes = removed is not None and path.rpartition("/")[2] in removed[1]
        if path in self._existing:
            return "delete" if removes else "update"
        return None if removes else "create"

    def paths_in(self, text: str) -> tuple[list[str], str]:
        """The paths a task names, and why something that looks like one was not taken."""
        found, why = dict[str, None](), ""
        for name, quoted in _candidates(text, self._existing):
            path, reason = self._resolve(name, quoted)
            if path:
                found[path] = None
            why = why or reason
        return list(found), "" if found else why

    def _resolve(self, name: str, quoted: bool) -> tuple[str, str]:
        if name in self._existing:
            return name, ""
        if name.endswith("/"):
            return "", f"{name!r} looks like a folder: name the files"
        last = name.rpartition("/")[2]
        if last in self._own and "/" not in name:
            return "", ""
        if re.search(r"[\[\]<>{}*?]|\.\.\.", name):
            return "", f"{name!r} is a pattern, not a path"
        ending = [path for path in self._by_name.get(last, ()) if path.endswith(f"/{name}")]
        if len(ending) == 1:
            return ending[0], ""
        if len(ending) > 1:
            return "", f"{name!r} may be any of {', '.join(sorted(ending)[:3])}"
        return self._new(name, last, quoted)

    def _new(self, name: str, last: str, quoted: bool) -> tuple[str, str]:
        named = _BARE.fullmatch(last) is not None
        if "/" not in name and not quoted and not named:
            known = last.rpartition(".")[2].lower() in SOURCE and not _PRODUCT.fullmatch(last)
            return "", f"{name!r} is not there: say in which folder it is to be" if known else ""
        if not named and ("." not in last or last.rpartition(".")[2].lower() not in SOURCE):
            folder = name in self._folders or (quoted and "/" in name and "." not in last)
            return "", f"{name!r} looks like a folder: name the files" if folder else ""
        try:
            check_name(name, "this")
        except BadPlan as error:
            return "", error.message
        return name, ""


def _candidates(text: str, existing: Collection[str]) -> Iterator[tuple[str, bool]]:
    """What looks like a path or, in backquotes, is one, and whether it stands in these; never part of an address."""
    rest = re.sub(
        r"\w+://\S+|\[[^\]]*\]\(([^)]+)\)", lambda m: f" {m[1]} " if m[1] and "://" not in m[1] else " ", text
    )
    for quoted in _QUOTED.finditer(rest):
        name = re.sub(r":\d+(?:[-:]\d+)?$", "", quoted[1].strip()).removeprefix("./")
        if name in existing or _is_like_a_path(name):
            yield name, True
    rest = _QUOTED.sub(" ", rest)
    for pattern in (_PATH, _BARE):
        yield from ((found[1].removeprefix("./"), False) for found in pattern.finditer(rest))


def _is_like_a_path(name: str) -> bool:
    """Whether what stands in backquotes is a file, a folder or a pattern by its looks."""
    if name.endswith("/") and "/" in name[:-1]:
        return True
    shapes = _PATH.fullmatch(name) or _BARE.fullmatch(name) or re.search(r"\w/.*[\[{<*]", name)
    return bool(shapes) and not re.search(r"\s", name)


def _of_diff(text: str) -> Imported:
    placed: dict[str, Placed] = {}
    for header in _HEADER.finditer(text):
        old, new = header["old"] or header["from"], header["new"] or header["to"]
        path = old if new == "/dev/null" else new
        after = text[header.end() : header.end() + 200]
        if header["from"] and re.match(r"\n(?:old mode.*\n|new mode.*\n|index.*\n)*--- ", after):
            continue
        intent = "create" if old == "/dev/null" or "\nnew file mode" in after.split("\ndiff ")[0] else "update"
        if new == "/dev/null" or "\ndeleted file mode" in after.split("\ndiff ")[0]:
            intent = "delete"
        known = placed.setdefault(path, Placed(path, intent))
        if intent != "update":
            known.intent = intent
        if header["from"] and old != new and f"\nrename from {old}" in after:
            placed.setdefault(old, Placed(old, "delete"))
    return Imported(tuple(placed.values()), ())


def plan_text(source: Source, files: Sequence[Placed]) -> str:
    """plan.md: the source's own words; a diff, file by file."""
    if source.kind != "a unified diff":
        return source.text if source.text.lstrip().startswith("#") else f"# {source.title}\n\n{source.text}"
    names = "\n".join(f"- `{file.path}`" for file in files)
    return f"# {source.title}\n\nSay here what the change is for. It was taken from a diff of these files:\n\n{names}\n"


def _shortened(text: str, most: int = 400) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
