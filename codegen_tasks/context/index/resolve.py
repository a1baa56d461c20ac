"""Which files an import means: Python packages, Go modules, paths and workspace packages of scripts, and for other
languages whatever file its last words name. What it cannot find is somebody else's code.
"""

from __future__ import annotations  # see the package

import posixpath
import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from codegen_tasks.context.index.names import stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codegen_tasks.context.index.imports import Import

_SCRIPT_ENDINGS = (".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cjs", ".d.ts")
_MANIFESTS = 300  # of workspace packages that are looked at
_HOPS = 3  # re-exports that are followed
_FEW = 4  # files an ambiguous import may mean


class Resolver:
    """Imports to files, for one listing. `paths` are the code files, `others` all files, manifests among them."""

    def __init__(self, root: Path, paths: Mapping[str, int], others: Sequence[str]) -> None:
        self._root = root
        self._paths = paths
        self._others = others

    def resolve(self, path: str, found: Import) -> tuple[str, ...]:
        """The files that an import of the file `path` may mean; for names of a Python package, its modules too."""
        ending = posixpath.splitext(path)[1]
        if ending in (".py", ".pyi"):
            return self._python(path, found)
        if ending == ".go":
            return self._go(found.module)
        if ending in _SCRIPT_ENDINGS:
            return self._script(posixpath.dirname(path), found.module)
        return self._other(found.module)

    def siblings(self, path: str) -> Sequence[str]:
        """The code files of a file's folder, itself included."""
        return self._folders.get(posixpath.dirname(path), ())

    def called(self, name: str) -> Sequence[str]:
        """The code files of this name, whatever their endings and whatever marks them as tests."""
        return [path for path in self._paths if name in path and stem(path) == name]

    def sources(self, name: str, files: Iterable[str], imports: Mapping[str, Sequence[Import]]) -> set[str]:
        """The files from which `name` comes when it is imported from `files`: re-exports are followed."""
        seen, now = set(files), list(files)
        for _ in range(_HOPS):
            after = []
            for path in now:
                for found in imports.get(path, ()):
                    if name in found.names or "*" in found.names:
                        after += [p for p in self.resolve(path, found) if p not in seen]
                        seen.update(after)
            now = after
        return seen

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        folders: dict[str, list[str]] = defaultdict(list)
        for path in self._paths:
            folders[path.rpartition("/")[0]].append(path)
        return folders

    @cached_property
    def _python_roots(self) -> tuple[str, ...]:
        """Folders from which packages are imported: those of outermost packages, and the usual ones."""
        packages = {path[: -len("/__init__.py")] for path in self._paths if path.endswith("/__init__.py")}
        outermost = {posixpath.dirname(package) for package in packages} - packages
        return tuple(sorted({"", "src", "lib", *outermost}, key=lambda root: (root.count("/"), root)))

    def _python(self, path: str, found: Import) -> tuple[str, ...]:
        module, folder = found.module, posixpath.dirname(path)
        if module.startswith("."):
            rest = module.lstrip(".")
            for _ in range(len(module) - len(rest) - 1):
                folder = posixpath.dirname(folder)
            return self._modules([posixpath.join(folder, rest.replace(".", "/")).rstrip("/")], found.names)
        spelled = module.replace(".", "/")
        bases = [posixpath.join(root, spelled) for root in dict.fromkeys((*self._python_roots, folder))]
        return self._modules(bases, found.names)

    def _modules(self, bases: list[str], names: Sequence[str]) -> tuple[str, ...]:
        for base in bases:
            whole = [p for p in (f"{base}.py", f"{base}/__init__.py", f"{base}.pyi") if p.lstrip("/") in self._paths]
            parts = [
                p for n in names for p in (f"{base}/{n}.py", f"{base}/{n}/__init__.py") if p.lstrip("/") in self._paths
            ]
            if whole or parts:
                return tuple(p.lstrip("/") for p in (*whole, *parts))
        return ()

    @cached_property
    def _go_modules(self) -> list[tuple[str, str]]:
        texts = {posixpath.dirname(path): self._text(path) for path in self._named("go.mod")}
        found = ((re.search(r"^module\s+(\S+)", text, re.MULTILINE), folder) for folder, text in texts.items())
        return sorted(((match[1], folder) for match, folder in found if match), key=lambda pair: -len(pair[0]))

    def _go(self, module: str) -> tuple[str, ...]:
        for prefix, folder in self._go_modules:
            if module == prefix or module.startswith(f"{prefix}/"):
                below = posixpath.join(folder, module[len(prefix) + 1 :]).rstrip("/")
                return tuple(p for p in self._folders.get(below, ()) if not p.endswith("_test.go"))
        if self._go_modules:
            return ()
        parts = module.split("/")  # before there were modules: a folder of GOPATH
        for start in range(1, len(parts) + 1):
            below = "/".join(parts[start:])
            if below in self._folders and (below or "." in parts[0]):
                return tuple(p for p in self._folders[below] if not p.endswith("_test.go"))
        return ()

    @cached_property
    def _packages(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in self._named("package.json"):
            if match := re.search(r'"name"\s*:\s*"([^"]+)"', self._text(path)):
                found.setdefault(match[1], posixpath.dirname(path))
        return found

    def _script(self, folder: str, module: str) -> tuple[str, ...]:
        if module.startswith("."):
            return self._script_file(posixpath.normpath(posixpath.join(folder, module)))
        if module.startswith(("@/", "~/")):
            bases = [folder[: at + 4] for at in range(len(folder)) if folder.startswith("src", at)] or ["src", ""]
            return self._first([posixpath.join(base, module[2:]) for base in bases])
        parts = module.split("/")
        for size in (2, 1):
            name = "/".join(parts[:size])
            if name in self._packages:
                at, rest = self._packages[name], "/".join(parts[size:])
                return self._first([posixpath.join(at, "src", rest), posixpath.join(at, rest)])
        return ()

    def _first(self, bases: Sequence[str]) -> tuple[str, ...]:
        return next((found for base in bases if (found := self._script_file(base.rstrip("/")))), ())

    def _script_file(self, base: str) -> tuple[str, ...]:
        if base in self._paths:
            return (base,)
        base = re.sub(r"\.(js|jsx|mjs|cjs)$", "", base)
        tried = (base + middle + ending for middle in ("", "/index") for ending in _SCRIPT_ENDINGS)
        return next(((path,) for path in tried if path in self._paths), ())

    @cached_property
    def _stems(self) -> dict[str, list[str]]:
        stems: dict[str, list[str]] = defaultdict(list)
        for path in self._paths:
            stems[stem(path)].append(path)
        return stems

    def _other(self, module: str) -> tuple[str, ...]:
        words = [word for word in re.split(r"[./:\\]+", re.sub(r"\.(h|hpp|hh|rb|php|sh)$", "", module)) if word]
        for stop in (len(words), len(words) - 1):
            if stop < 1:
                break
            tail = "/".join(words[max(0, stop - 3) : stop])
            found = [p for p in self._stems.get(words[stop - 1], ()) if posixpath.splitext(p)[0].endswith(tail)]
            if found and len(found) <= _FEW:
                return tuple(found)
        return ()

    def _named(self, name: str) -> list[str]:
        ending = f"/{name}"
        return [path for path in self._others if path == name or path.endswith(ending)][:_MANIFESTS]

    def _text(self, path: str) -> str:
        try:
            return (self._root / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
