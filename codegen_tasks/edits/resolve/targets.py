"""Which operation is meant for which file? It knows the paths that exist, not their content."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from codegen_tasks.edits.operations import Broken, Delete, Edit, Move, Operation, Stated, Write
from codegen_tasks.edits.read.titles import MARKS, in_comment, in_line, is_name
from codegen_tasks.edits.resolve import excerpts, talk
from codegen_tasks.edits.resolve.claims import Claim, Fault, without_examples
from codegen_tasks.edits.resolve.disambiguate import ending, holds, settled, sketched, unpacked
from codegen_tasks.edits.resolve.paths import is_safe, plain, resolve
from codegen_tasks.edits.resolve.residues import cleaned
from codegen_tasks.edits.view import view_of

BELOW = "the first block has no title above it, and the last title no block below it: put each path above its block"

FOLDER = "{} is a folder that holds files: name each file that is meant"
NAMELESS = (
    "its block names no file, and it is not certain that it is all of {}: {}. Put the path in the line above the block"
)


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

    def _unsafe(self, path: str, operation: Operation) -> str:
        """The path that leaves the repository, if any; a known one was judged by the plan, whatever its letters."""
        paths = (path, operation.to) if isinstance(operation, Move) else (path,)
        return next((each for each in paths if each not in self.known and not is_safe(each)), "")

    def claims(self, parts: Sequence[Operation], reply: int, text: str) -> tuple[list[Claim], list[Fault]]:
        """Each operation with its path. Unnamed blocks are the file if only one file and one block can be meant."""
        claims, faults, loose = list[Claim](), list[Fault](), list[Operation]()
        lines = text.split("\n")
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
            elif not self.bounded and (bad := self._unsafe(path, operation)):
                faults.append(Fault(bad, "not a path inside the repository", reply=reply))
            elif any(known.startswith(f"{path.rstrip('/')}/") for known in self.known):
                faults.append(Fault("", FOLDER.format(path), reply=reply))
            else:
                meant = self._cleaned(operation, path)
                if isinstance(meant, str):
                    faults.append(Fault(path, meant, reply=reply))
                else:
                    claims.append(Claim(path, meant, reply, ending(operation, mixed)))
        claims = without_examples(self._without_shown(claims))
        if all(isinstance(claim.operation, Stated) for claim in claims):
            claims = [claim for claim in claims if isinstance(claim.operation, Stated) and claim.operation.plain]
        if self._is_above(loose, claims, text):
            return [], [*faults, *(Fault(claim.path, BELOW, reply=reply) for claim in claims)]
        self._claim_loose(loose, claims, faults, reply, lines)
        kept, cut = self._without_excerpts(claims)
        return kept, faults + [Fault(claim.path, excerpts.EXCERPT, reply=reply) for claim in cut]

    def _is_talk(self, operation: Operation, path: str, lines: Sequence[str]) -> bool:
        """Whether a block near which its file is only mentioned is not certain to be that file."""
        if not isinstance(operation, Write) or operation.titles or operation.sketch or not operation.at:
            return False
        first = operation.content.partition("\n")[0]
        if resolve(in_comment(first).mentions, 0, self.known) == path:
            return False
        above = talk.words_above(lines, operation)
        if any(is_name(MARKS.sub("", line)) for line in above):
            return False
        return bool(talk.why_not(operation, path, self.texts.get(path), above, named=True))

    def _cleaned(self, operation: Operation, path: str) -> Operation | str:
        """The operation in the reading that the file decides, without what is left of an envelope; or why not."""
        text = self.texts.get(path)
        if isinstance(operation, Edit):
            operation = settled(operation, text)
        if isinstance(operation, Write) and (shown := talk.printed(operation.content, path, text)):
            return shown
        return cleaned(operation, path, text) if isinstance(operation, Write | Edit) else operation

    def _without_shown(self, claims: list[Claim]) -> list[Claim]:
        """Without whole files as they are where the reply says otherwise of them."""
        shown = [claim for claim in claims if excerpts.is_same(claim.operation, self.texts.get(claim.path))]
        said = (claim for claim in claims if isinstance(claim.operation, Write | Edit) and claim not in shown)
        changed = {claim.path for claim in said}
        return [claim for claim in claims if not (claim in shown and claim.path in changed)]

    def _is_above(self, loose: Sequence[Operation], claims: Sequence[Claim], text: str) -> bool:
        """Whether blocks stand above their paths: the first names no file, the last line one that no block is for."""
        blocks = (
            operation for operation in loose if isinstance(operation, Write) and not excerpts.is_output(operation)
        )
        first = next((write for write in blocks if claims and not excerpts.is_command(write, claims[0].path)), None)
        last = {resolve((name,), 1, self.known) for name in in_line(text.rstrip().rpartition("\n")[2]).titles}
        rest = set(self.known) - {claim.path for claim in claims}
        return first is not None and first.at < claims[0].operation.at and bool(last & rest)

    def _without_excerpts(self, claims: Sequence[Claim]) -> tuple[list[Claim], list[Claim]]:
        """The claims, and those that are only a part of a file. One that shows what is there beside an edit is none,
        nor is one that the same reply sends in full.
        """
        found, kept = list[tuple[int, Claim]](), list[Claim]()
        written, last = dict[str, str](), dict[str, int]()
        for i, claim in enumerate(claims):
            path, operation = claim.path, claim.operation
            if excerpts.is_excerpt(operation, path, written.get(path, self.texts.get(path)), again=path in written):
                found.append((i, claim))
            else:
                kept.append(claim)
                last |= {path: i} if isinstance(operation, Write) else {}
                written |= {path: operation.content} if isinstance(operation, Write) else {}
        edited = {claim.path for claim in kept}
        sent = {claim.path: claim.operation.content for claim in kept if isinstance(claim.operation, Write)}
        return kept, [
            claim
            for i, claim in found
            if i >= last.get(claim.path, 0)
            and not (claim.path in edited and excerpts.is_quoted(claim.operation, self.texts.get(claim.path)))
            and not excerpts.is_quoted(claim.operation, sent.get(claim.path))
        ]

    def _meant(self, operations: Sequence[Operation]) -> Iterator[Operation]:
        """The parts that are meant for files: edits instead of a block that only wraps them, no block of commands, none
        that shows what is there.

        What is only stated of a file counts if it can be true.
        """
        for operation in operations:
            path = self._path(operation)
            text = self.texts.get(path or "")
            if isinstance(operation, Write) and not (
                path and (excerpts.is_command(operation, path) or excerpts.is_shown(operation, text))
            ):
                certain = path or (self.targets[0] if len(self.targets) == 1 else "")
                yield from unpacked(operation, certain, path in self.known, text) or (operation,)
            elif isinstance(operation, Stated) and path and operation.empty is not bool(text):
                yield operation if text else Write((path,), "")
            elif not isinstance(operation, Write | Stated):
                yield operation

    def _path(self, operation: Operation, last: str = "") -> str | None:
        if isinstance(operation, Write):
            meant = {resolve((name,), 0, self.known) for name in operation.names[operation.titles :]} - {None}
            several = not operation.titles and len(meant) > 1
            return None if several else self._of_write(operation)
        if isinstance(operation, Edit):
            return self._of_edit(operation, last)
        if isinstance(operation, Stated):
            return resolve(operation.names, 0, self.targets)
        if isinstance(operation, Broken):
            return None
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
        """The file a block means: exactly its title, or the only one whose path ends so, if that is new or alike."""
        path = resolve(write.names, write.titles, self.known)
        if path is None or not write.titles or path in write.names:
            return path
        there = {line.strip() for line in (self.texts.get(path) or "").split("\n")} - {""}
        alike = len(there) < 4 or any(line.strip() in there for line in write.content.split("\n"))
        return self._unless_another(write, path) if alike and path not in self.exact else write.names[0]

    def _of_edit(self, edit: Edit, last: str) -> str | None:
        """The file an edit means: its title's, else of those mentioned above it the one that holds its lines. The one
        before it is meant nevertheless if it alone has them; several mentioned ones that do are one too many.
        """
        found = (resolve((name,), 0, self.known, proved=not self.bounded) for name in edit.names[edit.titles :])
        paths = [] if edit.titles else [path for path in dict.fromkeys(found) if path]
        holding = [path for path in paths if self._holds(path, edit)]
        if len(holding) > 1:
            return None
        if paths and last and not holding and all(map(self.texts.get, paths)) and self._holds(last, edit):
            return last
        fresh = all(not any(hunk.before) for hunk in edit.hunks)
        named = resolve(holding or edit.names, edit.titles, self.known, proved=not fresh and not self.bounded)
        return self._by_content(edit, last) if named is None else self._unless_another(edit, named)

    def _holds(self, path: str, edit: Edit) -> bool:
        """Whether a file is there that has each of an edit's quoted lines."""
        text = self.texts.get(path)
        return text is not None and holds(view_of(text), edit.hunks)

    def _by_content(self, edit: Edit, last: str) -> str | None:
        """The file an unnamed edit means: the one before it, else the only one that holds its lines."""
        if len(self.targets) == 1:
            return self.targets[0]
        holding = [path for path in self.texts if self._holds(path, edit)]
        if last and (last in holding or not holding):
            return last
        return holding[0] if len(holding) == 1 else None

    def _claim_loose(
        self,
        loose: Sequence[Operation],
        claims: list[Claim],
        faults: list[Fault],
        reply: int,
        lines: Sequence[str],
    ) -> None:
        """What to make of operations without a path: an edit needs one, a block is the file if nothing else can be."""
        edits = [operation for operation in loose if isinstance(operation, Edit)]
        faults += [Fault("", "names no file", reply=reply) for _ in edits]
        writes = [operation for operation in loose if isinstance(operation, Write)]
        if claims or not writes:
            for claim in claims:
                if excerpts.is_replaced(claim.operation, claim.path, self.texts.get(claim.path), writes):
                    faults.append(Fault(claim.path, excerpts.REPLACED, reply=reply))
            return
        if len(self.targets) != 1:
            faults.append(Fault("", "a block names no file", reply=reply))
            return
        target = self.targets[0]
        commands = [write for write in writes if excerpts.is_command(write, target)]
        writes = [write for write in writes if write not in commands]
        if len(writes) > 1:
            faults.append(Fault(target, "several blocks, none of them named", reply=reply))
        if len(writes) != 1:
            return
        old = self.texts.get(target)
        meant = self._cleaned(writes[0], target)
        reason = meant if isinstance(meant, str) else ""
        around = [] if writes[0].sketch else talk.words_around(lines, writes[0], commands)
        if why := talk.why_not(writes[0], target, old, around, named=writes[0].sketch):
            reason = NAMELESS.format(target, why)
        if reason or isinstance(meant, str):
            faults.append(Fault(target, reason, reply=reply))
        else:
            claims.append(Claim(target, meant, reply))


def _titles(operation: Operation) -> tuple[str, ...]:
    """The names of an operation that are meant as its path."""
    if isinstance(operation, Write | Edit):
        return operation.names[: operation.titles]
    return operation.names if isinstance(operation, Delete | Move) else ()


def _ends_alike(name: str, path: str) -> bool:
    return name == path or name.endswith(f"/{path}") or path.endswith(f"/{name}")
