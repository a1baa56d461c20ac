"""Commands beside the stages: clean, redo, estimate, review, apply and unapply."""

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from codegen_tasks.config import Config
from codegen_tasks.context.masking import redact
from codegen_tasks.errors import MEANINGS, BadPlan, BaseMoved, CodegenError, Failure
from codegen_tasks.records import decode, encode
from codegen_tasks.run import unwritable
from codegen_tasks.session import Session
from codegen_tasks.tasks.graph import StepFailed, decoded

if TYPE_CHECKING:
    from codegen_tasks.generate.estimate import Cost


class Clean:
    """doit's `clean` of the phase. doit shows its repr, up to an address, as what it executes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        return "<archive the attempt at "

    def __call__(self, dryrun: bool) -> None:
        """Archives; `dryrun` only says what. Ends the process with the contract's exit code where it cannot."""
        run, say = self._session.run, self._session.board.write  # doit swallows what a clean action prints
        if (misuse := self._session.refuses("clean")) is not None:
            self._refuse(misuse)
        if dryrun:
            names = [self._session.shown(path) for path in run.outputs()]
            say(f"would archive: {', '.join(names) or 'nothing'}")
            return
        failure = self._session.failure
        if failure is not None and run.store is None:
            self._refuse(failure)
        try:
            run.start()
            kept = run.clean()
            run.end()
        except CodegenError as error:
            self._refuse(error.failure("clean", ""))
        except OSError as error:
            self._refuse(unwritable(error, run.places).failure("clean", ""))
        say(f"archived as {self._session.shown(kept)}" if kept else "nothing to archive")

    def _refuse(self, failure: Failure) -> NoReturn:
        """Any other exception doit would report and exit 0."""
        self._session.board.write(f"FAILED clean: {failure.kind}: {failure.message}")
        self._session.say(f"  {failure.hint}")
        raise SystemExit(MEANINGS[failure.kind].exit)


def attempt(session: Session, name: str, act: Callable[[], None]) -> StepFailed | None:
    """Runs a command. One that failed before it changed anything leaves the signals as they are."""
    try:
        act()
    except CodegenError as error:
        return StepFailed(error.failure(name, ""), publish=isinstance(error, BaseMoved))
    except OSError as error:
        return StepFailed(unwritable(error, session.run.places).failure(name, ""))
    return None


def redo_task(session: Session, after: list[str]) -> dict[str, Any]:
    """`doit redo`: what runs next, `codegen` on the new attempt, is added to `after`."""

    def start_again(paths: list[str], note: str) -> StepFailed | None:
        paths, note = _split(paths, note)
        if session.failure is not None and paths:
            return StepFailed(session.failure)
        return attempt(session, "redo", lambda: redo(paths, note))

    def redo(paths: list[str], note: str) -> None:
        taken = [arg for arg in sys.argv[1:] if arg[:1] != "-" and "=" in arg and not arg.startswith("task=")]
        if taken:
            hint = "write %3D for the = of a path, and --note=TEXT for a note that has one"
            raise BadPlan(f"doit takes {taken[0]!r} for a variable", hint=hint)
        paths = [path if path in session.unit_of else decoded(path) for path in paths]
        unknown = [path for path in paths if path not in session.unit_of]
        if unknown:
            raise BadPlan(f"{unknown[0]!r} is not a planned file", hint="name paths of plan.files.json")
        kept = session.run.redo(tuple(dict.fromkeys(session.unit_of[path] for path in paths)), redact(note))
        if kept is not None:
            session.board.write(f"archived as {session.shown(kept)}")
        after.append("codegen")

    return {
        "basename": "redo",
        "doc": "archive, and ask again: all, or the units of the paths named; --note TEXT goes to the model",
        "actions": [start_again],
        "params": [{"name": "note", "long": "note", "default": "", "help": "what the model should know"}],
        "pos_arg": "paths",
    }


def _split(words: list[str], note: str) -> tuple[list[str], str]:
    """Paths and note: doit reads options in front of the paths only."""
    for at, word in enumerate(words):
        if word.startswith("--note="):
            return [*words[:at], *words[at + 1 :]], word.removeprefix("--note=")
        if word == "--note" and at + 1 < len(words):
            return [*words[:at], *words[at + 2 :]], words[at + 1]
    return words, note


def estimate_task(session: Session) -> dict[str, Any]:
    """`doit estimate`: asks nobody."""

    def show() -> StepFailed | None:
        if session.failure is not None:
            return StepFailed(session.failure)
        return attempt(session, "estimate", lambda: _forecast(session))

    doc = "what would be asked, of whom, tokens and cost; asks nobody"
    return {"basename": "estimate", "doc": doc, "actions": [show]}


