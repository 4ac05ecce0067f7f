"""One notebook in JupyterLab, handled as a user handles it: open, Run All, move a slider, look."""

import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, WebSocket

SCREENSHOTS = Path(os.environ.get("IMGANALYTICS_SCREENSHOTS") or Path(__file__).parents[2] / "screenshots")
OUR_MACHINE = {"localhost", "127.0.0.1"}
NOT_OURS = [
    # JupyterLab asks for a workspace by name before the first one was saved, and takes the 404 for 'none yet'.
    re.compile(r"/lab/api/workspaces/"),
]
# a cell's error comes as a message of its own; what fails in a widget's callback is printed to stderr
KERNEL_COMPLAINT = re.compile(rb'"msg_type": ?"error"|Traceback \(most recent call last\)')

IDLE = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    if (!panel?.sessionContext?.isReady || panel.sessionContext.session?.kernel?.status !== 'idle') return false;
    return [...panel.content.model.cells].every(cell => cell.executionState !== 'running');
}"""
ALL_RAN = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === 'code' && cell.sharedModel.getSource().trim())
    .every(cell => cell.executionCount !== null)"""
CELL_ERRORS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === 'code')
    .flatMap(cell => cell.outputs.toJSON())
    .filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`)"""
DRAWN = """() => [...document.querySelectorAll('.js-plotly-plot')]
    .map(plot => [...plot.querySelectorAll('.main-svg')].map(svg => svg.innerHTML).join(''))"""

SHOWN = f"""() => [...({DRAWN})(), ...[...document.querySelectorAll('.imga-table, .imga-notice, .imga-grid-root')].map(words => words.innerHTML)]"""


class LabPage:
    """A notebook open in JupyterLab, and a record of all that went wrong in it.

    ``problems`` gathers console errors, uncaught exceptions, addresses outside this machine that the
    page asked for, and errors the kernel sent, those from widget callbacks included.
    """

    def __init__(self, context: BrowserContext, url: str):
        self.url = url
        self.problems: list[str] = []
        self.page = context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught in page: {error}"))
        self.page.on("request", lambda request: self._on_address(request.url))
        self.page.on("websocket", self._on_websocket)

    def open(self, path: str) -> "LabPage":
        """Open the notebook at ``path`` alone on the screen (Lab's simple mode) and wait for its kernel."""
        self.page.goto(f"{self.url}/doc/tree/{quote(path)}?reset")
        ready_or_asking = f"() => document.querySelector('.jp-Dialog')?.innerText || ({IDLE})()"
        answer = self.page.wait_for_function(ready_or_asking, timeout=60_000).json_value()
        assert answer is True, f"{path}: JupyterLab asks before it starts: {answer!r}"
        return self

    def run_all(self, seconds: float = 120) -> "LabPage":
        """Run > Run All Cells from the menu, then wait until the kernel rests and the widgets are drawn."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
        finished = f"() => ({IDLE})() && (({ALL_RAN})() || ({CELL_ERRORS})().length > 0)"
        self.page.wait_for_function(finished, timeout=seconds * 1000)
        return self.settle()

    def settle(self, quiet_ms: int = 300) -> "LabPage":
        """Wait until the kernel was idle and the drawn figures stood still for ``quiet_ms``."""
        still = f"""async () => {{
            const look = () => ({IDLE})() && ![...document.querySelectorAll('.jp-OutputArea-output')].some(
                    output => output.textContent === 'Loading widget...')
                && !document.querySelector('.imga-plot[data-state=sketched]')
                && JSON.stringify(({DRAWN})());
            const before = look();
            await new Promise(done => setTimeout(done, {quiet_ms}));
            return before !== false && before === look();
        }}"""
        self.page.wait_for_function(still, timeout=60_000)
        return self

    def charts_drawn(self) -> "LabPage":
        """Wait until there are charts and each of them is drawn by plotly, not sketched."""
        states = "() => [...document.querySelectorAll('.imga-plot')].map(plot => plot.dataset.state)"
        self.page.wait_for_function(
            f"() => {{const all = ({states})(); return all.includes('drawn') && all.every(s => s !== 'sketched')}}", timeout=60_000)
        return self.settle()

    def cell_errors(self) -> list[str]:
        """Errors shown in the output of cells."""
        return self.page.evaluate(CELL_ERRORS)

    def assert_clean(self) -> None:
        """Fail, naming every problem, unless nothing went wrong so far."""
        problems = [f"cell output: {error}" for error in self.cell_errors()] + self.problems
        assert not problems, "\n".join(problems)

    def widget(self, name: str) -> Locator:
        """The widget with this visible description or aria-label."""
        described = self.page.locator(f".widget-label:text-is({name!r})").locator("xpath=..")
        return described.or_(self.page.locator(f".jupyter-widgets [aria-label={name!r}]")).first

    def sliders(self) -> Locator:
        """Handles of all sliders of the notebook."""
        return self.page.locator(".jp-NotebookPanel .noUi-handle")

    def slider(self, name: str) -> Locator:
        """Handle of the slider with this description."""
        return self.widget(name).locator(".noUi-handle").first

    def press(self, handle: Locator, key: str = "ArrowRight", times: int = 1) -> None:
        """Move a slider from the keyboard."""
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, handle: Locator, fraction: float) -> None:
        """Drag a slider's handle with the mouse to ``fraction`` (0-1) of its track, in a few steps."""
        handle.scroll_into_view_if_needed()
        knob = handle.bounding_box()
        track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-target')]").bounding_box()
        assert knob and track, "the slider is not on the screen"
        height = knob["y"] + knob["height"] / 2
        self.page.mouse.move(knob["x"] + knob["width"] / 2, height)
        self.page.mouse.down()
        self.page.mouse.move(track["x"] + track["width"] * fraction, height, steps=4)
        self.page.mouse.up()

    def drawn(self) -> list[str]:
        """What each plotly figure shows, as SVG text."""
        return self.page.evaluate(DRAWN)

    def shown(self) -> list[str]:
        """What figures, tables and notices show."""
        return self.page.evaluate(SHOWN)

    def wait_answered(self, before: list[str], seconds: float = 10) -> None:
        """Wait until figures or tables show something else than ``before`` (TimeoutError when they do not)."""
        changed = f"before => JSON.stringify(({SHOWN})()) !== JSON.stringify(before)"
        self.page.wait_for_function(changed, arg=before, timeout=seconds * 1000)

    def wait_redrawn(self, before: list[str], seconds: float = 10) -> None:
        """Wait until the figures show something else than ``before`` (TimeoutError when they do not)."""
        changed = f"before => JSON.stringify(({DRAWN})()) !== JSON.stringify(before)"
        self.page.wait_for_function(changed, arg=before, timeout=seconds * 1000)

    def screenshot(self, name: str) -> Path:
        """Save what the screen shows as ``screenshots/NAME.png``."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        file = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=file)
        return file

    def close(self) -> None:
        """End the notebook's kernel and close the page."""
        self.page.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
        self.page.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        if message.type == "error" and not any(known.search(f"{place} {message.text}") for known in NOT_OURS):
            self.problems.append(f"console error: {message.text} ({place})")

    def _on_address(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in OUR_MACHINE:
            self.problems.append(f"request outside this machine: {address[:200]}")

    def _on_websocket(self, socket: WebSocket) -> None:
        self._on_address(socket.url)
        socket.on("framereceived", self._on_kernel_message)

    def _on_kernel_message(self, frame: str | bytes) -> None:
        raw = frame if isinstance(frame, bytes) else frame.encode()
        if KERNEL_COMPLAINT.search(raw):
            self.problems.append(f"kernel error: {raw.decode(errors='replace')[-1500:]}")
