"""The engine in the shape that scorers ask for: a reply and texts in, the new texts of changed files out.

The wall and the syntax gate stay out: what is scored is where an edit goes, also when what it writes makes no sense.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits.apply import place_replies
from codegen_tasks.records import Blob


def apply(reply: str, files: dict[str, str]) -> dict[str, str | None]:
    """The whole new text of every file the reply changes (None: deleted). Raises when it cannot be applied safely."""
    outcome = place_replies([reply], {path: Blob(text.encode()) for path, text in files.items()})
    return {c.path: None if c.after is None else c.after.data.decode() for c in outcome.changes}
