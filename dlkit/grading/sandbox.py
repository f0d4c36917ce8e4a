"""The sandbox around everything a learner wrote: bubblewrap, a process that has numpy, a prison per submission."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

from dlkit.course.errors import UserError

__all__ = ["MISSING", "Sandbox", "available", "libraries", "require"]

MISSING = (
    "There is no sandbox here, so notebooks of other people are not graded: install bubblewrap "
    "(`apt install bubblewrap`, Linux only). For your own notebooks there is --no-sandbox."
)
PACKAGE = Path(__file__).resolve().parents[1]
SHOWN = ("__init__.py", "check", "lab", "learner")
"""The parts of this package that a learner's process may see. None of them knows an answer."""
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "HOME": "/scratch", "TMPDIR": "/scratch", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/scratch",
}  # fmt: skip
START_SECONDS = 30.0


SYSTEM = ("/usr", "/lib", "/lib64", "/bin")
LIBRARIES = [path for path in dict.fromkeys(sys.path) if Path(path).name in ("site-packages", "dist-packages")]
# -S keeps .pth files from running and from adding the course's folder to the path; the libraries are added by hand.
BOOT = (
    f"import sys; sys.path[:0] = ['/course']; sys.path += {LIBRARIES!r}; "
    "from dlkit.learner.zygote import main; main(int(sys.argv[1]))"
)


def available() -> bool:
    """Whether submissions can be run in isolation on this machine."""
    return sys.platform == "linux" and shutil.which("bwrap") is not None


def require() -> None:
    """UserError, saying how to get one, where there is no sandbox on this machine."""
    if not available():
        raise UserError(MISSING)


def _interpreter_paths() -> list[str]:
    """What this Python needs: its programs and libraries, and its environment's.

    Not the environment's whole folder: where somebody made it in the course's own (`python -m venv .`), the gradebook
    lies in it.
    """
    prefixes = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parents[1])}
    wanted = {f"{prefix}/{part}" for prefix in prefixes for part in ("bin", "lib", "lib64", "pyvenv.cfg")}
    wanted |= {*LIBRARIES, *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib"))}
    system = tuple(f"{top}/" for top in SYSTEM)
    inside = {path for path in wanted if Path(path).exists() and not path.startswith(system)}
    return [
        path for path in sorted(inside) if not any(path.startswith(f"{other}/") for other in inside if other != path)
    ]


def libraries() -> list[str]:
    """bwrap's words for what any sandbox shows, read-only: the system's programs and libraries, and this Python's."""
    words: list[str] = []
    for top in SYSTEM:
        if Path(top).is_symlink():
            words += ["--symlink", os.readlink(top), top]
        elif Path(top).exists():
            words += ["--ro-bind", top, top]
    for file in ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/localtime"):
        words += ["--ro-bind-try", file, file]
    paths = _interpreter_paths()
    for path in paths:
        words += ["--ro-bind", path, path]
    if any(str(PACKAGE).startswith(f"{path}/") for path in (*paths, "/usr")):
        words += ["--tmpfs", str(PACKAGE)]  # an installed course lies among the libraries, answers and all
    return words


def _command(descriptor: int) -> list[str]:
    command = ["bwrap", "--unshare-all", "--cap-add", "ALL", "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    command += ["--tmpfs", "/", "--proc", "/proc", "--dev", "/dev", "--dir", "/tmp", "--dir", "/scratch"]
    command += libraries()
    for part in SHOWN:
        command += ["--ro-bind", str(PACKAGE / part), f"/course/dlkit/{part}"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/scratch"]
    return [*command, sys.executable, "-I", "-S", "-c", BOOT, str(descriptor)]


class _Gone(Exception):
    """The sandbox's first process has ended, or does not answer."""


class Sandbox:
    """A sandbox that stays, for one worker: `fresh` gives the connection to a new prison and ends the one before."""

    def __init__(self) -> None:
        require()
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                _command(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        ours.settimeout(START_SECONDS)
        self._control = ours
        try:
            self._expect("ready")
        except _Gone as error:
            raise UserError(f"The sandbox does not start: {error}. `dlkit doctor` looks at what is missing.") from None

    def _expect(self, word: str) -> None:
        try:
            answer = self._control.recv(300).decode(errors="replace").strip()
        except OSError:
            answer = ""
        if answer == word:
            return
        told = self.close().splitlines()
        raise _Gone(answer or (told[-1] if told else "no reason given"))

    def _ask(self, what: str, *descriptors: int) -> None:
        try:
            socket.send_fds(self._control, [json.dumps({"do": what}).encode()], descriptors)
        except OSError:
            self.close()
            raise _Gone("it ended") from None
        self._expect("done")

    def fresh(self) -> socket.socket:
        """The connection to a new prison."""
        for last in (False, True):
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    self._ask("start", theirs.fileno())
                    return ours
                except _Gone as error:
                    ours.close()
                    if last:
                        raise UserError(f"The sandbox cannot hold a submission: {error}.") from None
            self._start()  # something outside ended it, for want of memory perhaps
        raise AssertionError

    def stop(self) -> None:
        """End the prison that is running, with everything in it."""
        try:
            self._ask("stop")
        except _Gone:
            self._start()

    def close(self) -> str:
        """End the sandbox and all in it; what it had to say."""
        self._control.close()
        self._process.kill()
        _, told = self._process.communicate()
        return told.decode(errors="replace").strip()
