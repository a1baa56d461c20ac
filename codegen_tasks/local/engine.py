"""llama.cpp in this process: one model at a time, one question at a time. It does not know what is asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from codegen_tasks.call import ProviderFault, Watch

WAIT_S = 0.2

_engines: dict[tuple[str, int], Any] = {}  # the one that runs, by its file and window
_turn = threading.Lock()  # a second question at once would only share the same core


@contextmanager
def alone(watch: Watch) -> Iterator[None]:
    """Waits for its turn. Raises Interrupted."""
    while not _turn.acquire(timeout=WAIT_S):
        watch.check()
    try:
        yield
    finally:
        _turn.release()


def engine_for(path: Path, context_tokens: int, name: str) -> Any:
    """The server for this model file, started if another runs or none. Raises ProviderFault."""
    key = (str(path), context_tokens)
    if key not in _engines:
        xllamacpp = load()
        _engines.clear()
        try:
            _engines[key] = xllamacpp.Server(_settings(xllamacpp, *key, name))
        except RuntimeError as error:
            megabytes = path.stat().st_size // 10**6
            hint = f"it needs {megabytes} MB of memory and more for its context; if {path} is damaged, delete it"
            raise ProviderFault(f"the model {name} did not start: {error}", transient=False, hint=hint) from error
    return _engines[key]


def load() -> Any:
    """The library. Raises ProviderFault when it is not installed."""
    try:
        import xllamacpp
    except ImportError as error:
        hint = "pip install 'codegen-tasks[local]', or name another model in codegen.yaml"
        raise ProviderFault("the embedded model needs the package xllamacpp", transient=False, hint=hint) from error
    return xllamacpp


def _settings(xllamacpp: Any, path: str, context_tokens: int, name: str) -> Any:
    settings = xllamacpp.CommonParams()
    settings.model.path = path
    settings.model_alias = {name}
    settings.n_ctx = context_tokens
    settings.n_parallel = 1  # the context is split over the slots
    settings.verbosity = 0
    settings.warmup = False
    for threads in (settings.cpuparams, settings.cpuparams_batch):
        threads.n_threads = 1  # two can collapse when something else runs
        threads.poll = 0  # a thread that waits must not burn a core
    return settings
