"""What a process gives up before it touches a stranger's file. None of it can be taken back.

Resource limits hold everywhere. Landlock (Linux 5.13) and seccomp (libseccomp2) are used where the kernel and
the system have them; ``missing()`` says what is not there.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38

READABLE = ("/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/var/cache/fontconfig", "/dev/urandom")
"""Libraries, fonts, and Poppler's programs and data."""

FORBIDDEN_CALLS = (
    *("socket", "connect", "bind", "listen", "accept", "accept4", "socketpair"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_open", "pidfd_getfd"),
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "bpf", "perf_event_open", "userfaultfd"),
    *("keyctl", "add_key", "request_key", "io_uring_setup", "init_module", "finit_module", "kexec_load"),
)

SIGNALLING_CALLS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal")
"""Forbidden to children only, who are of the same user as the processes of the platform; the nursery ends them."""

FIRST_TO_GO = 500
"""Thousandths of the machine's memory that the kernel adds to a child's own when it has to end somebody for memory."""


def give_up_privileges() -> None:
    """No new rights by any program that is started, and no network: for the nursery and all its children."""
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _forbid(FORBIDDEN_CALLS)


def _forbid(calls: Iterable[str]) -> None:
    seccomp = _seccomp()
    if seccomp is None:
        return
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in calls:
        try:
            rules.add_rule(seccomp.ERRNO(errno.EPERM), name)
        except (OSError, ValueError, RuntimeError):  # a call that this machine does not have
            continue
    rules.load()


LARGEST_WRITTEN = 2**32
"""Bytes of a file that a process writes which may write."""


def confine(readable: Iterable[Path], memory: int, folder: Path | None = None) -> None:
    """Reads nothing but the system's libraries and ``readable``, takes ``memory`` bytes at most, writes nothing but
    files in ``folder``, and signals nobody. It ends with the process that started it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with suppress(OSError):  # there may be no such file, or nobody may write to it
        Path("/proc/self/oom_score_adj").write_text(str(FIRST_TO_GO))
    _forbid(SIGNALLING_CALLS)
    largest = LARGEST_WRITTEN if folder else 0
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    landlock = _landlock()
    if landlock is None:
        return
    ruleset = landlock.Ruleset()
    packages = {sys.prefix, sys.base_prefix, str(Path(__file__).parents[2] / "recognition")}
    for place in (*READABLE, *packages, *map(str, readable)):
        if Path(place).exists():
            rules = landlock.FSAccess.READ_FILE | landlock.FSAccess.EXECUTE
            if Path(place).is_dir():
                rules |= landlock.FSAccess.READ_DIR
            ruleset.allow(place, rules=rules)
    if folder:
        access = landlock.FSAccess
        rights = access.READ_FILE | access.WRITE_FILE | access.TRUNCATE | access.MAKE_REG | access.REMOVE_FILE
        ruleset.allow(folder, rules=rights & access.all())
    ruleset.allow(os.devnull, rules=landlock.FSAccess.READ_FILE | landlock.FSAccess.WRITE_FILE)
    ruleset.apply()


def allow_processor_time(seconds: int) -> None:
    """From now on so many seconds of processor time; after them the kernel ends this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + seconds, resource.RLIM_INFINITY))


def missing() -> list[str]:
    """What this system lacks of a full confinement, in words."""
    lacks = []
    if _landlock() is None:
        lacks.append("Landlock: a Linux kernel from 5.13 on with it switched on")
    if _seccomp() is None:
        lacks.append("seccomp: Debian's package libseccomp2")
    return lacks


@cache
def _landlock() -> ModuleType | None:
    import landlock

    try:
        landlock.Ruleset()
    except (OSError, landlock.LandlockError):
        return None
    found: ModuleType = landlock
    return found


@cache
def _seccomp() -> ModuleType | None:
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):  # it looks for the system's library when it is imported
        return None
    found: ModuleType = pyseccomp
    return found
