"""A real JupyterLab, started as `dlkit start` starts it, and a real Chromium that does what a learner does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["CHROMIUM", "Lab", "jupyterlab", "opened"]

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
PATIENCE = 60_000  # milliseconds, for a machine that does much else
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
TO_THE_END = """selector => {
    const panel = document.querySelector(selector);
    const before = [panel.scrollTop, panel.scrollHeight].join();
    panel.scrollTo(0, panel.scrollHeight);
    const still = before === [panel.scrollTop, panel.scrollHeight].join();
    panel.dataset.still = still ? Number(panel.dataset.still || 0) + 1 : 0;
    return Number(panel.dataset.still) >= 3;
}"""


@contextmanager
def jupyterlab(folder: Path, course: Path) -> Iterator[str]:
    """`dlkit start` with everything of Jupyter's below `folder`, the workspace too; its address, token included."""
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "layouts", "IPYTHONDIR": "ipython",
    }  # fmt: skip
    environment = {**os.environ, **{name: str(folder / "jupyter" / place) for name, place in places.items()}}
    command = [sys.executable, "-m", "dlkit.cli", "start", "--no-browser", "--course", str(course)]
    process = subprocess.Popen(
        [*command, "--workspace", str(folder / "work")],
        env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    printed: list[str] = []
    reader = threading.Thread(target=lambda: [None for _ in process.stdout or ()])
    try:
        for line in process.stdout:
            printed.append(line)
            if "http://" in line and "token=" in line:
                reader.start()  # nobody else empties the pipe
                yield line.split()[-1]
                break
        else:
            raise AssertionError("JupyterLab did not start:\n" + "".join(printed))
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # dlkit, JupyterLab and its kernels
        process.wait()
        if reader.ident:
            reader.join()
        process.stdout.close()


class Lab:
    """One browser tab with JupyterLab in it, and a learner's hands."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)

    def kernel(self) -> None:
        """Wait until the kernel of the notebook in front waits for something to run."""
        self.page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()

    def cell(self, text: str) -> Any:
        """The code cell of the notebook in front whose source has this text."""
        return self.page.locator(f"{NOTEBOOK} .jp-CodeCell", has_text=text).first

    def type(self, text: str, source: str) -> None:
        """Put `source` in place of what stands in the cell, and run it: the next one is selected then."""
        self.cell(text).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Shift+Enter")

    def run(self, text: str) -> Any:
        """Run a cell as it stands; its output area."""
        cell = self.cell(text)
        cell.evaluate("cell => cell.scrollIntoView({block: 'center'})")  # a click alone scrolls no further than it must
        cell.locator(".jp-InputArea-prompt").click(position={"x": 5, "y": 5})
        self.page.keyboard.press("Shift+Enter")
        return cell.locator(".jp-OutputArea")

    def to_the_end(self) -> None:
        """Scroll to the end of the notebook in front, until nothing moves: cells on the way get their height late."""
        self.page.wait_for_function(TO_THE_END, arg=f"{NOTEBOOK} .jp-WindowedPanel-outer", polling=300)

    def command(self, name: str) -> None:
        """Choose something from JupyterLab's menus, by its command's name."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def shot(self, name: str) -> None:
        """Save a picture where $DLKIT_PICTURES says, to be looked at."""
        folder = os.environ.get("DLKIT_PICTURES")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}.png")


@contextmanager
def opened(address: str, **options: Any) -> Iterator[Lab]:
    """A new browser on an address."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            page = browser.new_page(viewport={"width": 1300, "height": 900}, **options)
            page.goto(f"{address}&reset")  # without the tabs of the test before
            yield Lab(page)
        finally:
            browser.close()
