"""The first files of a task directory, with what can be found out filled in. It overwrites nothing."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from codegen_tasks.errors import BadConfig, BadPlan
from codegen_tasks.files import write_atomic, write_new
from codegen_tasks.plan import find_plan
from codegen_tasks.start.guess import Guess, guess_checks
from codegen_tasks.worktree import find_root

DODO = "from codegen_tasks.tasks import load\n\nglobals().update(load(__file__))\n"
SCHEMAS = ".codegen/schemas"
_KEYS = {
    "ANTHROPIC_API_KEY": "anthropic/claude-sonnet-4-5",
    "OPENAI_API_KEY": "openai/gpt-4.1",
    "GEMINI_API_KEY": "gemini/gemini-2.5-pro",
    "MISTRAL_API_KEY": "mistral/mistral-large-latest",
    "DEEPSEEK_API_KEY": "deepseek/deepseek-chat",
    "OPENROUTER_API_KEY": "openrouter/anthropic/claude-sonnet-4.5",
}  # the first one that is set is asked


@dataclass(frozen=True)
class Begun:
    """What was written, what was there already, and what was guessed, in words."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    said: tuple[str, ...]


def begin(folder: Path, environment: Mapping[str, str], given: Mapping[str, str] | None = None) -> Begun:
    """Writes the files of a task directory that are not there yet. `given` are their texts where they are known, by
    name. Raises BadConfig inside another task directory, and where somebody else's folder code/ is in the way."""
    root = find_root(folder if folder.is_dir() else folder.parent, None)
    _check_apart(folder, root)
    if (folder / "code").is_dir() and not (folder / "code" / ".gitignore").is_file():
        raise BadConfig(
            f"{folder.name}/code is there already, and is not ours", hint="name another folder: init FOLDER"
        )
    checks = guess_checks(root)
    key = next((name for name in _KEYS if environment.get(name)), None)
    texts = {
        "dodo.py": DODO,
        "plan.md": PLAN,
        "plan.files.json": _files([]),
        "codegen.yaml": _settings(key, checks),
        **(given or {}),
    }
    written: list[Path] = []
    kept: list[Path] = []
    for name, text in texts.items():
        (written if _write(folder / name, text) else kept).append(folder / name)
    _write_schemas(folder)
    return Begun(tuple(written), tuple(kept), tuple(_said(key, checks)))


def _check_apart(folder: Path, root: Path) -> None:
    """A task directory inside another would be part of what that one shows to models."""
    for outer in (path for path in folder.parents if path.is_relative_to(root)):
        with suppress(BadPlan):
            find_plan(outer)
            raise BadConfig(
                f"{os.path.relpath(outer)} is a task directory, and {folder.name} would lie inside of it",
                hint=f"run `doit codegen` in {os.path.relpath(outer)}, or name a folder outside of it: init FOLDER",
            )


def _write(path: Path, text: str) -> bool:
    if path.exists() or path.is_symlink():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_new(path, text.encode())
    return True


def _write_schemas(folder: Path) -> None:
    """What editors complete and check with: beside the caches, since they belong to this version."""
    from codegen_tasks.schemas import make_schemas

    _write(folder / ".codegen" / ".gitignore", "*\n")
    for name, data in make_schemas().items():
        if name.startswith(("codegen.yaml", "plan.files")):
            path = folder / SCHEMAS / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, data)


def _files(entries: Sequence[object]) -> str:
    head = {"$schema": f"{SCHEMAS}/plan.files.json.schema.json", "files": entries}
    return json.dumps(head, indent=2) + "\n"


def _said(key: str | None, checks: Sequence[Guess]) -> list[str]:
    said = [
        f"the model is {_KEYS[key]}, since {key} is set"
        if key
        else "no key of a model is set: the model is local/smollm2, the embedded one"
    ]
    said += [f"check {guess.name}: {' '.join(guess.run)}, guessed from {guess.because}" for guess in checks]
    return said if checks else [*said, "no check was guessed: name yours in codegen.yaml"]


def _settings(key: str | None, checks: Sequence[Guess]) -> str:
    """codegen.yaml: what is set stands as it is, what may be set as remarks with the defaults."""
    model = _MODEL.format(model=_KEYS[key], key=key) if key else _NO_MODEL
    told = _CHECKS + "".join(map(_check, checks)) if checks else _NO_CHECK
    return _SETTINGS.format(schema=f"{SCHEMAS}/codegen.yaml.schema.json", model=model, checks=told)


def _check(guess: Guess) -> str:
    lines = [
        f"    - name: {guess.name}            # guessed from {guess.because}",
        f"      run: {json.dumps(guess.run)}",
    ]
    lines += [f"      report: {guess.report}"] if guess.report != "none" else []
    lines += [f"      needs: {json.dumps(guess.needs)}       # ignored folders it may read"] if guess.needs else []
    return "\n".join(lines) + "\n"


PLAN = """# What is to change

Say here what is to be done and why. This part goes to every file of the plan.

## `path/of/a/file.py`

A section whose heading names a planned file goes to that file only: edit it, and only that file is asked for again.
Put the files themselves into plan.files.json: "path", and "intent" (create, update, delete).
"""
_MODEL = """    - model: {model}
      api_key_env: {key}
    # - model: openai/gpt-4.1             # asked when the first one fails: any LiteLLM name
    #   api_key_env: OPENAI_API_KEY
"""
_NO_MODEL = """    - model: local/smollm2              # the embedded model: no key, small things only
    # - model: anthropic/claude-sonnet-4-5   # any LiteLLM name
    #   api_key_env: ANTHROPIC_API_KEY       # the name of a variable; keys never stand in this file
"""
_CHECKS = "  commands:                             # run on the result, in a sandbox, before it is called ready\n"
_NO_CHECK = """  commands: []                          # none was guessed; one would be, instead of []:
    # - name: tests
    #   run: [python3, -m, pytest, -q, --junit-xml=$REPORT]
    #   report: junit
"""
_SETTINGS = """# yaml-language-server: $schema={schema}
# Every key may be left out; those that are remarks show the defaults.
roles:
  codegen:                              # asked in this order
{model}check:
{checks}  # repairs: 2                          # rounds in which failing checks go back to the model
# context: {{budget_tokens: 16000, exclude: []}}
# generate: {{unit: file, jobs: 8, max_cost_usd: null}}
# scope: {{allow: []}}                    # globs beyond the plan that may be touched
# apply: {{enabled: false}}               # true: doit apply writes without --yes
# store: {{path: .codegen/store, remote: null, offline: false}}
"""
