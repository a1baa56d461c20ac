"""Which file is each operation for, or none? It knows the paths that exist and what they hold; it places nothing."""

from codegen_tasks.edits.resolve.claims import Claim, Fault, without_corrected
from codegen_tasks.edits.resolve.targets import Aim

__all__ = ["Aim", "Claim", "Fault", "without_corrected"]
