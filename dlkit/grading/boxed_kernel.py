"""A notebook in a stock Jupyter kernel inside the sandbox, for tests that cannot work through calls alone.

As in stock nbgrader, a learner's code shares a process with the tests here, and can make them pass: what this keeps
safe is the machine, the course and the other learners, not the points. nbclient and kernel are both inside: no network
but loopback, no course files, a private /tmp, all ended together. Only outputs come back, as bounded JSON; sources,
metadata and points stay as they were.
"""

from __future__ import annotations

import json
import math
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from dlkit.grading.remote import Limits
from dlkit.grading.sandbox import libraries, require

__all__ = ["run"]

OUTPUT = 20_000_000
PRINTED, SHOWN = 100_000, 200
START_SECONDS = 60.0
MEMORY, FILE_SIZE = 4 << 30, 64 << 20

# What runs inside. The notebook comes on stdin; the result leaves by a copy of stdout that nothing else writes to.
INSIDE = """
import json, os, resource, sys
out = os.fdopen(os.dup(1), "w"); os.dup2(2, 1)
for limit, value in ((resource.RLIMIT_AS, {memory}), (resource.RLIMIT_FSIZE, {file_size}), (resource.RLIMIT_CORE, 0)):
    resource.setrlimit(limit, (value, value))
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
task = json.load(sys.stdin)
notebook = nbformat.from_dict(task["notebook"])
died = ""
try:
    NotebookClient(
        notebook, timeout=task["cell"], startup_timeout=60, interrupt_on_timeout=True, allow_errors=True,
        record_timing=False, kernel_name="python3", store_widget_state=False,
        error_on_timeout=dict(ename="CellTimeoutError", evalue="", traceback=["CellTimeoutError: it took too long"]),
        extra_arguments=["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=40"],
    ).execute()
except DeadKernelError as error:
    died = "the kernel died: by an exit, a crash, or for want of memory"
except Exception as error:
    died = f"{{type(error).__name__}}: {{error}}"[:500]
for cell in notebook.cells:
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            output.text = output.text[:{printed}]
cells = [[cell.get("execution_count"), cell.get("outputs")] for cell in notebook.cells]
json.dump({{"cells": cells, "died": died}}, out)
out.flush()
os._exit(0)
"""


def _command() -> list[str]:
    """bwrap and what it shows. No environment of ours, no course, not even dlkit."""
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    command += ["--tmpfs", "/", "--proc", "/proc", "--dev", "/dev"]
    for folder in ("/tmp", "/scratch"):
        command += ["--size", str(FILE_SIZE), "--tmpfs", folder]
    for name, value in (("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin"), ("HOME", "/scratch"),
                        ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8"), ("JUPYTER_PLATFORM_DIRS", "1"),
                        ("OPENBLAS_NUM_THREADS", "1"), ("OMP_NUM_THREADS", "1"), ("MKL_NUM_THREADS", "1"),
                        ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONSAFEPATH", "1")):  # fmt: skip
        command += ["--setenv", name, value]
    command += libraries()
    command += ["--remount-ro", "/", "--chdir", "/scratch"]
    text = INSIDE.format(memory=MEMORY, file_size=FILE_SIZE, printed=PRINTED)
    return [*command, sys.executable, "-c", text]


def _converse(task: bytes, seconds: float) -> tuple[bytes, str]:
    """Give the task to the sandbox and read what comes back, until the time or the size is used up."""
    with subprocess.Popen(
        _command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process, selectors.DefaultSelector() as selector:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        selector.register(process.stdout, selectors.EVENT_READ)
        end, data, sent, why = time.monotonic() + seconds, bytearray(), 0, ""
        try:
            while not why:
                ready = selector.select(max(end - time.monotonic(), 0))
                if not ready:
                    why = "the notebook's time is used up"
                for key, _ in ready:
                    if key.fileobj is process.stdin:
                        try:
                            sent += os.write(process.stdin.fileno(), task[sent : sent + 65536])
                        except BrokenPipeError:
                            sent = len(task)
                        if sent >= len(task):
                            selector.unregister(process.stdin)
                            process.stdin.close()
                        continue
                    more = os.read(process.stdout.fileno(), 1 << 16)
                    data += more
                    if not more:
                        return bytes(data), ""
                    if len(data) > OUTPUT:
                        why = "its outputs are too large"
            return b"", why
        finally:
            process.kill()  # and with it, everything that runs in the sandbox


def _outputs(value: Any) -> list[NotebookNode]:
    """A cell's outputs, if they are outputs; a learner may have written anything."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
    outputs = [nbformat.from_dict(output) for output in value] if isinstance(value, list) else []
    outputs = outputs[:SHOWN] + [output for output in outputs[SHOWN:] if output.output_type == "error"][:1]
    notebook.cells[0].outputs = outputs
    nbformat.validate(notebook)
    return outputs


def run(notebook: NotebookNode, limits: Limits) -> NotebookNode:
    """Run a whole notebook in a kernel inside the sandbox, and take over its outputs."""
    require()
    cells = [
        {**cell, "outputs": [], "execution_count": None} if cell.cell_type == "code" else dict(cell)
        for cell in notebook.cells
    ]
    inside = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": notebook.get("nbformat_minor", 5)}
    task = json.dumps({"notebook": inside, "cell": math.ceil(limits.cell)}).encode()
    answer, why = _converse(task, START_SECONDS + limits.notebook)
    found, died = _read(answer, len(cells))
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        count, outputs = found[index] if found else (None, [])
        cell.outputs, cell.execution_count = outputs, count
        if count is None and not outputs and cell.source.strip() and (why or died or not found):
            told = why or died or "nothing came back from the sandbox"
            cell.outputs = [new_output("error", ename="Stopped", evalue=told, traceback=[f"Stopped: {told}"])]
    return notebook


def _read(answer: bytes, size: int) -> tuple[list[tuple[int | None, list[NotebookNode]]], str]:
    try:
        data = json.loads(answer)
        cells = [(count if type(count) is int else None, _outputs(value)) for count, value in data["cells"]]
        died = str(data["died"])[:500]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, nbformat.ValidationError):
        return [], ""
    return (cells, died) if len(cells) == size else ([], "")
