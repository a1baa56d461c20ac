"""A model file of the user's, asked in its own chat template. What it answers is the reply, as it is."""

import time
from pathlib import Path
from typing import Any

from codegen_tasks.call import MOST_ANSWER, ProviderFault, Watch, window_for
from codegen_tasks.local.engine import alone, engine_for
from codegen_tasks.records import ModelSpec, Reply, Request


def ask(path: Path, spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """One streamed answer. Raises ProviderFault, Interrupted."""
    end, chunks = time.monotonic() + spec.timeout_s, list[Any]()

    def receive(chunk: Any) -> bool:
        chunks.append(chunk)
        return watch.stop.is_set() or time.monotonic() > end  # true ends the answer

    window = spec.params.get("num_ctx") or window_for(request, spec.max_output_tokens or MOST_ANSWER)
    with alone(watch):
        engine = engine_for(path, int(window), spec.model)
        watch(0)
        engine.handle_chat_completions(_question(spec, request), receive)
    watch.check()
    if time.monotonic() > end:
        raise ProviderFault(f"no whole answer within {spec.timeout_s:g} s", transient=True, hint="raise timeout_s")
    return _reply(spec, chunks)


def _question(spec: ModelSpec, request: Request) -> dict[str, Any]:
    given = {"temperature": spec.temperature, "max_tokens": spec.max_output_tokens}
    return {
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "seed": request.attempt,
        **{name: value for name, value in given.items() if value is not None},
        **{name: value for name, value in spec.params.items() if name != "num_ctx"},
        "cache_prompt": False,  # the text must not depend on what was asked before, not even by rounding
    }


def _reply(spec: ModelSpec, chunks: list[Any]) -> Reply:
    last = chunks[-1] if chunks else {"error": {"message": "no answer"}}
    if "error" in last:
        hint = "lower context.budget_tokens, set params: {num_ctx: N}, or name another model"
        raise ProviderFault(f"{spec.model} failed: {last['error'].get('message')}", transient=False, hint=hint)
    usage: dict[str, int] = next((chunk["usage"] for chunk in reversed(chunks) if chunk.get("usage")), {})
    choices = [chunk["choices"][0] for chunk in chunks if chunk.get("choices")]
    text = "".join((choice.get("delta") or {}).get("content") or "" for choice in choices)
    finish = next((choice["finish_reason"] for choice in reversed(choices) if choice.get("finish_reason")), None)
    if finish not in ("stop", "length"):
        raise ProviderFault(f"{spec.model} broke off", transient=True)
    counts = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    return Reply(spec.model, text, finish, *counts, cost_usd=0.0)
