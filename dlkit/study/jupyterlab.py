"""How JupyterLab is started for a learner: in the workspace, on the welcome page, without what is not theirs."""

from __future__ import annotations

import json
import os
from pathlib import Path

from dlkit.course.files import write_atomic
from dlkit.course.workspace import Workspace

__all__ = ["options"]

SETTINGS = {
    # a link to an exercise lands there: other modes measure cells that are out of sight too late
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "full"},
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 15},
    # the course needs no network, and asks nothing before it begins
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
"""JupyterLab's defaults in a workspace of the course; what a learner sets in its menus is stronger."""


def options(home: Workspace, page: Path) -> list[str]:
    """The options of `jupyter lab` that open `page` in the workspace."""
    folder = home.records / "jupyterlab"
    write_atomic(folder / "overrides.json", json.dumps(SETTINGS, indent=1).encode())
    found = [
        f"--ServerApp.root_dir={home.folder}",
        f"--LabApp.app_settings_dir={folder}",
        "--LabApp.expose_app_in_browser=True",  # so that dlkit.submit() can ask it to save
        f"--LabApp.default_url=/lab/tree/{page.relative_to(home.folder).as_posix()}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        found.append("--allow-root")  # in a container there is often no other user
    return found
