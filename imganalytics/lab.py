"""JupyterLab on the notebooks: started in this process, quiet, and without a word to the outside."""

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from imganalytics import paths
from imganalytics.errors import UserError

# What JupyterLab would otherwise fetch, or load and never use here. `jupyter lab --help-all` explains each;
# labconfig/page_config.json does the same for the part that runs in the browser.
_SETTINGS = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ServerApp.jpserver_extensions=jupyter_lsp=False",
    "--ServerApp.jpserver_extensions=notebook_shim=False",
    "--Application.log_level=WARN",
]


def serve(
    notebook: Path, *, open_browser: bool = True, port: int | None = None, extra: Sequence[str] = ()
) -> int:
    """Run JupyterLab on the notebooks until it is stopped, and open one of them.

    Args:
        notebook: the notebook the browser opens, in ``paths.notebooks()``.
        open_browser: open the user's browser; otherwise the address is printed only.
        port: TCP port on this machine; None takes the first free one from 8888 up.
        extra: further options for ``jupyter lab``; they win over the ones chosen here.

    Returns:
        The exit code: 0 after an ordinary stop.

    Raises:
        UserError: there is no such notebook, or the port cannot be used.
    """
    options = _without(_options(_served(notebook), open_browser, port), extra)
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        filter(None, [str(paths.PACKAGE), os.environ.get("JUPYTER_CONFIG_PATH")])
    )
    from jupyterlab.labapp import LabApp

    print("JupyterLab runs until you press Ctrl-C here.", flush=True)
    try:
        LabApp.launch_instance([*options, *extra])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _options(notebook: Path, open_browser: bool, port: int | None) -> list[str]:
    root = notebook.parent.parent
    options = [
        *_SETTINGS,
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{quote(notebook.relative_to(root).as_posix())}",
    ]
    if not open_browser:
        options.append("--no-browser")
    if port is not None:
        _refuse_unusable(port)
        options += [f"--port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # containers; Jupyter would refuse to start
        options.append("--allow-root")
    return options


def _without(options: list[str], extra: Sequence[str]) -> list[str]:
    """The options less those that ``extra`` sets too: Jupyter refuses to be told a thing twice."""
    names = {option.partition("=")[0] for option in extra}
    return [option for option in options if option.partition("=")[0] not in names]


def _served(notebook: Path) -> Path:
    """The notebook as the user may edit it: in the checkout, or as a copy when pip installed the package."""
    folder = paths.notebooks().resolve()
    notebook = notebook.resolve()
    if not notebook.is_file() or notebook.parent != folder:
        known = ", ".join(sorted(file.name for file in folder.glob("*.ipynb"))) or "none"
        raise UserError(f"{notebook}: no such notebook; in {folder} there are: {known}")
    if folder.parent == paths.PACKAGE:
        folder = _own_copy(folder)
    return folder / notebook.name


def _own_copy(shipped: Path) -> Path:
    """The user's copy of the notebooks, brought up to date except where the user has edited."""
    own = paths.home() / "notebooks"
    own.mkdir(exist_ok=True)
    record = own / ".shipped.json"  # digest of each file as it was copied: tells an edited one
    copied = json.loads(record.read_text("utf-8")) if record.exists() else {}
    for source in sorted(shipped.glob("*.ipynb")):
        target = own / source.name
        if not target.exists() or _digest(target) == copied.get(source.name):
            shutil.copyfile(source, target)
            copied[source.name] = _digest(source)
    record.write_text(json.dumps(copied, indent=1), "utf-8")
    return own


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _refuse_unusable(port: int) -> None:
    with socket.socket() as probe:
        if os.name == "posix":  # as Jupyter does: a port just left by another server is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "allowed: 0-65535"
            raise UserError(f"port {port} cannot be used ({reason}); name another, or leave it out") from None
