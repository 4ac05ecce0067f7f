"""Installed as a conda user does, and as JupyterLab served to an adviser: does it stand up?"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
import yaml

from imganalytics import lab, paths
from imganalytics.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
NO_NETWORK = re.compile("NewConnectionError|NameResolutionError|Network is unreachable|ConnectTimeoutError")

# Prints what can be imported: every module of ours, and the modules of each direct dependency.
IMPORT_ALL = """
import importlib, importlib.metadata as installed, json, pkgutil, re, imganalytics
plain = lambda name: re.sub("[-_.]+", "-", name).lower()
ours = [each.name for each in pkgutil.walk_packages(imganalytics.__path__, "imganalytics.")]
theirs = {plain(re.match(r"[\\w.-]+", line)[0]) for line in installed.requires("imganalytics")}
found = {dist: [] for dist in theirs}
for top, dists in installed.packages_distributions().items():
    for dist in theirs.intersection(map(plain, dists)):
        found[dist].append(top)
for dist, tops in found.items():  # duckdb also holds a driver for a package that we do not use
    found[dist] = [top for top in tops if plain(top) == dist] or [top for top in tops if top[0] != "_"]
for name in [*ours, *sum(found.values(), [])]:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(json.dumps({"ours": ours, "missing": [dist for dist in found if not found[dist]],
                  "versions": {plain(each.name): each.version for each in installed.distributions()}}))
"""


class Clean:
    """A copy of the checkout (in a folder with a space in its name) beside an empty virtual environment."""

    def __init__(self, folder: Path):
        self.checkout = folder / "a checkout"
        ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".pytest_cache", "*.duckdb")
        shutil.copytree(ROOT, self.checkout, ignore=ignored)
        venv.create(folder / "venv", with_pip=True)
        self.python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"

    def run(self, *arguments: str) -> str:
        """Run Python in the environment, from the checkout; skip where there is no network (never in CI)."""
        ours = ("IMGANALYTICS_", "PYTHON", "JUPYTER_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        done = subprocess.run([self.python, *arguments], cwd=self.checkout, env=environment,
                              capture_output=True, text=True)
        if done.returncode and NO_NETWORK.search(done.stderr) and not os.environ.get("CI"):
            pytest.skip("no network, so nothing was installed")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Clean:
    """The pip section of environment.yml, installed as conda does: as a file in the folder of the yml."""
    clean = Clean(tmp_path_factory.mktemp("conda"))
    dependencies = yaml.safe_load((clean.checkout / "environment.yml").read_text("utf-8"))["dependencies"]
    [section] = [each["pip"] for each in dependencies if isinstance(each, dict)]
    assert {re.match(r"\w+", each)[0] for each in dependencies if isinstance(each, str)} == {"python", "pip"}
    requirements = clean.checkout / "condaenv.requirements.txt"
    requirements.write_text("\n".join(section), "utf-8")
    clean.run("-m", "pip", "install", "--quiet", "--no-compile", "--retries", "1",
              "--requirement", str(requirements))
    return clean


def test_environment_yml_brings_everything_at_the_versions_of_the_lock(clean):
    found = json.loads(clean.run("-c", IMPORT_ALL))
    assert found["missing"] == []
    files = (file.relative_to(ROOT).with_suffix("") for file in (ROOT / "imganalytics").rglob("*.py"))
    modules = {".".join(file.parts).removesuffix(".__init__") for file in files}
    assert set(found["ours"]) == modules - {"imganalytics"}
    pins = re.findall(r"^([\w.-]+==[\w.+!]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    installed = {f"{name}=={version}" for name, version in found["versions"].items()
                 if name not in ("imganalytics", "pip", "setuptools")}
    assert installed - {pin.lower() for pin in pins} == set()
    clean.run("-m", "pip", "check")


def test_a_wheel_carries_facts_notebooks_and_settings(clean):
    clean.run("-m", "pip", "wheel", "--quiet", "--retries", "1", "--no-deps", "--wheel-dir", "dist", ".")
    [wheel] = (clean.checkout / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = [*ROOT.glob("datasets/*.csv"), *ROOT.glob("datasets/*.json"), *ROOT.glob("notebooks/*.ipynb")]
    assert {f"imganalytics/{file.relative_to(ROOT).as_posix()}" for file in shipped} - names == set()
    assert "imganalytics/labconfig/page_config.json" in names


# JupyterLab ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A checkout's notebooks folder with two notebooks in it; the user's own folder is elsewhere."""
    notebooks = tmp_path / "a checkout" / "notebooks"
    notebooks.mkdir(parents=True)
    empty = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    for name in ("00_start_here.ipynb", "10_next.ipynb"):
        notebooks.joinpath(name).write_text(empty)
    monkeypatch.setattr(paths, "notebooks", lambda: notebooks)
    monkeypatch.setenv("IMGANALYTICS_HOME", str(tmp_path / "home"))
    return notebooks


SERVE = """
import sys
from pathlib import Path
from imganalytics import lab, paths
notebook = Path(sys.argv[1])
paths.notebooks = lambda: notebook.parent
sys.exit(lab.serve(notebook, open_browser=False, port=int(sys.argv[2]), extra=["--IdentityProvider.token="]))
"""


def test_lab_serves_the_notebook_and_asks_nobody_for_news(folder, tmp_path):
    port = _free_port()
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SERVE, str(folder / "00_start_here.ipynb"), str(port)]
    log = tmp_path / "log"
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stderr=output) as server:
        try:
            page, address = _page(f"http://127.0.0.1:{port}/", server, log)
        finally:
            server.terminate()
    settings = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    assert address.endswith("/lab/tree/notebooks/00_start_here.ipynb")
    assert settings["treePath"] == "notebooks/00_start_here.ipynb"
    assert "@jupyterlab/apputils-extension:announcements" in settings["disabledExtensions"]
    assert settings["extensionManager"]["can_install"] is False
    assert "ERROR" not in log.read_text("utf-8") and "Traceback" not in log.read_text("utf-8")


def _page(address: str, server: subprocess.Popen, log: Path) -> tuple[str, str]:
    for _ in range(600):
        assert server.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.read().decode(), answer.url
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {address}: {log.read_text('utf-8')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_missing_notebook_is_named_with_those_there_are(folder):
    with pytest.raises(UserError, match=r"99\.ipynb: no such notebook; .*00_\w+\.ipynb, 10_next\.ipynb$"):
        lab.serve(folder / "99.ipynb")
    with pytest.raises(UserError, match="no such notebook"):
        lab.serve(ROOT / "pyproject.toml")


def test_a_port_that_cannot_be_used_is_named(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"^port {port} cannot be used .*name another"):
            lab.serve(folder / "00_start_here.ipynb", port=port)
    with pytest.raises(UserError, match="allowed: 0-65535"):
        lab.serve(folder / "00_start_here.ipynb", port=70_000)


def test_what_the_user_asks_of_jupyter_wins():
    options = lab._without(["--LabApp.news_url=None", "--port=1"], ["--port=2", "--debug"])
    assert options == ["--LabApp.news_url=None"]


def test_an_installed_package_serves_a_copy_and_keeps_the_users_edits(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PACKAGE", folder.parent)
    start, following = folder / "00_start_here.ipynb", folder / "10_next.ipynb"
    copy = lab._served(start)
    assert copy == tmp_path / "home" / "notebooks" / "00_start_here.ipynb"
    copy.write_text("edited by the user")
    for file in (start, following):
        file.write_text("of the next version")
    assert lab._served(start).read_text() == "edited by the user"
    assert lab._served(following).read_text() == "of the next version"
