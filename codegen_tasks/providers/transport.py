"""What holds for every HTTP client that asks a model: errors are read within bounds, redirects stay at home.

It does not know what is asked. A key that was meant for one server never reaches another through a redirect.
"""

import os
import ssl
import zlib
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from codegen_tasks.call import ProviderFault

if TYPE_CHECKING:
    import httpx

_sent: ContextVar[list[str]] = ContextVar("sent")

MOST_ERROR_BYTES = 1 << 20  # of an error's body, unpacked: some send the question back
MOST_REDIRECTS = 3
CONNECT_S = 20.0  # for a connection, TLS and all
KEEPS_METHOD = frozenset({307, 308})  # the others turn a question into a request without one
PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 47}  # as zlib calls them


def open_client(proxy: str | None, *, tls: bool) -> "httpx.AsyncClient":
    """A client that waits for answers as long as may be: every call has a deadline around it.

    `proxy` is the environment variable that names one. Raises ProviderFault for what the environment has wrong.
    """
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=30.0)
    address = os.environ.get(proxy, "") if proxy else ""
    if address and "://" not in address:
        address = f"http://{address}"
    try:
        return httpx.AsyncClient(
            **guarded(),
            verify=httpx.create_ssl_context() if tls else False,
            proxy=address or None,
            trust_env=False,
            limits=limits,
            timeout=httpx.Timeout(None, connect=CONNECT_S),
        )
    except ImportError as error:
        missing = str(error).partition(".")[0]
        raise _fault(f"the proxy that {proxy} names cannot be used: {missing}", f"mend {proxy}, or unset it") from error
    except ssl.SSLError as error:
        hint = "mend SSL_CERT_FILE, or unset it"
        raise _fault("the file that SSL_CERT_FILE names holds no certificates", hint) from error
    except ValueError as error:
        raise _fault(f"{proxy} names no proxy", f"mend {proxy}, or unset it") from error


def guarded() -> dict[str, Any]:
    """The settings of a client by which redirects stay at home and errors within bounds."""
    hooks: dict[str, list[Any]] = {"request": [_note_sent], "response": [guard]}
    return {"follow_redirects": True, "max_redirects": MOST_REDIRECTS, "event_hooks": hooks}


def open_guarded() -> "httpx.AsyncClient":
    """A client as the environment sets it up, for libraries that bring their own time-outs. Raises ProviderFault."""
    import httpx

    try:
        return httpx.AsyncClient(**guarded())
    except (ImportError, OSError, ValueError) as error:
        message = f"the environment sets up no connection: {error}"
        raise _fault(message, "mend the *_PROXY and SSL_CERT_* variables, or unset them") from error


def watch_sending() -> list[str]:
    """A list that gets an entry for every request that leaves in this context from now on."""
    sent: list[str] = []
    _sent.set(sent)
    return sent


async def _note_sent(request: "httpx.Request") -> None:
    _sent.get([]).append(request.method)


async def guard(answer: "httpx.Response") -> None:
    """An event hook for answers. Raises ProviderFault for a redirect that leads elsewhere."""
    if answer.has_redirect_location:
        _check_redirect(answer)
    if answer.status_code >= 300:
        packing = answer.headers.get("content-encoding", "").strip().lower()
        for name in ("content-encoding", "content-length"):
            if name in answer.headers:
                del answer.headers[name]
        answer.stream = _bounded(answer.stream, packing)


def _check_redirect(answer: "httpx.Response") -> None:
    place = answer.headers["location"]
    try:
        target = answer.request.url.join(place)
    except Exception as error:  # a URL can be wrong in many ways
        raise _elsewhere("an address that is none", "") from error
    here = answer.request.url
    if (target.scheme, target.host, target.port) != (here.scheme, here.host, here.port):
        raise _elsewhere(f"{target.scheme}://{target.netloc.decode(errors='replace')}", "and neither key nor question")
    if answer.status_code not in KEEPS_METHOD:
        raise _elsewhere(target.path, f"with status {answer.status_code}, which drops the question, and nothing")


def _elsewhere(place: str, what: str) -> ProviderFault:
    message = f"redirected to {place[:200]}; {what} was sent there" if what else f"redirected to {place[:200]}"
    return _fault(message, "set api_base to the address that answers by itself, if you trust it")


def _fault(message: str, hint: str) -> ProviderFault:
    return ProviderFault(message, transient=False, hint=hint, for_all=True)


def _bounded(stream: Any, packing: str) -> Any:
    import httpx

    class Bounded(httpx.AsyncByteStream):
        """The unpacked beginning of a body."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left, unpack = MOST_ERROR_BYTES, zlib.decompressobj(PACKED[packing]) if packing in PACKED else None
            async for piece in stream:
                try:
                    piece = piece[:left] if unpack is None else unpack.decompress(piece, left)
                except zlib.error:
                    return
                yield piece
                left -= len(piece)
                if left <= 0:
                    return

        async def aclose(self) -> None:
            await stream.aclose()

    return Bounded()
