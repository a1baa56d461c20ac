"""How far the estimate of tokens lies above real tokenizers over the text files of folders: exact divided by estimate.

python benchmarks/context_tokens.py FOLDER...
"""

import os
import random
import sys
from importlib.util import find_spec
from pathlib import Path

from codegen_tasks.context.budget import estimate, tokenizer

ENDINGS = {".py", ".ts", ".tsx", ".js", ".go", ".rs", ".java", ".md", ".rst", ".txt", ".json", ".yml", ".toml", ".html",
           ".css", ".po", ".sh", ".sql"}  # fmt: skip


def claude():  # type: ignore[no-untyped-def] # a library without types
    from tokenizers import Tokenizer

    spec = find_spec("litellm")
    folder = Path(spec.origin).parent / "litellm_core_utils" / "tokenizers"
    found = Tokenizer.from_file(str(folder / "anthropic_tokenizer.json"))
    return lambda text: len(found.encode(text).ids)


def main() -> None:
    files = [Path(at) / name for root in sys.argv[1:] for at, _, names in os.walk(root) for name in names]
    files = sorted(file for file in files if file.suffix in ENDINGS and ".git" not in file.parts)
    random.Random(1).shuffle(files)
    texts = []
    for file in files[:600]:
        try:
            texts.append(file.read_text(encoding="utf-8")[:20_000])
        except (UnicodeDecodeError, OSError):
            continue
    texts = [text for text in texts if len(text) > 200]
    print(f"{len(texts)} files{'':8}  median    p95    max")
    for name, count in (("cl100k", tokenizer("cl100k_base")), ("o200k", tokenizer("o200k_base")), ("claude", claude())):
        ratios = sorted(count(text) / estimate(text) for text in texts)
        print(f"{name:16}{ratios[len(ratios) // 2]:9.2f}{ratios[int(len(ratios) * 0.95)]:7.2f}{ratios[-1]:7.2f}")


if __name__ == "__main__":
    main()
