"""Which operation is meant for which file? It knows the paths that exist, not their content."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from codegen_tasks.edits.elide import stands_in
from codegen_tasks.edits.operations import Broken, Delete, Edit, Hunk, Move, Operation, Write
from codegen_tasks.edits.parse import Part
from codegen_tasks.edits.paths import is_safe, resolve
from codegen_tasks.edits.reading import holds, settled, unpacked
from codegen_tasks.edits.view import View
from codegen_tasks.records import Record

COMMANDS = {"bash", "sh", "shell", "console", "text", "txt", "output", "zsh", "powershell", "diff"}


class Claim(NamedTuple):
    """An operation on a path; `reply` tells which of the replies it stands in, `ending` how its lines end there,
    `raw` is the part it was read from.
    """

    path: str
    operation: Operation
    reply: int
    ending: str = "\n"
    raw: str = ""


class Fault(Record, frozen=True):
    """Something that could not be read or placed. `path` may be "" when nobody knows it."""

    path: str
    reason: str
    hunk: Hunk | None = None
    lines: tuple[int, ...] = ()
    reply: int = 0


EXCERPT = (
    "this block holds only a part of the file, and nothing says where it goes: send the whole file under its path, "
    "or SEARCH/REPLACE blocks"
)


class Aim:
    """The known paths, and what an operation without a path can mean."""

    def __init__(self, texts: Mapping[str, str | None], planned: Collection[str] | None) -> None:
        self.texts = texts
        self.known = list(texts) + [path for path in planned or () if path not in texts]
        self.targets = self.known if planned is None else list(planned)

    def bare(self, reply: str) -> tuple[Part, ...]:
        """The one file as a reply without an envelope gives it: it holds all the file's lines, or its ends and more."""
        text = self.texts.get(self.targets[0]) if len(self.targets) == 1 else None
        known = {line.strip() for line in text.split("\n")} if text else set()
        lines = [line.strip() for line in reply.split("\n") if line.strip() and not stands_in(line)]
        alike = sum(line in known for line in lines)
        if not alike or 3 * alike < len(lines):
            return ()
        return (
            (Part(Write((), reply, sketch=True), reply),)
            if {lines[0], lines[-1]} <= known or known <= {"", *lines}
            else ()
        )

    def claims(self, parts: Sequence[Part], reply: int, text: str) -> tuple[list[Claim], list[Fault]]:
        """Each operation with its path. Unnamed blocks are the file if only one file and one block can be meant."""
        claims, faults, loose = list[Claim](), list[Fault](), list[Operation]()
        last = ""
        for operation, raw in self._unpacked(parts):
            if isinstance(operation, Broken):
                faults.append(Fault(last, operation.reason, reply=reply))
                continue
            path = self._path(operation)
            if path is None and isinstance(operation, Edit):
                path = self._by_content(operation, last)
            if path is None:
                loose.append(operation)
            elif not is_safe(path) or (isinstance(operation, Move) and not is_safe(operation.to)):
                bad = operation.to if isinstance(operation, Move) and is_safe(path) else path
                faults.append(Fault(bad, "not a path inside the repository", reply=reply))
            else:
                last = path
                if isinstance(operation, Edit):
                    operation = settled(operation, self.texts.get(path))
                claims.append(Claim(path, operation, reply, _ending(operation, text), raw))
        claims = _without_examples(claims)
        if not claims or any(isinstance(operation, Edit) for operation in loose):
            self._claim_loose(loose, claims, faults, reply)
        parts_only = [claim for claim in claims if _is_excerpt(claim, self.texts.get(claim.path))]
        faults += [Fault(claim.path, EXCERPT, reply=reply) for claim in parts_only]
        return [claim for claim in claims if claim not in parts_only], faults

    def _unpacked(self, parts: Sequence[Part]) -> Iterator[Part]:
        """The parts, with the edits in place of a block that is only the envelope of edits."""
        for part in parts:
            write = part.operation
            path = self._path(write)
            known = path in self.known
            inner = unpacked(write, known, self.texts.get(path or "")) if isinstance(write, Write) else ()
            yield from inner or (part,)

    def _path(self, operation: Operation) -> str | None:
        if isinstance(operation, Write):
            return resolve(operation.names, operation.titles, self.known)
        if isinstance(operation, Edit):
            fresh = all(not any(hunk.before) for hunk in operation.hunks)
            return resolve(operation.names, operation.titles, self.known, proved=not fresh)
        return None if isinstance(operation, Broken) else resolve(operation.names, 1, self.known, proved=True)

    def _by_content(self, edit: Edit, last: str) -> str | None:
        """The file an unnamed edit means: the one before it, else the only one that holds its lines."""
        if len(self.targets) == 1:
            return self.targets[0]
        holding = [path for path, text in self.texts.items() if text is not None and holds(View(text), edit.hunks)]
        if last and (last in holding or not holding):
            return last
        return holding[0] if len(holding) == 1 else None

    def _claim_loose(self, loose: list[Operation], claims: list[Claim], faults: list[Fault], reply: int) -> None:
        writes = [operation for operation in loose if isinstance(operation, Write)]
        faults += [Fault("", "names no file", reply=reply) for op in loose if not isinstance(op, Write)]
        if claims or not writes:
            return
        if len(self.targets) != 1:
            faults.append(Fault("", "a block names no file", reply=reply))
            return
        suffix = PurePosixPath(self.targets[0]).suffix[1:]
        likely = [w for w in writes if w.language == suffix or w.language not in COMMANDS] or writes
        if len(likely) > 1:
            faults.append(Fault(self.targets[0], "several blocks, none of them named", reply=reply))
        else:
            claims.append(Claim(self.targets[0], likely[0], reply))


