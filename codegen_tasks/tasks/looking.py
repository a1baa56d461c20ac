"""Commands that only look: no lock, no signal, and the contract's exit code where they cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from codegen_tasks.errors import MEANINGS, CodegenError, Failure
from codegen_tasks.pipeline import Phase
from codegen_tasks.run import bug, unwritable
from codegen_tasks.session import Session


@contextmanager
def looking(session: Session, name: str) -> Iterator[Phase]:
    """The phase to look at. What goes wrong ends the process, and changes nothing."""
    if (misuse := session.refuses(name)) is not None:
        _refuse(session, name, misuse)
    if session.failure is not None or session.phase is None:
        _refuse(session, name, session.failure or bug("plan", ""))
    try:
        yield session.phase
    except CodegenError as error:
        _refuse(session, name, error.failure(name, ""))
    except OSError as error:
        _refuse(session, name, unwritable(error, session.run.places).failure(name, ""))
    except Exception:
        _refuse(session, name, bug(name, ""))


def _refuse(session: Session, name: str, failure: Failure) -> NoReturn:
    session.board.write(f"FAILED {name}: {failure.kind}: {failure.message}")
    for line in failure.hint.splitlines():
        session.say(f"  {line}")
    raise SystemExit(MEANINGS[failure.kind].exit)
