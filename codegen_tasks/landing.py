"""Lands a ready diff on the working tree and takes it back. It believes only what it has compared."""

import re
from collections.abc import Collection

import msgspec

from codegen_tasks.apply import apply_changes, unapply
from codegen_tasks.config import Config
from codegen_tasks.diff import make_patch
from codegen_tasks.errors import BadConfig, BadPlan, BaseMoved, MissingOutputs
from codegen_tasks.files import Snapshot
from codegen_tasks.pipeline import Places
from codegen_tasks.plan import Tree, check_name
from codegen_tasks.records import Blob, FileChange, decode, digest
from codegen_tasks.signals import Ready, ReadyFile
from codegen_tasks.worktree import Worktree
from codegen_tasks.worktree.names import matcher

_FRAGMENTS = re.compile(rb"^(?=diff --git )", re.MULTILINE)  # no line of a hunk begins so
_AGAIN = "run `doit codegen`, look at the diff, and apply again"


def check_allowed(config: Config, yes: bool) -> None:
    """Refuses to write to the working tree unless the user said so. Raises BadConfig."""
    if not (config.apply.enabled or yes):
        hint = "say --yes, or set apply.enabled to true in codegen.yaml"
        raise BadConfig("apply and unapply write to the working tree, which is not enabled", hint=hint)


def land(
    places: Places, config: Config, planned: Collection[str], worktree: Worktree, snapshot: Snapshot
) -> tuple[str, ...]:
    """Applies code/diff.patch: all of it or nothing. Returns the paths that were written.

    code/ may come from elsewhere and name any path: only those of the plan, or of scope.allow, are believed.
    Raises MissingOutputs without a ready diff of this plan, BaseMoved naming each file whose pre-image is another now.
    """
    ready, patch = _ready(places, snapshot)
    for file in ready.files:
        _judge(file, places, config, planned, worktree)
    changes = [_change(file, places, worktree, snapshot) for file in ready.files]
    fragments = {change.path: _fragment(change, worktree.prefix, config.diff.context_lines) for change in changes}
    named = set(_FRAGMENTS.split(patch))
    moved = [path for path, fragment in fragments.items() if fragment not in named]
    if moved:
        names = "\n  ".join(moved)
        raise BaseMoved(
            f"nothing was written: these files are not what the diff was made from:\n  {names}", hint=_AGAIN
        )
    todo = [change for change in changes if fragments[change.path]]
    apply_changes(places.root, changes, places.state / "journal")
    return tuple(change.path for change in todo)


def _fragment(change: FileChange, prefix: str, context_lines: int) -> bytes:
    return make_patch([FileChange(prefix + change.path, change.before, change.after)], context_lines)


def take_back(places: Places) -> tuple[str, ...]:
    """Undoes the last `land`, to the byte. Returns its paths. Raises BaseMoved."""
    return unapply(places.root, places.state / "journal")


def _ready(places: Places, snapshot: Snapshot) -> tuple[Ready, bytes]:
    try:
        ready = decode(snapshot.read(places.ready) or b"", Ready)
    except msgspec.MsgspecError:
        raise MissingOutputs("there is no ready diff", hint="run `doit codegen` first") from None
    patch = snapshot.read(places.patch)
    if patch is None or digest(patch) != ready.diff.sha256:
        raise MissingOutputs("code/diff.patch is not the one that ready.json names", hint=_AGAIN)
    return ready, patch


def _judge(file: ReadyFile, places: Places, config: Config, planned: Collection[str], worktree: Worktree) -> None:
    allowed = file.path in planned or any(matcher(pattern)(file.path) for pattern in config.scope.allow)
    try:
        check_name(file.path, "code/ready.json")
        Tree(places.root).check(file.path, "code/ready.json")
        trouble = "" if allowed and not worktree.is_own(file.path) else "is not planned"
    except BadPlan as error:
        trouble = error.message
    if not trouble and file.mode not in (None, "100644", "100755"):
        trouble = f"has mode {file.mode}"
    if trouble:
        raise MissingOutputs(f"nothing was written: code/ready.json: {file.path!r} {trouble}", hint=_AGAIN)


def _change(file: ReadyFile, places: Places, worktree: Worktree, snapshot: Snapshot) -> FileChange:
    now = worktree.read(file.path, "the working tree")
    if file.sha256 is None:
        return FileChange(file.path, now, None)
    data = snapshot.read(places.result(file.path))
    if data is None or digest(data) != file.sha256:
        raise MissingOutputs(f"code/files/{file.path} is not the one that ready.json names", hint=_AGAIN)
    return FileChange(file.path, now, Blob(data, int(file.mode or "100644", 8)))
