"""Files whose content was not fetched or not unlocked: what lies on disk only stands for it. It reads no file."""

import re

_LARGEST = 2048  # bytes: a stand-in is a few lines

_KINDS = (
    (
        re.compile(rb"version https?://(?:git-lfs\.github\.com|hawser\.github\.com|git-media\.io)/\S*\s+(?:.*\s)?oid "),
        "is a pointer of Git LFS, its content was not fetched",
        "run `git lfs pull`, then again",
    ),
    (
        re.compile(rb"(?:\.\./)*/?(?:\.git/)?annex/objects/\S+\s*$"),
        "is a pointer of git-annex, its content was not fetched",
        "run `git annex get` for it, then again",
    ),
    (
        re.compile(rb"#\$# git-fat [0-9a-f]{40} +\d+\s*$"),
        "is a pointer of git-fat, its content was not fetched",
        "run `git fat pull`, then again",
    ),
)
_LOCKED = ((b"\0GITCRYPT\0", "git-crypt", "git-crypt unlock"), (b"\0TRANSCRYPT\0", "transcrypt", "transcrypt"))


def stands_for(data: bytes) -> tuple[str, str] | None:
    """Why these bytes are not the file's content, and the remedy; None if they are."""
    for start, name, command in _LOCKED:
        if data.startswith(start):
            return f"is locked by {name}", f"run `{command}`, then again"
    if len(data) <= _LARGEST:
        for pattern, what, remedy in _KINDS:
            if pattern.match(data):
                return what, remedy
    return None
