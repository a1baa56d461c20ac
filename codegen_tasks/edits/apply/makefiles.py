"""A whole makefile as make can read it: the commands under a rule begin with a tab. Knows no other language."""

import re
from pathlib import PurePosixPath

_NAMES = {"makefile", "gnumakefile"}
_RULE = re.compile(r"[^\s#=][^=#]*:(?!=)")


def with_tabs(path: str, content: str) -> str:
    """The content with a tab for the spaces before each command; what is no makefile comes back as it is."""
    file = PurePosixPath(path.lower())
    if (file.name not in _NAMES and file.suffix != ".mk") or ".RECIPEPREFIX" in content:
        return content
    lines, under_rule, width = content.split("\n"), False, 0
    for number, line in enumerate(lines):
        goes_on = number > 0 and lines[number - 1].endswith("\\")
        if line.startswith(" ") and line.strip() and under_rule and (width or not goes_on):
            width = width or len(line) - len(line.lstrip(" "))
            lines[number] = "\t" + (line[width:] if not line[:width].strip() else line.lstrip(" "))
        elif line.strip() and not goes_on:
            under_rule, width = line.startswith("\t") or bool(_RULE.match(line)), 0
    return "\n".join(lines)
