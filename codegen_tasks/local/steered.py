"""The embedded model: small weights that are given holes to fill, for a run without key or network.

It asks once and judges the form of what it got, never the meaning. What it cannot write is a fault, not a reply.
"""

import time
from dataclasses import dataclass
from typing import Any

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.local.engine import alone, engine_for, load
from codegen_tasks.local.soundness import flaw_of
from codegen_tasks.local.steering import Hole, steer
from codegen_tasks.local.weights import SMOLLM2, find_weights
from codegen_tasks.records import ModelSpec, Reply, Request

CONTEXT_TOKENS = 8192  # what the model was trained for
HOLE_TOKENS = 400  # a longer answer of so small a model runs in circles
TRIES = 3  # per hole, while what comes is not well-formed
VARIED = 0.3  # added to the temperature by every repair and every further try: at 0 it would say the same again
REMEDY = "name a stronger model in codegen.yaml, or give the plan a smaller step (a signature, a docstring, one line)"


@dataclass
class _Asked:
    """What one call is bound to, and what it has used so far."""

    spec: ModelSpec
    watch: Watch
    attempt: int
    repairs: int
    deadline: float
    read: int = 0
    written: int = 0


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """The reply of the embedded model. Raises ProviderFault, Interrupted.

    The same question gets the same text. A repair is sampled, so that it can differ; a redo at temperature 0 is not.
    """
    load()
    with alone(watch):
        engine = engine_for(find_weights(SMOLLM2, watch), CONTEXT_TOKENS, spec.model)
        watch(0)
        asked = _Asked(spec, watch, request.attempt, _repairs(request), time.monotonic() + spec.timeout_s)
        text = _written(engine, request, asked)
    return Reply(spec.model, text, "stop", asked.read, asked.written, cost_usd=0.0)


def _written(engine: Any, request: Request, asked: _Asked) -> str:
    steps, written = steer(request), list[str]()
    part = next(steps, None)
    while part is not None:
        answer = part if isinstance(part, str) else _fill(engine, part, asked)
        if isinstance(part, str) or not part.aside:
            written.append(answer)
        try:
            part = steps.send(answer)
        except StopIteration:
            part = None
    return "".join(written)


def _repairs(request: Request) -> int:
    return sum(message.role == "assistant" for message in request.messages)


def _fill(engine: Any, hole: Hole, asked: _Asked) -> str:
    """What the model writes into the hole: the first answer that is well-formed. Raises ProviderFault."""
    why = ""
    for number in range(TRIES):
        text, finish = _complete(engine, hole, asked, number)
        why = _flaw(hole, text) if finish == "stop" else "it found no end"
        if not why:
            return "\n".join(hole.indent + line if line.strip() else line for line in text.rstrip().split("\n"))
    after = next((line.strip() for line in hole.given.split("\n") if line.strip()), "the beginning")
    raise ProviderFault(f"the embedded model got nowhere after `{after}`: {why}", transient=False, hint=REMEDY)


def _flaw(hole: Hole, text: str) -> str:
    """Why the answer cannot stand there, or "". Python must be sound; a line must not be replaced by itself."""
    if not text.strip():
        return "it wrote nothing"
    if text.strip() == hole.refused:
        return "it changed nothing"
    return flaw_of(hole.given + text, hole.module) if hole.language == "python" else ""


def _complete(engine: Any, hole: Hole, asked: _Asked, number: int) -> tuple[str, str]:
    """Text and finish reason of one completion. Raises ProviderFault, Interrupted."""
    chunks: list[Any] = []

    def receive(chunk: Any) -> bool:
        chunks.append(chunk)
        return asked.watch.stop.is_set() or time.monotonic() > asked.deadline  # true ends the answer

    engine.handle_completions(_question(hole, asked, number), receive)
    asked.watch.check()
    if time.monotonic() > asked.deadline:
        raise ProviderFault(
            f"no whole answer within {asked.spec.timeout_s:g} s", transient=True, hint="raise timeout_s"
        )
    last: dict[str, Any] = chunks[-1] if chunks else {"error": {"message": "no answer"}}
    if "error" in last:
        raise _fault(last["error"])
    asked.read += last["usage"]["prompt_tokens"]
    asked.written += last["usage"]["completion_tokens"]
    asked.watch(asked.written)
    choices = [chunk["choices"][0] for chunk in chunks if chunk.get("choices")]
    return "".join(choice["text"] for choice in choices), str(choices[-1]["finish_reason"])


def _question(hole: Hole, asked: _Asked, number: int) -> dict[str, Any]:
    varied = asked.repairs + number
    return {
        "prompt": hole.prompt,
        "grammar": hole.grammar,
        "stop": [hole.stop],
        "stream": True,
        "seed": asked.attempt * 100 + varied,
        "temperature": (asked.spec.temperature or 0.0) + VARIED * varied,
        "n_predict": min(HOLE_TOKENS, asked.spec.max_output_tokens or HOLE_TOKENS),
        "cache_prompt": False,  # the text must not depend on what was asked before, not even by rounding
    }


def _fault(error: dict[str, Any]) -> ProviderFault:
    if error.get("type") == "exceed_context_size_error":
        size = f"{error.get('n_prompt_tokens', 'too many')} of {CONTEXT_TOKENS} tokens"
        hint = (
            "the embedded model is for small steps: shorten the plan's section, or name another model in codegen.yaml"
        )
        return ProviderFault(f"context too long for the embedded model: {size}", transient=False, hint=hint)
    return ProviderFault(f"the embedded model failed: {error.get('message')}", transient=False, hint=REMEDY)
