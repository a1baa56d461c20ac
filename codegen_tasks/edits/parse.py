"""A reply becomes operations, whatever format or mixture of formats it is written in. Knows no files."""

from codegen_tasks.edits import whole
from codegen_tasks.edits.operations import Operation


def parse_reply(reply: str) -> tuple[Operation, ...]:
    """The operations of a reply in its order; none if it holds no edit."""
    text = reply.replace("\r\n", "\n").removesuffix("\n")
    if (found := whole.parse_json(text)) is not None:
        return found
    lines = text.split("\n")
    operations: list[Operation] = []
    at = floor = 0
    while at < len(lines):
        parsed = whole.parse(lines, at, floor)
        if parsed is None:
            at += 1
            continue
        operations += parsed[0]
        at = floor = parsed[1]
    return tuple(operations)
