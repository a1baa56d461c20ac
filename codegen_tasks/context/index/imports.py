"""What a file imports, as it is written there. Which file that means, `resolve` finds out."""

import re
from collections.abc import Callable, Iterator, Mapping

from codegen_tasks.records import Record

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_PY_FROM = re.compile(r"^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n#]+)", re.MULTILINE)
_PY_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
_PY_NOISE = re.compile(r"#[^\n]*|\bas\s+\w+")
_GO = re.compile(r'^\s*(?:import\s+)?(?:[\w.]+\s+)?"([^"\s]+)"\s*(?://.*)?$', re.MULTILINE)
_JS_FROM = re.compile(r"(?:^|[;}\n])\s*(?:import|export)\s+(?:type\s+)?([^;'\"]*?)\s*from\s+['\"]([^'\"\n]+)")
_JS_BARE = re.compile(r"(?:\brequire\s*\(|\bimport\s*\(|^\s*import)\s*['\"]([^'\"\n]+)", re.MULTILINE)
_JS_REQUIRE = re.compile(r"(?:const|let|var)\s+(\{[^}]*\}|\w+)\s*=\s*require\s*\(\s*['\"]([^'\"\n]+)")
_DOTTED = re.compile(r"^\s*(?:import|using|use)\s+(?:static\s+)?([\w.:\\]+)", re.MULTILINE)
_INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"\n]+)"', re.MULTILINE)
_RUBY = re.compile(r"^\s*require(?:_relative)?\s*\(?\s*['\"]([^'\"\n]+)", re.MULTILINE)
_PATHS = re.compile(r"^\s*(?:source|\.|require|include(?:_once)?|require_once)\s+['\"]?([\w./-]+)", re.MULTILINE)


class Import(Record, frozen=True, array_like=True, gc=False):
    """One import: the module as written, and the names taken from it; no names: the module itself, or all of it."""

    module: str
    names: tuple[str, ...] = ()


def find_imports(grammar: str, text: str) -> tuple[Import, ...]:
    """The imports of a text in the language of a grammar, in order, each once."""
    find = _FINDERS.get(grammar)
    return tuple(dict.fromkeys(find(text))) if find else ()


def _python(text: str) -> Iterator[Import]:
    for module, names in _PY_FROM.findall(text):
        yield Import(module, ("*",) if "*" in names else tuple(_WORD.findall(_PY_NOISE.sub("", names))))
    for modules in _PY_IMPORT.findall(text):
        yield from (Import(part.split()[0]) for part in modules.split(",") if part.strip())


def _go(text: str) -> Iterator[Import]:
    yield from (Import(module) for module in _GO.findall(text))


def _script(text: str) -> Iterator[Import]:
    for names, module in (*_JS_FROM.findall(text), *_JS_REQUIRE.findall(text)):
        found = tuple(word for word in _WORD.findall(names) if word not in ("type", "as", "default"))
        yield Import(module, ("*",) if names.strip() == "*" else found)
    yield from (Import(module) for module in _JS_BARE.findall(text))


def _by(pattern: "re.Pattern[str]") -> Callable[[str], Iterator[Import]]:
    return lambda text: (Import(module) for module in pattern.findall(text))


_FINDERS: Mapping[str, Callable[[str], Iterator[Import]]] = {
    "python": _python,
    "go": _go,
    **dict.fromkeys(("typescript", "tsx", "javascript"), _script),
    **dict.fromkeys(("java", "kotlin", "scala", "csharp", "rust", "swift"), _by(_DOTTED)),
    **dict.fromkeys(("c", "cpp"), _by(_INCLUDE)),
    "ruby": _by(_RUBY),
    **dict.fromkeys(("bash", "php"), _by(_PATHS)),
}
