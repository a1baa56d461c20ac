"""How many tokens a question has, and whether a model reads them all. It asks nobody.

Servers that run models themselves cut a question to their window and say so only in the usage they report.
"""

from codegen_tasks.call import ProviderFault
from codegen_tasks.providers.prices import window_of
from codegen_tasks.records import ModelSpec, Reply, Request

FRAME_TOKENS = 16  # what a chat format adds to each message, generously
LEAST_WINDOW = 512  # tokens; counts below it are no window's
WINDOW_STEP = 512
CHARACTERS_A_TOKEN = 5  # at most, on average: more than text or code has
HINT = (
    "give the server a larger window (Ollama: params: {num_ctx: N}), lower context.budget_tokens or plan smaller units"
)


def most_input_tokens(request: Request) -> int:
    """No tokenizer makes more tokens of a request: each stands for at least one byte."""
    return sum(len(message.content.encode()) + FRAME_TOKENS for message in request.messages)


def expected_input_tokens(request: Request) -> int:
    """About what tokenizers make of English and code: a token for four bytes."""
    return -(-most_input_tokens(request) // 4)


def expected_tokens(text: str) -> int:
    """The same of a text."""
    return -(-len(text.encode(errors="replace")) // 4)


def least_tokens(request: Request) -> int:
    """No tokenizer makes fewer of a question: no token goes over a blank between words, nor is it long on average."""
    texts = [message.content for message in request.messages]
    return min(sum(len(text.split()) for text in texts), sum(map(len, texts)) // CHARACTERS_A_TOKEN)


def check_window(spec: ModelSpec, request: Request) -> None:
    """Raises ProviderFault when the model is known to read less than the question has."""
    known, least = window_of(spec), least_tokens(request)
    if known is not None and least > known:
        message = f"the context is too long: at least {least} tokens, and {spec.name} reads {known}"
        raise ProviderFault(message, transient=False, hint=HINT)


def unread(request: Request, reply: Reply) -> ProviderFault | None:
    """The fault of a reply whose usage says that the server read a part of the question only."""
    read, least = reply.input_tokens, least_tokens(request)
    if reply.counted or read < LEAST_WINDOW:
        return None
    if read < least // 2 or (read < least and read % WINDOW_STEP == 0):
        message = f"the server read {read} tokens of a question that has at least {least}: it was cut to the window"
        return ProviderFault(message, transient=False, hint=HINT, reply=reply)
    return None
