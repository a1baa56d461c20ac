"""The ambient context of a question: chosen once, kept in the store, chosen anew when what it showed has lapsed."""

import threading
from collections.abc import Collection, Sequence

import msgspec

from codegen_tasks.config import ContextSettings
from codegen_tasks.context import Ambient, Budget, Fact, Repository, choose, counter, lapsed, longest, summary_of
from codegen_tasks.context.masking import Secret, redact
from codegen_tasks.records import Request, Section, Unit, decode, digest, encode
from codegen_tasks.store import Store

_HEADINGS = 80  # tokens of the words around what is chosen


class Choices:
    """What was chosen for each question, by its primary inputs, the latest last. Safe for steps of several threads."""

    def __init__(
        self, store: Store, repository: Repository, models: tuple[str, ...] = (), known: tuple[Secret, ...] = ()
    ) -> None:
        self._store = store
        self._repository = repository
        self._models = models
        self._known = known
        self._lock = threading.Lock()
        self._summary: str | None = None

    def now(
        self, unit: Unit, sections: Sequence[Section], settings: ContextSettings, bare: Request | None = None
    ) -> Ambient:
        """What the engine chooses as the working tree is now, beside what the `bare` question holds already."""
        summary = settings.summary_tokens if settings.repo_summary else 0
        with self._lock:
            left = settings.budget_tokens - _HEADINGS - self._taken(unit, sections, bare)
            budget = Budget(max(0, left), summary, self._models)
            return without_secrets(choose(unit, sections, self._repository, budget), self._known)

    def is_old(self, shown: str, settings: ContextSettings) -> bool:
        """Whether the repo summary with this sha256 is another than a unit with room for it would be shown now."""
        if not settings.repo_summary or shown == digest(b""):
            return False
        if self._summary is None:
            with self._lock:
                text = summary_of(self._repository, settings.summary_tokens, self._models)
            self._summary = digest(redact(text, self._known).encode())
        return shown != self._summary

    def lapsed(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """Those that are true no longer."""
        with self._lock:
            return lapsed(facts, self._repository) if facts else ()

    def kept(self, bare: Request, settings: ContextSettings, untrue: Collection[Fact] = ()) -> Ambient | None:
        """The latest choice for a question, rendered bare of any, all of which is true; None if there is none."""
        for ambient in reversed(self._all(kept_under(bare, settings))):
            if not set(untrue).intersection(ambient.facts) and not self.lapsed(ambient.facts):
                return ambient
        return None

    def settle(
        self,
        bare: Request,
        unit: Unit,
        sections: Sequence[Section],
        settings: ContextSettings,
        untrue: Collection[Fact] = (),
    ) -> Ambient:
        """The kept choice, or a fresh one that is kept from now on. `untrue` facts are known to have lapsed."""
        found = self.kept(bare, settings, untrue)
        if found is not None:
            return found
        fresh, key = self.now(unit, sections, settings, bare), kept_under(bare, settings)
        self._store.put("pin", key, encode((*self._all(key), fresh)), replace=True)
        return fresh

    def _taken(self, unit: Unit, sections: Sequence[Section], bare: Request | None) -> int:
        """The tokens of a question; where it is not known yet, those of what it will hold in any case."""
        count = counter(self._models)
        if bare is not None:
            return longest(bare, count)
        contents = [self._repository.read(path) or b"" for path in unit.paths]
        return sum(count(data.decode("utf-8", "replace")) for data in contents) + sum(count(s.text) for s in sections)

    def _all(self, key: str) -> tuple[Ambient, ...]:
        data = self._store.get("pin", key)
        try:
            return () if data is None else decode(data, tuple[Ambient, ...])
        except msgspec.MsgspecError:
            return ()


def kept_under(bare: Request, settings: ContextSettings) -> str:
    """The store's key for the choices of a question."""
    sizes = (settings.repo_summary, settings.summary_tokens, settings.budget_tokens, settings.exclude)
    return digest(encode((bare, *sizes)))


def without_secrets(ambient: Ambient, known: Sequence[Secret]) -> Ambient:
    """What was chosen with no secret in it: nobody is to put these back, so they are not told apart.

    A definition whose signature holds one is left out: whether it still holds could not be told.
    """
    return msgspec.structs.replace(
        ambient,
        summary=redact(ambient.summary, known),
        facts=tuple(fact for fact in ambient.facts if redact(fact.signature, known) == fact.signature),
        excerpts=tuple(msgspec.structs.replace(found, text=redact(found.text, known)) for found in ambient.excerpts),
    )
