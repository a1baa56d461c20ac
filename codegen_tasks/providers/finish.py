"""How an answer ended, in one of our words. Providers have a dozen for each; what none of ours fits is a fault."""

from dataclasses import dataclass, field

from codegen_tasks.call import QUOTED, ProviderFault

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
NOTHING = frozenset({"", "null", "none"})  # as some write it before the end


@dataclass
class Counts:
    """Tokens as a provider reports them; None: it does not say. `cached` and `kept` are parts of `into`."""

    into: int | None = None
    out: int | None = None
    cached: int = 0
    kept: int = 0


@dataclass
class Ending:
    """What an answer says beside its text. `reason` is the provider's own word for its end, None until it came.

    `begun`: a first event is there. `done`: nothing will come any more. `unseen` counts the characters that cost money
    and are no text (thoughts, calls of tools), `refusal` is what a model says instead of an answer. `premature`: more
    came behind a word for the end, so the next one proves nothing until the stream itself ends.
    """

    begun: bool = False
    done: bool = False
    reason: str | None = None
    counts: Counts = field(default_factory=Counts)
    unseen: int = 0
    refusal: str = ""
    premature: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether nothing that follows can take the answer back."""
        return self.reason is not None and (self.done or not self.premature)

    def go_on(self) -> None:
        """More came: a word that said that this was all was said too soon."""
        if self.reason is not None and self.reason.lower() in WHOLE:
            self.reason, self.premature = None, True

    def note(self, reason: object) -> None:
        """Takes a word for the end; one that says that something is missing is never taken back."""
        if (
            isinstance(reason, str)
            and reason.lower() not in NOTHING
            and (self.reason is None or self.reason.lower() in WHOLE)
        ):
            self.reason = reason


def finish_of(reason: str) -> str:
    """`stop`, `length` or `content_filter`. Raises ProviderFault for what a provider says when it gave up."""
    word = reason.lower()
    for ours, theirs in (("stop", WHOLE), ("length", CUT), ("content_filter", FILTERED)):
        if word in theirs:
            return ours
    raise ProviderFault(f"the server ended its answer with {reason[:QUOTED]!r}", transient=True)