def _without_examples(claims: list[Claim]) -> list[Claim]:
    """Without blocks near which a file is only mentioned, when that file is edited in earnest elsewhere."""
    meant = {claim.path for claim in claims if not _is_mention(claim)}
    return [claim for claim in claims if not (_is_mention(claim) and claim.path in meant)]


def _is_mention(claim: Claim) -> bool:
    return isinstance(claim.operation, Write) and not claim.operation.titles


def _is_excerpt(claim: Claim, text: str | None) -> bool:
    """Whether a block that stands near a mere mention of a file lacks too much of it to be all of it."""
    write = claim.operation
    if not isinstance(write, Write) or write.titles or not write.names or not text or not text.strip():
        return False
    old = [line.strip() for line in text.split("\n") if line.strip()]
    new = [line.strip() for line in write.content.split("\n") if line.strip()]
    kept = set(new)
    return len(new) < len(old) and (kept <= set(old) or 2 * sum(line in kept for line in old) < len(old))


def _ending(operation: Operation, text: str) -> str:
    """How the lines of new content end in the reply. Where all of the reply ends in CRLF, that is its transport."""
    if not isinstance(operation, Write | Edit) or text.count("\r\n") in (0, text.count("\n")):
        return "\n"
    content = (
        operation.content if isinstance(operation, Write) else "\n".join(x for h in operation.hunks for x in h.after)
    )
    lines = [line for line in content.split("\n") if line]
    return "\r\n" if 2 * sum(line + "\r\n" in text for line in lines) >= len(lines) > 0 else "\n"


def mended(fault: Fault, claims: Sequence[Claim]) -> bool:
    """Whether a later reply says anew what an earlier one could not: the whole file, or what the hunk was about.

    What was meant for no file, or for one that cannot be, is mended by any later claim.
    """
    later = [claim for claim in claims if claim.reply > fault.reply]
    if not fault.path or not is_safe(fault.path) or fault.reason == "no such file":
        return bool(later)
    later = [claim for claim in later if claim.path == fault.path]
    if not later or fault.hunk is None or any(isinstance(claim.operation, Write | Delete) for claim in later):
        return bool(later)
    wanted = {line.strip() for line in fault.hunk.after} - {line.strip() for line in fault.hunk.before} - {""}
    hunks = [hunk for claim in later if isinstance(claim.operation, Edit) for hunk in claim.operation.hunks]
    said = {line.strip() for hunk in hunks for line in hunk.before + hunk.after}
    return not wanted or bool(wanted & said) or len(hunks) > 1


def moves(claims: Sequence[Claim]) -> dict[str, str]:
    """Old path to new path of all renamed files."""
    return {claim.path: claim.operation.to for claim in claims if isinstance(claim.operation, Move)}
