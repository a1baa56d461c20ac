"""What a run that had nothing to do has looked at: the files and folders that tell the next one whether it has, too."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from codegen_tasks.config import Config
from codegen_tasks.directory import own_names
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.places import Places
from codegen_tasks.records import LINK
from codegen_tasks.unchanged import Looked
from codegen_tasks.worktree import find_root


def looked_at(phase: Phase, others: Iterable[Path | str]) -> Looked | None:
    """All of it, and `others` besides. None where more decides than the state of some files: what a tree holds that
    checks run on, what would be shown now, another machine, a link, rules of git that lie elsewhere.
    """
    config, places, tools = phase.config, phase.places, phase.tools
    linked = any(base.now is not None and base.now.mode == LINK for base in phase.bases.values())
    patterns = {pattern for file in phase.plan.files for pattern in file.context}
    deciding = tools.worktree.deciding(patterns) if patterns else set[Path]()
    listed = tools.worktree.was_listed and (not patterns or bool(phase.accepted))
    if linked or listed or deciding is None or _hangs_on_more(config) or _passes_links(config, places):
        return None
    originals = {str(places.original(path)): base.now is not None for path, base in phase.bases.items()}
    plans = {str(places.task / path.name): False for path in (phase.plan_md, phase.plan_files)}
    known = {**plans, **originals, **tools.snapshot.looked, **tools.store.looked}
    folders = [*_folders(places), *_beside_new(places, (path for path, there in originals.items() if not there))]
    ours = [places.state / name for name in ("attempts", "doit.json", ".gitignore")] + [places.code / ".gitignore"]
    named = [
        places.original(stray.path) for stray in phase.plan.strays if stray.in_text
    ]  # what is there needs no warning
    seen = [*map(str, (*ours, *named, *tools.worktree.commit_files(), *deciding, *others)), *folders]
    files = {path: os.path.lexists(path) for path in seen} | known
    around = {str(folder / name) for folder in _around(places) for name in (".git", "HEAD", "objects", "refs")}
    around |= {str(path.parent / ".git") for path in deciding if path.name == ".gitignore"}
    marks = (places.task / "__pycache__" / ".gitignore", places.attempts(tools.store).aside)
    return Looked(files, {*around, *map(str, (*own_names(places.task), *marks))}, (str(places.task), str(places.root)))


def _hangs_on_more(config: Config) -> bool:
    remote = config.store.remote is not None and not config.store.offline
    return remote or bool(config.check.commands) or config.context.ambient == "live"


def _passes_links(config: Config, places: Places) -> bool:
    """Whether the folders that the settings name are reached by way of links."""
    repo = config.repo or "."
    named = (places.task / config.store.path, places.task / repo, find_root(places.task, None) / repo)
    return any(os.path.realpath(path) != os.path.normpath(path) for path in named)


def _around(places: Places) -> set[Path]:
    """The folders in which a repository was looked for."""
    return {place for folder in (places.task, places.root) for place in (folder, *folder.parents)}


def _folders(places: Places) -> Iterator[str]:
    """The folders of code/ whose names are compared with those of the plan."""
    yield str(places.code)
    for top in (places.files, places.contexts, places.replies):
        yield from (folder for folder, _, _ in os.walk(top))


def _beside_new(places: Places, absent: Iterable[str]) -> set[str]:
    """The folders that were searched for names which differ from those of new files only by case."""
    found = set[str]()
    for path in absent:
        folder = os.path.dirname(path)  # noqa: PTH120 (for each file of a plan)
        while folder != str(places.root) and not os.path.isdir(folder):  # noqa: PTH112 (as above)
            folder = os.path.dirname(folder)  # noqa: PTH120 (as above)
        found.add(folder)
    return found
