"""Changes go to the working tree and come back, whole or not at all. It knows no git: the index is never touched."""

from codegen_tasks.apply.turn import apply_changes, recover, unapply

__all__ = ["apply_changes", "recover", "unapply"]
