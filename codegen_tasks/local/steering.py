"""A question cut down to what a very small model can answer: text that is given, and holes it fills under a grammar.

Knows how a Request words plan, files and paths; knows no model. The form of the reply is forced, its content never is:

    new file           path, fence, then free text; or the plan's skeleton with its holes filled
    file that exists   one SEARCH/REPLACE block whose SEARCH is a line of the file; or a skeleton added at its end

A skeleton is a fenced block of the plan in which a line that says `...` stands for what is to be written there.
"""

import json
import re
from collections import Counter
from collections.abc import Generator, Iterator

from codegen_tasks.records import Record, Request

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([\w+-]*)")
_FILE_NAME = re.compile(r"[\w./-]*\w\.[A-Za-z]\w*")
_HOLE = re.compile(r"\n([ \t]*)\.\.\.[ \t]*(?=\n|$)")
_EXAMPLES = re.compile(r"(?:\n[ \t]*)*\n[ \t]*>>> .*?(?:\n[ \t]*(?=\"\"\"|''')|(?=\n[ \t]*\n))", re.DOTALL)
_LANGUAGES = {"py": "python", "md": "markdown", "js": "javascript", "ts": "typescript", "yml": "yaml"}
_QUOTED = re.compile(r"`([^`\n]+)`")
_PLAN, _FILES, _ANSWER = "# The plan for these files\n", "\n# The files\n", "\n# How to answer\n"


class Hole(Record, frozen=True):
    """What the model writes after `prompt`, within `grammar` (GBNF; empty: anything); every line gets `indent`.

    `given` is the code the answer goes on from, and `module` all that is around; "" when there is none.
    `stop` ends the answer and is no part of it. `language` is set where the answer can be judged by itself.
    `refused` is the one answer that says nothing. An answer that is `aside` decides something and is not written down.
    """

    prompt: str
    grammar: str = ""
    stop: str = "\n```"
    indent: str = ""
    given: str = ""
    module: str = ""
    language: str = ""
    refused: str = ""
    aside: bool = False


class _Block(Record, frozen=True):
    """A fenced block of a text: the last line before it that is not empty, the last path above it, what it holds."""

    lead: str
    path: str
    language: str
    text: str


Steering = Generator[str | Hole, str, None]  # yields text and holes in order; is sent what fills each hole


def steer(request: Request) -> Steering:
    """The reply to `request` in pieces that belong one after the other: what is given, and the holes between."""
    for path in request.paths:
        yield from _file_parts(request, path)


def _file_parts(request: Request, path: str) -> Steering:
    plan, now = _plan(request), _content(request, path)
    language = _LANGUAGES.get(path.rpartition(".")[2], path.rpartition(".")[2])
    skeleton = [block.text for block in _blocks(plan, request.paths) if block.path == path and _HOLE.search(block.text)]
    yield f"{path}\n```{language}"
    if now.strip() and skeleton:
        tail = _unique_tail(now)
        yield f"\n<<<<<<< SEARCH\n{tail}\n=======\n{tail}\n\n"
        yield from _filled("\n\n".join(skeleton), language, now)
        yield "\n>>>>>>> REPLACE\n```\n"
    elif now.strip():
        yield "\n<<<<<<< SEARCH"
        yield from _line_edit(plan, language, now)
        yield "\n>>>>>>> REPLACE\n```\n"
    elif skeleton:
        yield from _filled("\n\n".join(skeleton), language)
        yield "\n```\n"
    else:
        yield Hole(_turn(f"{plan.strip()}\n\nWrite the file `{path}`.", f"```{language}"), language=language)
        yield "\n```\n"


def _plan(request: Request) -> str:
    """The plan's own sections for the unit, else the plan for all, else the whole question."""
    asked = next((message.content for message in request.messages if message.role == "user"), "")
    before, found, after = asked.partition(_PLAN)
    if found and not before.strip():
        return after.rpartition(_FILES)[0]
    shared = next((message.content for message in request.messages if message.role == "system"), "")
    return shared.partition("# The plan\n")[2].partition("\n# Files of the repository\n")[0] or asked


def _content(request: Request, path: str) -> str:
    """What the question shows as the file's content now; "" for a file that is not there."""
    asked = next((message.content for message in request.messages if message.role == "user"), "")
    shown = asked.rpartition(_FILES)[2].rpartition(_ANSWER)[0]
    return next((block.text for block in _blocks(shown, ()) if block.lead == f"Now in `{path}`:"), "")


