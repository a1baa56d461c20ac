"""File changes become one patch that `git apply` accepts, and back. It knows bytes and modes, no disk and no git."""

from codegen_tasks.diff.names import unquote
from codegen_tasks.diff.packed import PackedFragments
from codegen_tasks.diff.patch import Extent, Fragments, make_patch, measure_patch
from codegen_tasks.diff.strict import PatchError, apply_patch

__all__ = [
    "Extent",
    "Fragments",
    "PackedFragments",
    "PatchError",
    "apply_patch",
    "make_patch",
    "measure_patch",
    "unquote",
]
