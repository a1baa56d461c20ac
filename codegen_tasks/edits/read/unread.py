"""What looks like an edit in a reply that holds none that can be read, and the form that is wanted. Knows no files."""

import re

_BLOCK = "a block begins with `<<<<<<< SEARCH`, is divided by `=======`, ends with `>>>>>>> REPLACE`, below its path"
_DIFF = "a diff has the lines `--- path` and `+++ path`, then `@@`, then rows behind a space, `-` or `+`"
_PATCH = "a patch begins with `*** Begin Patch`, then `*** Update File: path`, and ends with `*** End Patch`"
_FILE = "a whole file stands in a fence of three backticks, its path alone in the line above"
_SHAPES = (
    (re.compile(r"^\s*(?:<{3,}|>{3,}|={5,}|\[?(?:SEARCH|REPLACE|ORIGINAL|UPDATED)\]?:?$)", re.MULTILINE), _BLOCK),
    (re.compile(r"^\s*\*{2,3} ?\w+ (?:Patch|File)\b", re.MULTILINE | re.IGNORECASE), _PATCH),
    (re.compile(r"^\s*(?:@@|[-+]{3} \S|diff |index \w+\.\.)", re.MULTILINE), _DIFF),
    (re.compile(r"^\s*(?:%?s/.+/.*/\w*|\d+(?:,\d+)?[acd]\d*(?:,\d+)?|:\d+,\d+ *[a-z])$", re.MULTILINE), _DIFF),
    (re.compile(r"^.*\blines? \d+.*:$", re.MULTILINE | re.IGNORECASE), _BLOCK),
    (re.compile(r"^[+-](?![+-])\s*\S.*$", re.MULTILINE), _DIFF),
    (re.compile(r"^\s*<\w[\w-]*(?:\s[^<>]*)?>", re.MULTILINE), _FILE),
    (re.compile(r"^\s*[\[{]\s*\"", re.MULTILINE), _FILE),
    (re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE), _FILE),
)
SEEN = "it holds no file and no edit that can be read, but the line `{}`: {}"
WIDTH = 80  # characters of the line that are shown


def unread(reply: str) -> str:
    """What is seen and what is wanted instead; "" where nothing in the reply looks like an edit."""
    for shape, wanted in _SHAPES:
        if found := shape.search(reply):
            line = reply[found.start() :].lstrip("\n").partition("\n")[0].strip()
            return SEEN.format(line[:WIDTH], wanted)
    return ""
