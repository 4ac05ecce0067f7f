"""Start what a user starts: a JupyterLab server, and a Chromium to look at it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[2]
NO_CHROMIUM = "no Chromium on this machine, so no notebook was opened in a browser: apt install chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run",
    # The network is cut for the page as it is for an adviser on a train: only this machine answers.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
# JupyterLab asks each new user whether it may fetch news; the question would cover the screenshots.
SETTINGS = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}


def chromium() -> str | None:
    """Path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def lab_command(port: int, folder: Path) -> list[str]:
    """The command a user gives, to serve ``folder``."""
    return [
        sys.executable, "-m", "imganalytics", "lab", "--no-browser", "--port", str(port), "--",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
        "--expose-app-in-browser",  # lets the tests ask Lab which cells have run
    ]


@contextmanager
def running_lab(folder: Path) -> Iterator[str]:
    """Serve ``folder``; yields the address. The user's own Jupyter settings are neither read nor written."""
    with tempfile.TemporaryDirectory(prefix="imganalytics-lab-") as private:
        port = _free_port()
        # A checkout need not be installed to be tested: server and kernels find the package here.
        environment = os.environ | _private_settings(Path(private)) | {"PYTHONPATH": str(CHECKOUT)}
        log = Path(private, "server.log")
        with log.open("wb") as output:
            server = subprocess.Popen(lab_command(port, folder), env=environment, cwd=folder,
                                      stdout=output, stderr=output, start_new_session=True)
        try:
            yield _wait_until_answering(f"http://127.0.0.1:{port}", server, log)
        finally:
            _stop(server)


@contextmanager
def running_browser() -> Iterator[BrowserContext]:
    """A headless Chromium, with one profile for all its pages so that JupyterLab's files load once.

    Raises:
        RuntimeError: there is no Chromium.
    """
    if not chromium():
        raise RuntimeError(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser.new_context(viewport={"width": 1360, "height": 1000})
        finally:
            browser.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _private_settings(folder: Path) -> dict[str, str]:
    names = ["JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
             "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"]
    for plugin, settings in SETTINGS.items():
        file = folder / "JUPYTERLAB_SETTINGS_DIR" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(settings))
    return {name: str(folder / name) for name in names}


def _wait_until_answering(url: str, server: subprocess.Popen, log: Path, seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/api", timeout=2).close()
            return url
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _stop(server: subprocess.Popen) -> None:
    """End the server. Asked politely it ends its kernels; killed, they notice and end themselves."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
