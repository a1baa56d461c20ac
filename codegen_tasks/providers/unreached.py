"""What kept a question from reaching a server becomes a fault that names the setting behind it, and says whether it may
pass. Nobody bills such a question.
"""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from typing import TypeVar

from codegen_tasks.call import ProviderFault
from codegen_tasks.providers.address import host_of, proxy_for
from codegen_tasks.providers.refusals import MOST_CHARACTERS, in_a_line, shown
from codegen_tasks.records import ModelSpec

E = TypeVar("E", bound=BaseException)

CODE_PLACE = re.compile(r"\s*\(_ssl\.c:\d+\)")
NO_HTTP = "illegal request line"  # how h11 calls an answer that begins with a control character, as TLS does
NO_TLS = re.compile(
    r"WRONG_VERSION_NUMBER|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE|PACKET_LENGTH", re.IGNORECASE
)
BAD_TLS = re.compile(
    r"PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|HANDSHAKE_FAILURE|NO_CIPHERS|UNRECOGNIZED_NAME|CERTIFICATE|DH_KEY",
    re.IGNORECASE,
)
NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), socket.EAI_FAMILY}
FULL = {errno.EMFILE, errno.ENFILE}


def unreached(error: BaseException, spec: ModelSpec, url: str | None) -> ProviderFault | None:
    """The fault of a connection that was not made; None if it was. `url` is the address that was meant, if known."""
    import httpx

    if full := too_many(error):
        return full
    if cause_of(error, httpx.TooManyRedirects):
        hint = "set api_base to the address that answers by itself"
        return _permanent("redirected in circles", hint, spec)
    if (plain := cause_of(error, httpx.RemoteProtocolError)) and NO_HTTP in str(plain):
        return _permanent(f"{_place(url)} speaks no HTTP, but perhaps TLS", "try https:// in api_base", spec)
    if trouble := cause_of(error, ssl.SSLError):
        return _tls(trouble, spec, url)
    if wrong := cause_of(error, httpx.UnsupportedProtocol, httpx.InvalidURL):
        return _permanent(f"api_base is no address: {wrong}", "write it as http://host:port/path or https://…", spec)
    if cause_of(error, httpx.ProxyError, httpx.ConnectError, httpx.ConnectTimeout):
        return _no_connection(error, spec, url)
    return None


def broken(error: BaseException, spec: ModelSpec) -> ProviderFault:
    """The fault of an answer that cannot be read to its end."""
    said = in_a_line(str(error), spec)[:MOST_CHARACTERS] or type(error).__name__
    return too_many(error) or ProviderFault(said, transient=True)


def too_many(error: BaseException) -> ProviderFault | None:
    """The fault of a machine that allows this process no more files, connections or threads."""
    found = [cause for cause in causes_of(error) if isinstance(cause, OSError) and cause.errno in FULL]
    if not found and not any("can't start new thread" in str(cause) for cause in causes_of(error)):
        return None
    what = "files and connections (ulimit -n)" if found else "threads (ulimit -u)"
    hint = "lower generate.jobs, or raise the limit of the machine"
    return ProviderFault(f"this machine allows no more {what}", transient=False, hint=hint, for_all=True)


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those that led to it: libraries call most of them errors of the server."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from causes_of(inner)
        error = error.__cause__ or error.__context__


def cause_of(error: BaseException | None, *kinds: type[E]) -> E | None:
    """The first error of one of these kinds among the causes."""
    return next((cause for cause in causes_of(error) if isinstance(cause, kinds)), None)


def _tls(trouble: ssl.SSLError, spec: ModelSpec, url: str | None) -> ProviderFault | None:
    said = CODE_PLACE.sub("", str(trouble.reason or trouble)) or "TLS failed"
    if isinstance(trouble, ssl.SSLCertVerificationError):
        why = CODE_PLACE.sub("", trouble.verify_message or said)
        hint = "set SSL_CERT_FILE to a file with the certificate of the authority that the server's own was made by"
        return _permanent(f"the certificate of {_place(url)} is not trusted: {why}", hint, spec)
    if NO_TLS.search(said):
        return _permanent(f"{_place(url)} speaks no TLS ({said})", "write http:// in api_base", spec)
    if BAD_TLS.search(said):
        return _permanent(f"{_place(url)} and we agree on no TLS: {said}", "check api_base and SSL_CERT_FILE", spec)
    return ProviderFault(shown(f"TLS with {_place(url)}: {said}", spec), transient=True, free=True)


def _no_connection(error: BaseException, spec: ModelSpec, url: str | None) -> ProviderFault:
    import httpx

    proxy = proxy_for(url) if url else None
    unknown = cause_of(error, socket.gaierror)
    last = cause_of(error, OSError, httpx.TransportError)
    said = str(last) or type(last).__name__
    if proxy is not None:
        said = f"the proxy that {proxy} names does not serve: {said}"
        may_pass = bool(re.search(r"\b5\d\d\b", said)) or cause_of(error, httpx.ConnectTimeout) is not None
        if not may_pass:
            return _permanent(said, f"mend {proxy}, or name {host_of(url or '')} in NO_PROXY", spec)
        return ProviderFault(shown(said, spec), transient=True, free=True, hint=f"check the proxy that {proxy} names")
    if unknown is not None and unknown.errno in NO_SUCH_NAME and spec.api_base is not None:
        return _permanent(f"there is no host {host_of(spec.api_base)}", "mend the host in api_base", spec)
    where = f"Cannot connect to {_place(url)}: " if url else ""
    hint = "start the server, or mend api_base" if spec.api_base is not None else "check the connection to the network"
    return ProviderFault(shown(where + said, spec), transient=True, free=True, hint=hint)


def _place(url: str | None) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).netloc.rpartition("@")[2] if url else "the server"


def _permanent(message: str, hint: str, spec: ModelSpec) -> ProviderFault:
    return ProviderFault(shown(message, spec), transient=False, hint=hint, for_all=True)
