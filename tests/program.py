"""A program in a model's place: it answers from the question alone and keeps every question it was asked."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCRIPT = r"""#!/bin/sh
asked=$(mktemp "$1/asked.XXXXXX")
cat > "$asked"
sum=$(cksum < "$asked" | cut -d' ' -f1)
awk -v sum="$sum" '
  /^## Write these files/ { on = 1; delete paths; count = 0; next }
  on && /^- / { paths[++count] = substr($0, 3) }
  END { for (i = 1; i <= count; i++) printf "%s\n```\n# answer %s\n# for %s\n```\n\n", paths[i], sum, paths[i] }
' "$asked"
"""


class Program:
    """The program's files lie in `folder`; several task directories may ask the same one."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.script = folder / "answer.sh"
        self.script.write_text(SCRIPT)
        self.script.chmod(0o755)

    def settings(self, **more: Any) -> str:
        """A codegen.yaml that asks it, and these settings besides."""
        link: Mapping[str, Any] = {
            "command": [str(self.script), str(self._folder)], "format": "whole", "retries": 0, "timeout_s": 60,
        }  # fmt: skip
        return json.dumps({"roles": {"codegen": [link]}, **more})

    @property
    def asked(self) -> list[str]:
        """All questions so far, in no order."""
        return [path.read_text() for path in self._folder.glob("asked.*")]

    def in_order(self) -> list[str]:
        """All questions so far, the first one first."""
        paths = sorted(self._folder.glob("asked.*"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_text() for path in paths]
