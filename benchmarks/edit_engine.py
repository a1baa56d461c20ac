"""The engine in the shape that scorers ask for: a reply and texts in, the new texts of changed files out.

The wall and the syntax gate stay out: what is scored is where an edit goes, also when what it writes makes no sense.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits.apply import place_replies
from codegen_tasks.text import decode, encode


def apply(reply: str, files: dict[str, str]) -> dict[str, str | None]:
    """The whole new text of every file the reply changes (None: deleted). Raises when it cannot be applied safely."""
    before = {path: decode(text.encode()) for path, text in files.items()}
    made, _ = place_replies([reply], before)
    changed = {path: result.text for path, result in made.items() if result.text != before.get(path)}
    return {path: None if text is None else encode(text).decode() for path, text in changed.items()}
