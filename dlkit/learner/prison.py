"""The last walls around a learner's process, put up by itself before it runs anything of the learner's.

Inside bubblewrap's sandbox each submission gets a process tree, a scratch folder and limits of its own; then every
capability is dropped and a seccomp filter forbids new processes, namespaces, tracing and sockets. Linux only, by the
C library.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from pathlib import Path

__all__ = ["enter"]

NEWNS, NEWIPC, NEWPID = 0x00020000, 0x08000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_PDEATHSIG, PR_CAPBSET_DROP = 38, 22, 1, 24
SECCOMP_MODE_FILTER = 2
CLONE_THREAD = 0x00010000
MEMORY, FILE_SIZE, FILES, CPU_SECONDS, THREADS = 2 << 30, 32 << 20, 128, 300, 64
SCRATCH, SIZE = b"/scratch", b"size=64m,nr_inodes=2k,mode=1777"

MOUNTING = {
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "mount_setattr": 442,
}  # fmt: skip
# System calls by name: x86_64 and aarch64 numbers. Denied with EPERM; clone3 with ENOSYS, so that libc tries clone.
DENIED = {
    "x86_64": {
        "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101, "mount": 165, "umount2": 166, "socket": 41,
        "socketpair": 53, "connect": 42, "bind": 49, "unshare": 272, "setns": 308, "process_vm_readv": 310,
        "process_vm_writev": 311, "execveat": 322, "bpf": 321, "keyctl": 250, "add_key": 248, "perf_event_open": 298,
        "io_uring_setup": 425, "pidfd_getfd": 438, "pidfd_send_signal": 424, "chroot": 161,
        "open_by_handle_at": 304, "userfaultfd": 323, "memfd_create": 319, "shmget": 29,
        "request_key": 249, "pivot_root": 155, "syslog": 103, "reboot": 169,
        "acct": 163, "fanotify_init": 300, "kcmp": 312, "process_madvise": 440, **MOUNTING,
    },
    "aarch64": {
        "execve": 221, "kill": 129, "ptrace": 117, "mount": 40, "umount2": 39, "socket": 198, "socketpair": 199,
        "connect": 203, "bind": 200, "unshare": 97, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
        "execveat": 281, "bpf": 280, "keyctl": 219, "add_key": 217, "perf_event_open": 241, "io_uring_setup": 425,
        "pidfd_getfd": 438, "pidfd_send_signal": 424, "chroot": 51, "open_by_handle_at": 265, "userfaultfd": 282,
        "memfd_create": 279, "shmget": 194,
        "request_key": 218, "pivot_root": 41, "syslog": 116, "reboot": 142,
        "acct": 89, "fanotify_init": 262, "kcmp": 272, "process_madvise": 440, **MOUNTING,
    },
}  # fmt: skip
CLONE = {"x86_64": (56, 435, 0xC000003E), "aarch64": (220, 435, 0xC00000B7)}

_libc = ctypes.CDLL(None, use_errno=True)


def _call(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def enter() -> int:
    """Fork into a prison. Returns 0 in it; outside, the process id that ends everything in it when killed."""
    _call(_libc.unshare(NEWPID | NEWNS | NEWIPC), "unshare")
    child = os.fork()
    if child:
        return child
    _call(_libc.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0), "pdeathsig")
    _call(_libc.mount(b"tmpfs", SCRATCH, b"tmpfs", MS_NOSUID | MS_NODEV, SIZE), "mount the scratch folder")
    Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, this process goes first
    _mount_proc()
    os.chdir(SCRATCH)
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NPROC, THREADS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    _drop_capabilities()
    _call(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _filter()
    return 0


def _mount_proc() -> None:
    """Only processes, of this prison, and read-only: /proc/sys is the machine's, and root may write there."""
    flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC
    if _libc.mount(b"proc", b"/proc", b"proc", flags, b"subset=pid,hidepid=2"):  # not before Linux 5.8
        _call(_libc.mount(b"proc", b"/proc", b"proc", flags, None), "mount /proc")


def _drop_capabilities() -> None:
    for number in range(64):
        _libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    header = struct.pack("=II", 0x20080522, 0)
    _call(_libc.capset(header, bytes(24)), "capset")


def _filter() -> None:
    """A classic BPF program: wrong architecture, denied calls and clones that are no threads are refused."""
    machine = platform.machine()
    if machine not in DENIED:
        raise OSError(f"no seccomp filter for {machine}")
    clone, clone3, audit = CLONE[machine]
    denied = sorted(DENIED[machine].values())

    def step(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    load, equal, has, give = 0x20, 0x15, 0x45, 0x06
    allow, refuse, absent, die = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
    program = [step(load, 0, 0, 4), step(equal, 1, 0, audit), step(give, 0, 0, die), step(load, 0, 0, 0)]
    if machine == "x86_64":
        program += [step(0x35, 0, 1, 0x40000000), step(give, 0, 0, die)]  # the x32 table has numbers of its own
    for number in denied:
        program += [step(equal, 0, 1, number), step(give, 0, 0, refuse)]
    program += [step(equal, 0, 1, clone3), step(give, 0, 0, absent)]
    program += [step(equal, 0, 3, clone), step(load, 0, 0, 16), step(has, 1, 0, CLONE_THREAD), step(give, 0, 0, refuse)]
    program += [step(give, 0, 0, allow)]
    code = ctypes.create_string_buffer(b"".join(program))
    filter_ = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    _call(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_, 0, 0), "seccomp")
