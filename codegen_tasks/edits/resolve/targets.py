"""Which operation is meant for which file? It knows the paths that may be meant, and compares with the texts there."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from codegen_tasks.edits.operations import Broken, Delete, Edit, Move, Operation, Stated, Write
from codegen_tasks.edits.read.envelopes import without_thoughts
from codegen_tasks.edits.read.titles import in_comment, in_line
from codegen_tasks.edits.resolve import blocks
from codegen_tasks.edits.resolve.claims import Claim, Fault
from codegen_tasks.edits.resolve.disambiguate import ending, holds, settled, sketched, unpacked
from codegen_tasks.edits.resolve.paths import is_safe, plain, resolve
from codegen_tasks.edits.resolve.residues import cleaned
from codegen_tasks.edits.resolve.words import SAYS
from codegen_tasks.edits.view import view_of


class Aim:
    """The known paths, and what an operation without a path can mean."""

    def __init__(self, texts: Mapping[str, str | None], planned: Collection[str] | None) -> None:
        self.texts = texts
        self.known = list(texts) + [path for path in planned or () if path not in texts]
        self.targets = self.known if planned is None else list(planned)
        self.bounded = planned is not None  # then there may be files that are not known: theirs is set aside
        self.exact: set[str] = set()  # the paths that the reply at hand names as they are
        self.titles: set[str] = set()  # those among them, and in earlier replies, that are meant as the path

    def bare(self, reply: str) -> tuple[Operation, ...]:
        """The one file as a reply without an envelope gives it."""
        text = self.texts.get(self.targets[0]) if len(self.targets) == 1 else None
        return sketched(reply, text or "")

    def claims(self, parts: Sequence[Operation], reply: int, text: str) -> tuple[list[Claim], list[Fault]]:
        """Each operation with its path. Unnamed blocks are the file if only one file and one block can be meant."""
        claims, faults, loose = list[Claim](), list[Fault](), list[Operation]()
        lines = (without_thoughts(text) or "").split("\n")
        self.exact = {name for part in parts if not isinstance(part, Broken) for name in part.names}
        self.titles |= {name for part in parts for name in _titles(part)}
        mixed = text if text.count("\r\n") not in (0, text.count("\n")) else ""
        for operation in self._meant(parts):
            last = claims[-1].path if claims else ""
            path = self._path(operation, last)
            if isinstance(operation, Broken):
                faults.append(Fault(last, operation.reason, reply=reply))
            elif path is None or self._is_talk(operation, path, lines):
                loose.append(operation)
            elif bad := self._misplaced(path, operation):
                faults.append(Fault(*bad, reply=reply))
            elif isinstance(meant := self._cleaned(operation, path), str):
                faults.append(Fault(path, meant, reply=reply))
            else:
                claims.append(Claim(path, meant, reply, ending(operation, mixed)))
        claims = self._without_shown(claims)
        if self._is_above(loose, claims, lines):
            return [], [*faults, *(Fault(claim.path, SAYS["below"], reply=reply) for claim in claims)]
        found, more = self._of_loose(loose, claims, reply, lines)
        kept, cut = self._without_excerpts(claims + found)
        return kept, faults + more + [Fault(claim.path, SAYS["excerpt"], reply=reply) for claim in cut]

    def _misplaced(self, path: str, operation: Operation) -> tuple[str, str] | None:
        """A path that leaves the repository (the plan judged known ones) or a folder, and why it can hold nothing."""
        for each in (path, operation.to) if isinstance(operation, Move) else (path,):
            if not self.bounded and each not in self.known and not is_safe(each):
                return each, "not a path inside the repository"
        inside = any(known.startswith(f"{path.rstrip('/')}/") for known in self.known)
        return ("", SAYS["folder"].format(path)) if inside else None

    def _meant(self, operations: Sequence[Operation]) -> Iterator[Operation]:
        """The parts that are meant for files: edits instead of a block that only wraps them, no block of commands.

        What is only stated of a file counts if it can be true.
        """
        for operation in operations:
            path = self._path(operation)
            text = self.texts.get(path or "")
            if isinstance(operation, Write) and not (
                path and (blocks.is_command(operation, path) or blocks.is_shown(operation, text))
            ):
                certain = path or (self.targets[0] if len(self.targets) == 1 else "")
                yield from unpacked(operation, certain, path in self.known) or (operation,)
            elif isinstance(operation, Stated) and path and operation.empty is not bool(text):
                yield operation if text else Write((path,), "")
            elif not isinstance(operation, Write | Stated):
                yield operation

    def _is_talk(self, operation: Operation, path: str, lines: Sequence[str]) -> bool:
        """Whether a block near which its file is only mentioned is not certain to be that file.

        So is one of another kind below a title that says more than that a new file follows.
        """
        if not isinstance(operation, Write) or operation.sketch or not operation.at:
            return False
        if operation.titles:
            return operation.part and self.texts.get(path) is None and blocks.is_other_kind(operation, path)
        first = operation.content.partition("\n")[0]
        if resolve(in_comment(first).mentions, 0, self.known) == path:
            return False
        above = blocks.words_above(lines, operation)
        return bool(blocks.why_not(operation, path, self.texts.get(path), above, ()))

    def _cleaned(self, operation: Operation, path: str) -> Operation | str:
        """The operation in the reading that the file decides, without what is left of an envelope; or why not."""
        text = self.texts.get(path)
        if isinstance(operation, Write) and (shown := blocks.printed(operation.content, path, text)):
            return shown
        operation = settled(operation, text) if isinstance(operation, Edit) else operation
        return cleaned(operation, path, text) if isinstance(operation, Write | Edit) else operation

    def _without_shown(self, claims: list[Claim]) -> list[Claim]:
        """Without blocks that show a file as it is, or near which it is only mentioned, where the reply says in earnest
        what it is to be. What is stated in passing counts beside a change only.
        """
        shown, earnest = set[int](), set[str]()
        for i, (path, operation, *_) in enumerate(claims):
            if isinstance(operation, Stated) or blocks.is_aside(operation, self.texts.get(path)):
                shown.add(i)
            elif not (isinstance(operation, Write) and operation.part):
                earnest.add(path)
        claims = [claim for i, claim in enumerate(claims) if not (i in shown and claim.path in earnest)]
        if all(isinstance(claim.operation, Stated) for claim in claims):
            return [claim for claim in claims if isinstance(claim.operation, Stated) and claim.operation.plain]
        return claims

    def _is_above(self, loose: Sequence[Operation], claims: Sequence[Claim], lines: Sequence[str]) -> bool:
        """Whether blocks stand above their paths: the first names no file, the last line one that no block is for."""
        if not claims or not any(
            isinstance(block, Write) and block.at < claims[0].operation.at and blocks.may_be_file(block, claims[0].path)
            for block in loose
        ):
            return False
        last = next(filter(str.strip, reversed(lines)))
        named = {resolve((name,), 1, self.known) for name in in_line(last).titles}
        return bool(named & set(self.known) - {claim.path for claim in claims})

    def _without_excerpts(self, claims: Sequence[Claim]) -> tuple[list[Claim], list[Claim]]:
        """The claims, and those that are only a part of a file. One that shows what is there beside an edit is none,
        nor is one that the same reply sends in full.
        """
        kept, cut, sent = list[Claim](), list[Claim](), dict[str, str]()
        for claim in claims:
            path, operation = claim.path, claim.operation
            if blocks.is_excerpt(operation, path, sent.get(path, self.texts.get(path)), again=path in sent):
                cut.append(claim)
                continue
            kept.append(claim)
            if isinstance(operation, Write):
                sent[path] = operation.content
                cut = [other for other in cut if other.path != path]
        edited = {claim.path: self.texts.get(claim.path) for claim in kept}
        return kept, [
            claim
            for claim in cut
            if not any(blocks.is_stretch(claim.operation, texts.get(claim.path)) for texts in (edited, sent))
        ]

    def _path(self, operation: Operation, last: str = "") -> str | None:
        """The file an operation means, if one can be meant; `last` is that of the one before it."""
        if isinstance(operation, Broken):
            return None
        if isinstance(operation, Write):
            return self._of_write(operation)
        if isinstance(operation, Edit):
            return self._of_edit(operation, last)
        if isinstance(operation, Stated):
            return resolve(operation.names, 0, self.targets)
        return self._unless_another(operation, resolve(operation.names, 1, self.known, proved=not self.bounded))

    def _unless_another(self, operation: Operation, path: str | None) -> str | None:
        """The path that an operation was resolved to, or its title as it is: where several titles could mean one path,
        only the one that is that path means it.
        """
        title = next(iter(_titles(operation)), "")
        if not path or not title or plain(title) == path:
            return path
        others = {plain(name) for name in self.titles if _ends_alike(name, path)} - {plain(title)}
        return title if others else path

    def _of_write(self, write: Write) -> str | None:
        """The file a block means: its title as it is, or the only file whose path ends so, if that is new or alike; or
        the only one that is mentioned.
        """
        if not write.titles:
            return self._only(write.names)
        path = resolve(write.names, write.titles, self.known)
        if path is None or path in write.names:
            return path
        there = view_of(self.texts.get(path) or "").known
        alike = len(there) < 4 or any(line.strip() in there for line in write.content.split("\n"))
        return self._unless_another(write, path) if alike and path not in self.exact else write.names[0]

    def _only(self, names: Sequence[str]) -> str | None:
        meant = {resolve((name,), 0, self.known) for name in names} - {None}
        return meant.pop() if len(meant) == 1 else None

    def _of_edit(self, edit: Edit, last: str) -> str | None:
        """The file an edit means: its title's, else of those mentioned above it the only one that holds its lines."""
        found = (resolve((name,), 0, self.known, proved=not self.bounded) for name in edit.names[edit.titles :])
        paths = [] if edit.titles else [path for path in dict.fromkeys(found) if path]
        holding = [path for path in paths if holds(self.texts.get(path), edit)]
        if len(holding) > 1:
            return None
        fresh = all(not any(hunk.before) for hunk in edit.hunks)
        named = resolve(holding or edit.names, edit.titles, self.known, proved=not fresh and not self.bounded)
        return self._by_content(edit, last) if named is None else self._unless_another(edit, named)

    def _by_content(self, edit: Edit, last: str) -> str | None:
        """The file an unnamed edit means: the one before it, else the only one that holds its lines."""
        if len(self.targets) == 1:
            return self.targets[0]
        holding = [path for path in self.texts if holds(self.texts.get(path), edit)]
        if last and (last in holding or not holding):
            return last
        return holding[0] if len(holding) == 1 else None

    def _of_loose(
        self, loose: Sequence[Operation], claims: Sequence[Claim], reply: int, lines: Sequence[str]
    ) -> tuple[list[Claim], list[Fault]]:
        """What to make of operations without a path: an edit needs one, a block is the file if nothing else can be."""
        faults = [Fault("", "names no file", reply=reply) for operation in loose if isinstance(operation, Edit)]
        writes = [operation for operation in loose if isinstance(operation, Write)]
        if claims or not writes:
            replaced = [claim.path for claim in claims if self._is_replaced(claim, writes)]
            return [], faults + [Fault(path, SAYS["replaced"], reply=reply) for path in replaced]
        if len(self.targets) != 1:
            return [], [*faults, Fault("", "a block names no file", reply=reply)]
        target = self.targets[0]
        commands = [write for write in writes if blocks.is_command(write, target)]
        writes = [write for write in writes if write not in commands]
        meant = self._nameless(writes, target, lines, commands) if writes else ()
        if isinstance(meant, str):
            return [], [*faults, Fault(target, meant, reply=reply)]
        return [Claim(target, operation, reply) for operation in meant], faults

    def _nameless(
        self, writes: Sequence[Write], path: str, lines: Sequence[str], commands: Sequence[Write]
    ) -> tuple[Operation, ...] | str:
        """The only block of a reply as the only file, or why it is not certain to be that."""
        write = writes[0]
        above = [] if write.sketch else blocks.words_above(lines, write)
        around = [] if write.sketch else blocks.words_around(lines, write, commands)
        if len(writes) > 1:
            return SAYS["several"]
        if why := blocks.why_not(write, path, self.texts.get(path), above, around):
            return why if why == SAYS["excerpt"] else SAYS["nameless"].format(path, why)
        meant = self._cleaned(write, path)
        return meant if isinstance(meant, str) else (meant,)

    def _is_replaced(self, claim: Claim, loose: Sequence[Write]) -> bool:
        """Whether a block shows the file as it is, or a stretch of it, and one below it names no file."""
        below = [block for block in loose if block.at > claim.operation.at and blocks.may_be_file(block, claim.path)]
        return bool(below) and blocks.is_stretch(claim.operation, self.texts.get(claim.path))


def _titles(operation: Operation) -> tuple[str, ...]:
    """The names of an operation that are meant as its path."""
    if isinstance(operation, Write | Edit):
        return operation.names[: operation.titles]
    return operation.names if isinstance(operation, Delete | Move) else ()


def _ends_alike(name: str, path: str) -> bool:
    return name == path or name.endswith(f"/{path}") or path.endswith(f"/{name}")
