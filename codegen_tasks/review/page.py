"""Material becomes one self-contained page. All it says comes from artefacts; what they hold is data, never markup."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from codegen_tasks.review.graph import draw
from codegen_tasks.review.material import Asked, Earlier, Material
from codegen_tasks.review.origins import hand_written
from codegen_tasks.review.patches import FilePatch, Hunk, read_patch
from codegen_tasks.signals import ReadyFile
from codegen_tasks.text import seen

_FOLDERS = (Path(__file__).parent.parent / "templates", Path(__file__).parent.parent.parent / "templates")
_SIGNS = {" ": 0, "+": 1, "-": 2}


def make_page(material: Material) -> bytes:
    """The page, UTF-8. The same material gives the same bytes."""
    files = read_patch(material.patch)
    told = _told(material, files)
    text = _environment().get_template("review.html.j2").render(
        m=material, files=told, units=material.units, graph=_graph(material), checks=_checks(material),
        earlier=[_earlier(attempt, material) for attempt in material.earlier], totals=_totals(material, files),
        data=_script([file["body"] for file in told] + [body for e in material.earlier for body in _bodies(e)]),
    )  # fmt: skip
    return bytes(text.encode("utf-8", "replace"))


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = next(folder for folder in _FOLDERS if folder.is_dir())
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"markdown": _markdown, "money": _money, "number": "{:,}".format, "text": _as_text}
    return made


def _shown(value: object) -> object:
    """Every value that the template prints, markup of our own apart."""
    return seen(value) if type(value) is str else value


def _as_text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _markdown(text: str) -> Any:
    """A section of the plan, without HTML, images or links of its own."""
    from markdown_it import MarkdownIt

    plain = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link", "autolink"])
    return Markup(plain.render(seen(text)))  # noqa: S704 (the renderer escapes; HTML is off)


def _money(cost: float | None) -> str:
    return "price not known" if cost is None else f"${cost:.4f}".rstrip("0").rstrip(".") if cost else "$0"


def _script(bodies: Sequence[Any]) -> Any:
    """Data for a script element: no `<` can end it, no line end is special."""
    text = json.dumps(bodies, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 (nothing in it can be markup any more)


def _graph(material: Material) -> Markup:
    return Markup(seen(draw(material.units)))  # noqa: S704 (draw escapes names)


def _told(material: Material, files: Sequence[FilePatch]) -> list[dict[str, Any]]:
    """A dict a file: what the template shows, and the `body` that the script draws."""
    known = {file.path: file for file in _published(material)}
    unit_of = {path: unit for unit in material.units for path in unit.paths}
    told = []
    for number, file in enumerate(files):
        facts = known.get(file.path)
        by_hand = hand_written(material.generated.get(file.path), material.contents.get(file.path, b""))
        notes = [note for note in _diagnostics(material) if note.path == file.path]
        told.append({
            "number": number, "folder": file.path.rpartition("/")[0], "name": file.path.rpartition("/")[2],
            "path": file.path, "op": file.op, "modes": file.modes, "binary": file.binary,
            "added": file.count("+"), "removed": file.count("-"), "facts": facts, "unit": unit_of.get(file.path),
            "notes": notes, "hand": len(by_hand),
            "body": _body(file, by_hand),
        })  # fmt: skip
    return told


def _published(material: Material) -> tuple[ReadyFile, ...]:
    source = material.ready or material.manifest
    return source.files if source else ()


def _diagnostics(material: Material) -> tuple[Any, ...]:
    source = material.ready or material.manifest
    return source.diagnostics if source else ()


def _body(file: FilePatch, by_hand: frozenset[int]) -> list[Any]:
    """The name that tells the language, then a list a hunk: its heading and its lines as [sign, old, new, text, marks].

    Marks: 1 for a line that a person wrote, 2 for one without a line end.
    """
    return [file.path.rpartition("/")[2], *([_head(hunk), *_lines(hunk, by_hand)] for hunk in file.hunks)]


def _head(hunk: Hunk) -> str:
    return f"line {hunk.new or hunk.old}{'  ' + hunk.heading if hunk.heading else ''}"


def _lines(hunk: Hunk, by_hand: frozenset[int]) -> Iterator[list[Any]]:
    for line in hunk.lines:
        marks = (line.sign == "+" and line.new in by_hand) + 2 * (not line.ended)
        yield [_SIGNS[line.sign], line.old, line.new, line.text, marks]


def _bodies(attempt: Earlier) -> list[list[Any]]:
    return [_body(file, frozenset()) for file in read_patch(attempt.patch)]


def _earlier(attempt: Earlier, material: Material) -> dict[str, Any]:
    """An attempt beside today's: which of its files read otherwise now."""
    now = {file.path: file.sha256 for file in _published(material)}
    paths = sorted({*now, *attempt.digests})
    return {
        "number": attempt.number, "kind": attempt.kind, "files": read_patch(attempt.patch),
        "other": [path for path in paths if now.get(path) != attempt.digests.get(path)], "all": len(paths),
    }  # fmt: skip


def _checks(material: Material) -> list[dict[str, Any]]:
    """Name, verdict, how many tests came out how, those that did not just pass, and the log."""
    told = []
    for check in (material.checks or {}).get("checks", ()):
        results = check.get("results") or {}
        told.append({
            "name": check["name"], "verdict": check["verdict"], "reason": check.get("reason") or "",
            "counts": {word: count for word, count in (check.get("tests") or {}).items() if count},
            "results": {test: word for test, word in results.items() if word != "passed"},
            "log": material.logs.get(check["name"], ""),
        })  # fmt: skip
    return told


def _totals(material: Material, files: Sequence[FilePatch]) -> dict[str, int]:
    asked: Sequence[Asked] = [unit for unit in material.units if unit.state == "asked"]
    stored = [unit for unit in material.units if unit.state == "stored"]
    return {
        "files": len(files), "added": sum(file.count("+") for file in files), "asked": len(asked),
        "removed": sum(file.count("-") for file in files), "stored": len(stored), "units": len(material.units),
        "masked": sum(unit.masked for unit in material.units),
    }  # fmt: skip