def _blocks(text: str, paths: tuple[str, ...]) -> Iterator[_Block]:
    """The fenced blocks. A block belongs to the path named last in the words above it, or else to the only path."""
    path, lead, fence, language, lines = paths[0] if len(paths) == 1 else "", "", "", "", list[str]()
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence and mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            yield _Block(lead, path, language, "\n".join(lines))
            fence = ""
        elif fence:
            lines.append(line)
        elif mark:
            fence, language, lines = mark[1], mark[2], []
        else:
            lead = line.strip() or lead
            path = _named(line, paths, path)
    # a fence that is never closed is no block


def _named(line: str, paths: tuple[str, ...], path: str) -> str:
    """The path that `line` names; a heading that names some other file ends the talk about `path`."""
    names = _FILE_NAME.findall(line)
    found = [one for one in paths if any(one == name or one.endswith(f"/{name}") for name in names)]
    if found:
        return found[-1]
    return "" if names and line.startswith("#") else path


def _filled(skeleton: str, language: str, now: str = "") -> Steering:
    """The skeleton's text with a Hole for each line that says `...`. All parts begin with a line's end."""
    text, at = "\n" + skeleton.strip("\n"), 0
    for found in _HOLE.finditer(text):
        yield text[at : found.start()]
        yield _body(text[: found.start()], found[1], language, now + text)
        at = found.end()
    yield text[at:]


def _body(above: str, indent: str, language: str, module: str) -> Hole:
    """The hole below `above`: what the model sees is the function (or other block) it belongs to, without examples."""
    lines = above.split("\n")
    heads = (n for n in reversed(range(len(lines))) if lines[n].strip() and _is_head(lines[n], indent))
    start = next(heads, 0)
    outer = _indent(lines[start]) if indent else ""
    given = "\n".join(line.removeprefix(outer) for line in lines[start:]).strip("\n")
    shown = _EXAMPLES.sub("", given)
    what = "Python function" if shown.startswith(("def ", "async def ")) else f"{language} code"
    prompt = _turn(f"Complete this {what}:\n\n```{language}\n{shown}\n```", f"```{language}\n{shown}")
    inner = json.dumps(indent.removeprefix(outer))
    grammar = (
        f'root ::= "\\n" {inner} first more* "\\n```"\n'
        "first ::= [^ \\t\\n#\"'.`] [^\\n]*\n"
        f'more ::= "\\n" | "\\n" {inner} [^\\n`] [^\\n]*\n'
    )
    return Hole(prompt, grammar, indent=outer, given=given, module=module, language=language)


def _is_head(line: str, indent: str) -> bool:
    """A line further out than `indent` opens the block; the last line of a folded signature does not."""
    return len(_indent(line)) < len(indent) and not line.lstrip().startswith(")")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _line_edit(plan: str, language: str, now: str) -> Steering:
    """A line that the file has once, and the line that comes in its place; lines with the plan's `words` come first."""
    counts = Counter(now.split("\n"))
    once = [line for line, count in counts.items() if count == 1 and line.strip()]
    words = set(_QUOTED.findall(plan))
    shared = {line: sum(word in line for word in words) for line in once}
    best = [line for line in once if shared[line] == max(shared.values())]
    asked = "\n".join(line for line in plan.split("\n") if line and not line.startswith("#"))
    line = best[0] if len(best) == 1 else (yield _choice(asked, language, now, best)).strip("\n")
    indent = _indent(line)
    question = _turn(f"{asked}\n\nChange this line:\n\n```{language}\n{line.strip()}\n```", f"```{language}")
    grammar = 'root ::= "\\n" [^ \\t\\n`] [^\\n]* "\\n```"\n'
    yield f"\n{line}\n======="
    yield Hole(question, grammar, indent=indent, refused=line.strip())


def _choice(asked: str, language: str, now: str, lines: list[str]) -> Hole:
    """Which of `lines` changes; the answer goes into no reply by itself."""
    choices = " | ".join(json.dumps(line, ensure_ascii=False) for line in lines)
    question = f"The file:\n\n```{language}\n{now}\n```\n\n{asked}\n\nWhich line must change?"
    return Hole(_turn(question, f"```{language}"), f'root ::= "\\n" ({choices}) "\\n```"\n', aside=True)


def _unique_tail(now: str) -> str:
    """The shortest run of last lines that stands in the file once."""
    lines = now.rstrip("\n").split("\n")
    for first in range(len(lines) - 1, 0, -1):
        tail = "\n".join(lines[first:])
        if lines[first].strip() and f"\n{now}\n".count(f"\n{tail}\n") == 1:
            return tail
    return "\n".join(lines)


def _turn(question: str, begun: str) -> str:
    """ChatML, with the answer begun."""
    return f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n{begun}"
