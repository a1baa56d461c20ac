"""A program of its own that runs commands in namespaces of their own. It knows neither plans nor verdicts.

It is started once and told over a socket what to run, so that a command costs a fork and some mounts and not the start
of an interpreter. It imports nothing of the package: its environment is empty, and it is found by its file.
A message is one byte with three descriptors: the order (marshalled), where output goes, and a stream on which the end
is told. Whoever closes that stream ends the command. A keeper makes the namespaces; the first process in them mounts
what the command may see, starts it, watches it, and with its own end ends all that was left running.
"""

import ctypes
import errno
import fcntl
import marshal
import os
import resource
import select
import signal
import socket
import stat
import struct
import sys
import time
from contextlib import suppress
from typing import Any, NoReturn

NEW_NS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000
READ_ONLY, NO_SUID, NO_DEV = 0x1, 0x2, 0x4  # of mount_setattr
AT_RECURSIVE, MNT_DETACH = 0x8000, 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 36, 38
MOUNT_SETATTR = 442
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}.get(os.uname().machine, 41)
UID = 1000
TELL = 3  # the descriptor on which a command that cannot be started says so
POLL_MS = 100
MOST_REPORT = 64 << 20
PAGE = resource.getpagesize()
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

libc = ctypes.CDLL(None, use_errno=True)
Order = dict[str, Any]


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "namespace")]


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    words = [os.fsencode(word) if word else None for word in (source, target, kind)]
    _check(libc.mount(*words, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def pivot_root(new: str, old: str) -> None:
    """pivot_root(2)."""
    _check(libc.syscall(PIVOT_ROOT, os.fsencode(new), os.fsencode(old)), "pivot_root")


def protect(target: str, attributes: int, depth: int = AT_RECURSIVE) -> None:
    """Sets attributes of a mount and, unless `depth` is 0, of all below it."""
    wanted = _Attributes(attributes, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    _check(
        libc.syscall(MOUNT_SETATTR, -100, os.fsencode(target), depth, ctypes.byref(wanted), size), f"protect {target}"
    )


def make_namespaces(network: bool) -> None:
    """Leaves the caller's namespaces for new ones, in which it is user 1000 and nobody else exists."""
    uid, gid = os.geteuid(), os.getegid()
    flags = NEW_USER | NEW_NS | NEW_PID | NEW_IPC | NEW_UTS | (0 if network else NEW_NET)
    _check(libc.unshare(flags), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{UID} {uid} 1"), ("gid_map", f"{UID} {gid} 1")):
        write(f"/proc/self/{name}", text.encode(), os.O_WRONLY)


def write(path: str, data: bytes, flags: int = os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode: int = 0o644) -> None:
    """Writes a whole file."""
    handle = os.open(path, flags, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        if flags & os.O_CREAT:
            os.fchmod(file.fileno(), mode)


class Root:
    """The file system a command sees, while it is put together. `old` is what was there, `new` what will be."""

    old = "/old"
    new = "/new"
    layers = "/layers"  # all that can be written lies here, on one file system of limited size

    def __init__(self, disk: int) -> None:
        mount("", "/", "", MS_REC | MS_PRIVATE)
        mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
        os.mkdir("/tmp/old")
        pivot_root("/tmp", "/tmp/old")
        os.chdir("/")
        for folder, options in ((self.new, "mode=755,size=16m"), (self.layers, f"mode=755,size={disk}")):
            os.mkdir(folder)
            mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, options)
        for folder, mode in (("tmp", 0o1777), ("run", 0o755), ("upper", 0o755), ("work", 0o755)):
            os.mkdir(f"{self.layers}/{folder}")
            os.chmod(f"{self.layers}/{folder}", mode)
        os.mkdir(f"{self.layers}/tmp/home")
        for folder in ("tmp", "run"):
            self.bind(f"{self.layers}/{folder}", f"/{folder}")

    def at(self, path: str) -> str:
        """Where a path of the command's world lies now."""
        return self.new + path

    def bind(self, source: str, path: str, attributes: int = 0) -> None:
        """Shows what is at `source` under `path`."""
        target = self.at(path)
        if stat.S_ISDIR(os.stat(source).st_mode):
            os.makedirs(target, exist_ok=True)
        elif not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            write(target, b"")
        mount(source, target, "", MS_BIND | MS_REC)
        protect(target, attributes | NO_SUID)

    def show(self, source: str, path: str) -> None:
        """Shows what was at `source` under `path`, for reading."""
        self.bind(self.old + source, path, READ_ONLY | NO_DEV)

    def add_devices(self) -> None:
        """/dev as programs expect it, and nothing of the machine in it."""
        for name in DEVICES:
            with suppress(OSError):
                self.bind(f"{self.old}/dev/{name}", f"/dev/{name}")
        for name, target in (
            ("fd", "self/fd"),
            ("stdin", "self/fd/0"),
            ("stdout", "self/fd/1"),
            ("stderr", "self/fd/2"),
        ):
            os.symlink(f"/proc/{target}", self.at(f"/dev/{name}"))
        os.mkdir(f"{self.layers}/shm", 0o1777)
        self.bind(f"{self.layers}/shm", "/dev/shm")
        os.mkdir(self.at("/dev/pts"))
        with suppress(OSError):
            mount("devpts", self.at("/dev/pts"), "devpts", MS_NOSUID, "newinstance,ptmxmode=0666,mode=620")
            os.symlink("pts/ptmx", self.at("/dev/ptmx"))

    def add_files(self, order: Order) -> None:
        """The system, in the words of the order: links, files made up, and folders that are shown."""
        for path, target in order["links"]:
            os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
            os.symlink(target, self.at(path))
        for source, path in order["shown"]:
            self.show(source, path)
        for path, data in order["files"]:
            os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
            write(self.at(path), data)
        os.makedirs(self.at("/proc"))
        mount("proc", self.at("/proc"), "proc", MS_NOSUID | MS_NODEV)

    def enter(self) -> None:
        """Leaves the old root for good."""
        os.chdir(self.new)
        pivot_root(".", ".")
        _check(libc.umount2(b".", MNT_DETACH), "umount")
        os.chdir("/")
        protect("/", READ_ONLY, 0)


class Tree:
    """The scratch tree in a Root: the folder at `source` as a layer below, or a copy of the files named in `copy`."""

    def __init__(self, root: Root, source: str, copy: tuple[str, ...] | None) -> None:
        self.root = root
        self.lower = root.old + source
        self.upper = f"{root.layers}/upper"
        self.copy = copy

    def fill(self, hide: tuple[str, ...], changes: tuple[tuple[str, int, bytes | None], ...]) -> None:
        """Hides paths and writes the changes: mode and content; a content of None removes the file."""
        for path in self.copy or ():
            self._copy(path)
        for path in hide if self.copy is None else ():
            self._hide(path)
        for path, mode, data in changes:
            target = f"{self.upper}/{path}"
            self._make_folder(os.path.dirname(path))
            if os.path.lexists(target):
                os.unlink(target)
            if data is not None:
                write(target, data, mode=mode & 0o777)
            elif self.copy is None and os.path.lexists(f"{self.lower}/{path}"):
                self._hide(path)
        if self.copy is None:
            os.chmod(self.upper, os.stat(self.lower).st_mode & 0o777 | 0o700)

    def _hide(self, path: str) -> None:
        self._make_folder(os.path.dirname(path))
        os.mknod(f"{self.upper}/{path}", stat.S_IFCHR, 0)  # what overlayfs takes for "deleted"

    def _copy(self, path: str) -> None:
        source, target = f"{self.lower}/{path}", f"{self.upper}/{path}"
        self._make_folder(os.path.dirname(path))
        found = os.lstat(source)
        if stat.S_ISLNK(found.st_mode):
            os.symlink(os.readlink(source), target)
        else:
            with open(source, "rb", opener=_no_follow) as file:
                write(target, file.read(), mode=found.st_mode & 0o777)

    def _make_folder(self, path: str) -> None:
        """A folder of the upper layer, with the mode of the one below."""
        target = f"{self.upper}/{path}"
        if not path or os.path.isdir(target):
            return
        self._make_folder(os.path.dirname(path))
        if os.path.lexists(target):  # a file that was, where the changes have a folder
            os.unlink(target)
        os.mkdir(target)
        with suppress(OSError):
            found = os.lstat(f"{self.lower}/{path}").st_mode
            if stat.S_ISDIR(found):
                os.chmod(target, found & 0o777 | 0o700)

    def show_at(self, path: str) -> None:
        """Makes the tree appear."""
        os.makedirs(self.root.at(path), exist_ok=True)
        if self.copy is not None:
            self.root.bind(self.upper, path)
            return
        here = os.getcwd()
        os.chdir(self.lower)  # a path may hold what separates options
        work = f"{self.root.layers}/work"
        options = f"userxattr,lowerdir=.,upperdir={self.upper},workdir={work}"
        mount("overlay", self.root.at(path), "overlay", MS_NOSUID | MS_NODEV, options)
        os.chdir(here)


def _no_follow(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def raise_loopback() -> None:
    """Brings up the one network device of a new namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        up = struct.pack("16sh", b"lo", 1)
        fcntl.ioctl(probe, 0x8914, up)  # SIOCSIFFLAGS


def arrange(order: Order) -> None:
    """Makes the command's world of the order, from within new namespaces."""
    root = Root(order["disk"])
    tree = Tree(root, order["source"], order["copy"])
    tree.fill(order["hide"], order["changes"])
    root.add_devices()
    root.add_files(order)
    tree.show_at(order["root"])
    for source, path in order["needs"]:
        root.show(source, path)
    if not order["network"]:
        raise_loopback()
    with suppress(OSError):
        libc.sethostname(b"check", 5)
    for name, value in (("user/max_user_namespaces", 0), ("kernel/pid_max", max(order["processes"] + 300, 301))):
        with suppress(OSError):  # the second one is of the namespace since Linux 6.14 only
            write(root.at(f"/proc/sys/{name}"), str(value).encode(), os.O_WRONLY)
    root.enter()


def start(order: Order, out: int) -> tuple[int, int]:
    """Forks the command. Returns its process, and a descriptor that tells why it could not be started, if so."""
    told, tell = os.pipe2(os.O_CLOEXEC)
    child = os.fork()
    if child:
        os.close(tell)
        return child, told
    try:
        out = fcntl.fcntl(out, fcntl.F_DUPFD, TELL + 1)
        os.dup2(fcntl.fcntl(tell, fcntl.F_DUPFD, TELL + 1), TELL, inheritable=False)
        os.setsid()
        _become(order, out)
    except OSError as error:
        os.write(TELL, f"{error.strerror}".encode())
    os._exit(127)


def _become(order: Order, out: int) -> NoReturn:
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open("/dev/null", os.O_RDONLY)
    for handle, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(handle, target)
    os.closerange(TELL + 1, 1 << 16)
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, order["processes"]),
        (resource.RLIMIT_FSIZE, order["disk"]),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (value, value))
    os.chdir(order["cwd"])
    os.umask(0o022)
    if not order.get("makes_sandbox"):
        for capability in range(64):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    name, *_ = order["argv"]
    places = [name] if "/" in name else [f"{folder}/{name}" for folder in order["env"]["PATH"].split(":")]
    program = next((place for place in places if os.path.exists(place)), places[0])
    os.execve(program, list(order["argv"]), order["env"])


class Watch:
    """Waits for a command in the namespace whose first process we are, and sees that it keeps to its limits."""

    def __init__(self, order: Order, child: int, control: socket.socket) -> None:
        self._order, self._child, self._control = order, child, control
        self._deadline = time.monotonic() + order["seconds"]
        self._bell, ring = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(ring, False)
        signal.set_wakeup_fd(ring)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def wait(self) -> tuple[str, int]:
        """How it ended: exited with a code, or what it had too much of."""
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        while True:
            code = self._reaped()
            if code is not None:
                return "exited", code
            exceeded = self._exceeded()
            if exceeded:
                return exceeded, 0
            for handle, _ in poll.poll(POLL_MS):
                if handle == self._control.fileno():
                    if "bare" in self._order:
                        end_descendants()
                    os._exit(1)
                with suppress(BlockingIOError):
                    os.read(self._bell, 4096)

    def _reaped(self) -> int | None:
        found = None
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == self._child:
                    found = os.waitstatus_to_exitcode(status)
        return found

    def _exceeded(self) -> str:
        if time.monotonic() > self._deadline:
            return "time"
        pids = descendants() if "bare" in self._order else [name for name in os.listdir("/proc") if name.isdigit()]
        if len(pids) > self._order["processes"]:
            return "processes"
        return "memory" if sum(map(_own_memory, pids)) > self._order["memory"] else ""


def descendants() -> list[str]:
    """All processes below this one: who lost its parent is a child of ours."""
    children: dict[str, list[str]] = {}
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
                parent = file.read().rpartition(b")")[2].split()[1].decode()
                children.setdefault(parent, []).append(pid)
    found, pending = [], list(children.get(str(os.getpid()), ()))
    while pending:
        found.append(pending.pop())
        pending += children.get(found[-1], ())
    return found


def end_descendants() -> None:
    """Kills until nobody is left who could start another."""
    while pids := descendants():
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _own_memory(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            words = file.read().split()
        return (int(words[1]) - int(words[2])) * PAGE
    except (OSError, IndexError):
        return 0


def read_report(path: str) -> bytes | None:
    """The file at `path` if it is a file of bearable size, and no link."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if stat.S_ISREG(found.st_mode) and found.st_size <= MOST_REPORT:
                return file.read(MOST_REPORT)
    return None


def live(order: Order, out: int, control: socket.socket) -> None:
    """The life of the first process: arranges the world, runs the command, tells how it ended."""
    if "bare" not in order:  # else there would be nobody left to end what it started
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.setsid()
    if "bare" in order:
        libc.prctl(PR_SET_SUBREAPER, 1, 0, 0, 0)
    else:
        arrange(order)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # nobody in here may look into us or speak for us
    begun = time.monotonic()
    child, told = start(order, out)
    os.close(out)
    trouble = os.read(told, 1000).decode()
    end, code = ("missing", 0) if trouble else Watch(order, child, control).wait()
    if "bare" in order:
        end_descendants()
    else:
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
    report = read_report(order["report"]) if order["report"] and end == "exited" else None
    full = end == "exited" and code != 0 and "bare" not in order and _is_full()
    _tell(control, {"end": end, "code": code, "trouble": trouble, "report": report, "full": full,
                    "seconds": time.monotonic() - begun})  # fmt: skip


def _is_full() -> bool:
    with suppress(OSError):
        found = os.statvfs("/tmp")
        return found.f_bavail * found.f_frsize < PAGE * 4
    return False


def _tell(control: socket.socket, what: Order) -> None:
    data = marshal.dumps(what)
    control.sendall(struct.pack("<Q", len(data)) + data)


def keep(order: Order, out: int, control: socket.socket) -> None:
    """Makes the namespaces and waits for the first process in them; what cannot be made is told."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if "bare" not in order:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        if "bare" not in order:
            make_namespaces(order["network"])
    except OSError as error:
        _tell(control, _no_sandbox(error))
        os._exit(1)
    first = os.fork()
    if first == 0:
        try:
            live(order, out, control)
        except OSError as error:
            _tell(control, _no_sandbox(error))
        os._exit(0)
    os.close(out)
    os.waitpid(first, 0)


def _no_sandbox(error: OSError) -> Order:
    what = f"{error.filename}: {error.strerror or errno.errorcode.get(error.errno or 0, '')}"
    return {
        "end": "no sandbox",
        "code": error.errno or 0,
        "trouble": what,
        "report": None,
        "full": False,
        "seconds": 0.0,
    }


def serve(orders: socket.socket) -> None:
    """Runs what is ordered until the other end is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        told, handles, _, _ = socket.recv_fds(orders, 1, 3)
        if not told:
            return
        what, out, control = handles
        if os.fork() == 0:
            orders.close()
            try:
                with os.fdopen(what, "rb") as file:
                    file.seek(0)
                    order = marshal.load(file)  # noqa: S302 (from the process that started us)
                keep(order, out, socket.socket(fileno=control))
            finally:
                os._exit(0)
        for handle in handles:
            os.close(handle)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
