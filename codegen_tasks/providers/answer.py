"""An answer read into a reply: its pieces, silence, how it ended, its usage. It asks nobody."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.providers.finish import Ending, finish_of
from codegen_tasks.providers.prices import listed
from codegen_tasks.providers.windows import expected_input_tokens, expected_tokens
from codegen_tasks.records import ModelSpec, Reply, Request

STALL_S = 60.0  # a stream that has begun and is silent for so long is dead
LINGER_S = 5.0  # and one that has said how it ends need not say more
DRAIN_S = 0.5  # nor will one that has said that this was all
SPARE_S = 0.1  # of a call's time is kept for what an answer that is whole still needs
MOST_CHARACTERS = 1 << 24  # of an answer: a model that never stops is stopped
CHARACTERS_A_TOKEN = 4


async def read_text(pieces: AsyncGenerator[str | None, None], ending: Ending, watch: Watch, until: float) -> str:
    """The text of an answer. Once it has said why it ends, it may fall silent: nothing is missing.

    A piece that is None says only that the connection lives.
    """
    loop, texts, length, last = asyncio.get_running_loop(), list[str](), 0, None
    until -= SPARE_S
    try:
        async with asyncio.timeout(None) as silence, aclosing(pieces):
            async for piece in pieces:
                length += len(piece or "")
                if length + ending.unseen > MOST_CHARACTERS:
                    raise ProviderFault(f"the answer has more than {MOST_CHARACTERS} characters", transient=False)
                now = loop.time()
                if ending.is_sure:
                    last = now if piece or last is None else last
                    silence.reschedule(min(until, now + DRAIN_S if ending.done else last + LINGER_S))
                elif texts or piece is not None:
                    silence.reschedule(now + STALL_S)
                if piece is not None:
                    texts.append(piece)
                    watch((length + ending.unseen) // CHARACTERS_A_TOKEN)
    except TimeoutError as error:
        if not ending.is_sure:
            raise ProviderFault(f"the stream fell silent for {STALL_S:g} s", transient=True) from error
    return _paired("".join(texts))


def _paired(text: str) -> str:
    """The text with characters that were cut in two between the pieces of a stream made whole."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def make_reply(text: str, ending: Ending, spec: ModelSpec, request: Request) -> Reply:
    """The reply that the text and its ending are. Raises ProviderFault when it just broke off."""
    if ending.reason is None:
        message = "the stream ended without a finish reason" if ending.begun else "the server sent no part of an answer"
        raise ProviderFault(message, transient=True)
    finish = finish_of(ending.reason)
    if ending.refusal and not text.strip():  # what a model says instead of an answer is kept for people
        text, finish = ending.refusal, "content_filter"
    counts, counted = ending.counts, not ending.counts.into or (not ending.counts.out and bool(text))
    into, out = counts.into or 0, counts.out or 0
    if counted:
        into = into or expected_input_tokens(request)
        out = out or expected_tokens(text) + ending.unseen // CHARACTERS_A_TOKEN
    cached, price = min(into, counts.cached), listed(spec)
    cost = None if price is None else round(price.cost(into, out, cached, counts.kept), 9)
    return Reply(spec.model, text, finish, into, out, cached, cost, counted)
