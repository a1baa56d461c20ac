"""File changes become one patch that `git apply` accepts, and back. It knows bytes and modes, no disk and no git."""

from codegen_tasks.diff.patch import Fragments, Patch, make_patch

__all__ = ["Fragments", "Patch", "make_patch"]
