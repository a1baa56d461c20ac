"""Stage diff: the working tree and code/files become one patch, proved by applying it. Fragments of it are kept."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from codegen_tasks.bases import Base
from codegen_tasks.context.masking import Secret, holds_secret
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.step import Step, present, results
from codegen_tasks.records import Blob, FileChange, decode
from codegen_tasks.signals import Manifest


def steps(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """code/diff.patch."""
    bases = tuple(phase.bases.values())
    files = results(phase.places, [base.path for base in bases], phase.deleted)
    yield Step(
        "diff",
        "",
        reads=(*present(phase.places, bases), *files.values(), phase.places.manifest),
        params=(
            phase.places.manifest,
            files,
            bases,
            phase.config.diff.context_lines,
            phase.tools.worktree.prefix,
        ),
        writes=phase.places.patch,
        run=partial(make_diff, kept=phase.places.state / "fragments", code=phase.code, secrets=phase.tools.secrets),
    )


def make_diff(
    blobs: Mapping[Path, bytes],
    manifest: Path,
    files: Mapping[str, Path],
    bases: Sequence[Base],
    context_lines: int,
    prefix: str,
    *,
    kept: Path,
    code: str,
    secrets: Sequence[Secret] = (),
) -> bytes:
    """The patch from the working tree to `files`, with the modes of the manifest. `prefix` stands before its paths."""
    from codegen_tasks.diff import PackedFragments, make_patch  # not on a run that has no patch to make

    modes = {file.path: file.mode for file in decode(blobs[manifest], Manifest).files}
    fragments = PackedFragments(kept, code, lambda data: not holds_secret(data.decode(errors="replace"), secrets))
    changes = [FileChange(prefix + base.path, base.now, _after(base.path, blobs, files, modes)) for base in bases]
    patch = make_patch(changes, context_lines, fragments)
    fragments.save()
    return patch


def _after(
    path: str, blobs: Mapping[Path, bytes], files: Mapping[str, Path], modes: Mapping[str, str | None]
) -> Blob | None:
    return Blob(blobs[files[path]], int(modes[path] or "", 8)) if path in files else None