def review_task(session: Session) -> dict[str, Any]:
    """`doit review`: writes code/review.html from what code/ holds. Asks nobody."""

    def write() -> StepFailed | None:
        if session.failure is not None:
            return StepFailed(session.failure)
        return attempt(session, "review", lambda: _review(session))

    doc = "write code/review.html: one page with the diff, where it comes from, and what the run found"
    return {"basename": "review", "doc": doc, "actions": [write]}


def _review(session: Session) -> None:
    from codegen_tasks.pipeline.reviewed import gather
    from codegen_tasks.review import make_page

    if session.phase is None:
        return
    session.run.start()
    page = make_page(gather(session.phase))
    session.run.snapshot.write(session.run.places.review, page)
    session.board.write(f"review: {session.shown(session.run.places.review)}")


def _forecast(session: Session) -> None:
    from codegen_tasks.pipeline.forecast import forecast

    if session.phase is None:
        return
    found = forecast(session.phase, session.share)
    session.run.snapshot.write(session.run.places.estimate, encode(found))
    row = "{:40} {:28} {:>18} {:>18} {:>12} {:>12}".format
    session.board.write(row("unit", "asked", "tokens, expected", "at worst", "cost, USD", "at worst"))
    for unit in found.units:
        model = "nobody: stored" if unit.stored else unit.model or "nobody: missing, and offline"
        session.board.write(row(unit.unit, model, *_tokens(unit.expected, unit.worst)))
        if unit.unless:
            session.board.write(
                f"  only if what it depends on comes out otherwise than before: {', '.join(unit.unless)}"
            )
    missing = len(found.units) - found.asked - found.stored
    perhaps = f" ({found.conditional} unless)" if found.conditional else ""
    total = f"{found.asked} asked{perhaps}, {found.stored} stored" + (f", {missing} missing" if missing else "")
    session.board.write(row("all", total, *_tokens(found.expected, found.worst)))
    if found.too_dear:
        limit = f"{session.phase.config.generate.max_cost_usd:g}"
        session.board.write(f"a run would stop at max_cost_usd: {limit}, without asking: {', '.join(found.too_dear)}")


def _tokens(expected: "Cost", worst: "Cost") -> tuple[str, ...]:
    tokens = tuple(f"{cost.input_tokens} + {cost.output_tokens}" for cost in (expected, worst))
    prices = tuple("not known" if cost.cost_usd is None else f"{cost.cost_usd:.4f}" for cost in (expected, worst))
    return tokens + prices


def apply_tasks(session: Session) -> Iterator[dict[str, Any]]:
    """`doit apply` and `doit unapply`: the only commands that write to the working tree."""

    def apply(yes: bool, trailers: bool) -> StepFailed | None:
        def act() -> None:
            said = _trailers(session) if trailers else []
            show(_land(session, yes), "applied", "`doit unapply` takes it back")
            for line in said:
                session.board.write(line)

        return attempt(session, "apply", act)

    def unapply(yes: bool) -> StepFailed | None:
        return attempt(session, "unapply", lambda: show(_take_back(session, yes), "put back", "as it was before"))

    def show(paths: tuple[str, ...], what: str, then: str) -> None:
        for path in paths:
            session.board.write(f"{what:12}{path}")
        count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
        session.say(f"{count} {what}; {then}" if paths else f"nothing to do: nothing is {what}")

    yes = {"name": "yes", "long": "yes", "type": bool, "default": False, "help": "yes, write to the working tree"}
    help_ = "say what a commit message of it should carry"
    also = {"name": "trailers", "long": "trailers", "type": bool, "default": False, "help": help_}
    doc = "write the ready diff to the working tree (--yes, --trailers)"
    yield {"basename": "apply", "doc": doc, "actions": [apply], "params": [yes, also]}
    yield {
        "basename": "unapply",
        "doc": "undo the last apply, to the byte (--yes)",
        "actions": [unapply],
        "params": [yes],
    }


def _trailers(session: Session) -> list[str]:
    """What a commit message of this diff should carry. The diff is empty once it is applied, so this comes first."""
    from codegen_tasks.provenance import trailers
    from codegen_tasks.signals import Ready

    data = session.run.snapshot.read(session.run.places.ready)
    try:
        return [] if data is None else trailers(decode(data, Ready))
    except msgspec.MsgspecError:
        return []


def _land(session: Session, yes: bool) -> tuple[str, ...]:
    from codegen_tasks.landing import check_allowed, land

    if session.phase is None:
        raise BadPlan("the plan or the configuration cannot be read", hint="`doit codegen` says what is wrong with it")
    check_allowed(session.phase.config, yes)
    phase = session.phase
    return land(phase.places, phase.config, phase.bases, phase.tools.worktree, session.run.snapshot)


def _take_back(session: Session, yes: bool) -> tuple[str, ...]:
    from codegen_tasks.landing import check_allowed, take_back

    check_allowed(session.phase.config if session.phase else Config(), yes)
    return take_back(session.run.places)
