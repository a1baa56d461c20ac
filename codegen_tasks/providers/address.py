"""What must be right before a question can be sent: the address, the environment of the connection. It sends
nothing.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from codegen_tasks.call import ProviderFault
from codegen_tasks.records import ModelSpec

CERTIFICATES = ("SSL_CERT_FILE",)
FOLDERS = ("SSL_CERT_DIR",)
HOST = re.compile(r"[^\s/?#@\\\x00-\x20\x7f]+")


def check_address(spec: ModelSpec) -> None:
    """Raises ProviderFault, permanent, that names the setting. An address is never repeated with a password in it."""
    if spec.api_base is not None and (wrong := _wrong(spec.api_base)):
        hint = "write api_base as http://host:port/path or https://…"
        if "password" in wrong:
            hint = "take user and password out of api_base, and name the variable that holds the key as api_key_env"
        raise _fault(f"api_base {wrong}", hint)
    for name in CERTIFICATES + FOLDERS:
        place = os.environ.get(name, "")
        is_there = Path(place).is_dir() if name in FOLDERS else Path(place).is_file()
        if place and not is_there:
            what = "folder" if name in FOLDERS else "file"
            raise _fault(f"the environment variable {name} names no {what}: {place}", f"mend {name}, or unset it")


def _wrong(url: str) -> str:
    """What keeps a text from being the address of a server; "" if nothing does."""
    if re.match(r"\w+://[^/?#]*@", url):
        return "holds a password, which is not sent"
    if url != url.strip() or any(sign.isspace() or not sign.isprintable() for sign in url):
        return "holds blanks or signs that no address has"
    if not url.lower().startswith(("http://", "https://")):
        return "does not begin with http:// or https://"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"is no address: {error}"
    if not parts.hostname or not HOST.fullmatch(parts.hostname) or port == 0:
        return "names no host"
    if len(parts.hostname) > 253 or any(not 0 < len(part) < 64 for part in parts.hostname.rstrip(".").split(".")):
        return f"names a host that cannot be: {url:.100}"
    return ""


def host_of(url: str) -> str:
    """The host in a URL, in small letters; "" if there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def proxy_for(url: str) -> str | None:
    """The environment variable whose proxy would be asked instead of this address; None: none is."""
    from urllib import request

    parts = urlsplit(url)
    if request.proxy_bypass(parts.netloc):
        return None
    found = request.getproxies()
    name = next((kind for kind in (parts.scheme, "all") if found.get(kind)), None)
    if name is None:
        return None
    wanted = f"{name}_proxy"
    return next((variable for variable in os.environ if variable.lower() == wanted), wanted.upper())


def _fault(message: str, hint: str) -> ProviderFault:
    return ProviderFault(message, transient=False, hint=hint, for_all=True)
