"""What of the machine a sandboxed command may see: the system, its own tools, nothing of anybody's home or keys."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDERS = ("/usr", "/opt", "/nix/store", "/gnu/store")
ROOTS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")  # links into /usr, or folders
OF_ETC = (
    "alternatives", "ca-certificates", "crypto-policies", "debian_version", "fonts", "host.conf", "java", "ld.so.cache",
    "ld.so.conf", "ld.so.conf.d", "magic", "mime.types", "os-release", "pki/ca-trust", "pki/tls", "protocols",
    "services", "ssl/certs", "ssl/openssl.cnf",
)  # fmt: skip
OF_TOOLS = (
    "bin", "conda-meta", "include", "lib", "lib64", "libexec", "pkg", "plugins", "pyvenv.cfg", "shims", "src",
    "version", "versions",
)  # fmt: skip
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MADE_BY_US = ("/etc", "/proc", "/dev")
MADE = {
    "/etc/passwd": b"check:x:1000:1000:check:/tmp/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "/etc/group": b"check:x:1000:\nnogroup:x:65534:\n",
    "/etc/hosts": b"127.0.0.1 localhost check\n::1 localhost\n",
    "/etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files dns\n",
}


def system_links() -> tuple[tuple[str, str], ...]:
    """The links of the root folder that programs are found by: where, and what they hold."""
    return tuple((path, os.readlink(path)) for path in ROOTS if os.path.islink(path))  # noqa: PTH114, PTH115


def system_folders(network: bool) -> tuple[str, ...]:
    """Files and folders of the machine that are shown for reading."""
    wanted = [*FOLDERS, *(path for path in ROOTS if not Path(path).is_symlink()), *(f"/etc/{name}" for name in OF_ETC)]
    wanted += ["/etc/resolv.conf"] if network else []
    return tuple(path for path in wanted if Path(path).exists())


def tools_of(program: str) -> tuple[str, ...]:
    """What else a program needs that lies outside of the system's folders: the folders around it and around what its
    links lead to, as far as they look like an installation. A folder that holds a person's other things is left out."""
    found: dict[str, None] = {}
    for place in _hops(Path(program)):
        prefix = place.parent.parent
        if place.parent.name in ("bin", "sbin", "shims") and not _is_home(prefix):
            found |= dict.fromkeys(str(prefix / name) for name in OF_TOOLS if (prefix / name).exists())
        found |= {str(place): None} if place.exists() else {}
    return tuple(_uncovered(path for path in found if not _in_system(path)))


def variables_of(program: str) -> dict[str, str]:
    """What a program of a version manager (pyenv, rbenv, nodenv, …) must be told, as it cannot see the home folder."""
    folder = Path(program).parent
    manager = folder.parent.name.lstrip(".").upper()
    return {f"{manager}_ROOT": str(folder.parent)} if folder.name == "shims" and manager else {}


def _hops(path: Path) -> Iterator[Path]:
    """The program's place, that of each link on the way, and where it ends."""
    for _ in range(20):
        yield path
        if not path.is_symlink():
            break
        path = Path(os.path.normpath(path.parent / path.readlink()))
    yield path.resolve()


def _is_home(folder: Path) -> bool:
    return folder in (Path("/"), Path("~").expanduser()) or folder.parent == Path("/home")


def _in_system(path: str) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in (*FOLDERS, *ROOTS, *MADE_BY_US))


def _uncovered(paths: Iterable[str]) -> Iterator[str]:
    """Those that do not lie below another one."""
    last = "\0"
    for path in sorted(paths, key=lambda path: path + "/"):
        if not path.startswith(last):
            yield path
            last = f"{path}/"
