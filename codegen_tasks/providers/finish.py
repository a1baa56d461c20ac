"""How an answer ended, in one of our words. Providers have a dozen for each; what none of ours fits is a fault."""

from codegen_tasks.providers.call import ProviderFault

WHOLE = frozenset({
    "stop", "stop_sequence", "end", "end_turn", "eos", "eos_token", "complete", "completed", "done", "finished",
    "tool_calls", "tool_use", "function_call",
})  # fmt: skip
CUT = frozenset({
    "length", "max_tokens", "max_output_tokens", "max_completion_tokens", "model_length", "token_limit", "pause_turn",
    "model_context_window_exceeded",
})  # fmt: skip
FILTERED = frozenset({
    "content_filter", "content_filtered", "guardrail_intervened", "refusal", "safety", "recitation", "blocklist",
    "prohibited_content", "spii", "image_safety", "language", "sensitive", "error_toxic",
})  # fmt: skip


def finish_of(reason: str) -> str:
    """`stop`, `length` or `content_filter`. Raises ProviderFault for what a provider says when it gave up."""
    word = reason.lower()
    for ours, theirs in (("stop", WHOLE), ("length", CUT), ("content_filter", FILTERED)):
        if word in theirs:
            return ours
    raise ProviderFault(f"the server ended its answer with {reason!r}", transient=True)
