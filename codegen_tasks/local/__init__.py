"""Models in this process: the embedded one, and any model file that a user has. No key, no network."""

from pathlib import Path

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.records import ModelSpec, Reply, Request

__all__ = ["EMBEDDED", "ask", "prepare"]

EMBEDDED = "local/smollm2"


def prepare(spec: ModelSpec) -> None:
    """Raises ProviderFault when there is no such model."""
    if spec.model == EMBEDDED:
        return
    if not spec.model.endswith(".gguf"):
        hint = f"the only embedded model is {EMBEDDED}; a model file is named local/PATH.gguf"
        raise ProviderFault(f"there is no embedded model {spec.model}", transient=False, hint=hint)
    if not _file(spec).is_file():
        hint = "name the file by its whole path: local//home/me/model.gguf, or local/~/model.gguf"
        raise ProviderFault(f"there is no model file {_file(spec)}", transient=False, hint=hint)


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """One reply. Raises ProviderFault, Interrupted."""
    prepare(spec)
    if spec.model == EMBEDDED:
        from codegen_tasks.local import steered

        return steered.ask(spec, request, watch)
    from codegen_tasks.local import chat

    return chat.ask(_file(spec), spec, request, watch)


def _file(spec: ModelSpec) -> Path:
    return Path(spec.model.removeprefix("local/")).expanduser()
