"""From a key pressed on a slider to the chart repainted, beside the least and the most that JupyterLab would take."""

import shutil
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from tests.browser.lab import CHECKOUT, running_browser, running_lab
from tests.browser.page import LabPage

SLIDER = "Minimum applicants"
STEP, FARTHEST = 5, 60  # the slider goes up and down between 0 and this: there, most steps change the rows
ROUNDS, PRESSES = 6, 6  # the first press of a round warms up and is not counted
PATIENCE = 1500         # ms until a press is taken to change nothing in the chart

# A press is over when the browser has painted: the frame that holds the change is out once the second one begins.
STOPWATCH = """() => {
    const painted = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    window.stopwatch = (selector, words, patience) => {
        let pressed = null;
        addEventListener('keydown', event => pressed = event.timeStamp, {capture: true, once: true});
        const after = start => new Promise(done => {
            const stop = start(() => { if (pressed !== null) painted().then(() => done(performance.now() - pressed)); });
            setTimeout(() => { stop(); done(null); }, patience);
        });
        const chart = document.querySelector(selector);
        const plots = words ? [] : [...chart.parentNode.querySelectorAll('.js-plotly-plot')];
        window.timed = Promise.all([
            after(tell => {
                const says = () => [...document.querySelectorAll(selector)].some(node => node.textContent.includes(words));
                const watch = new MutationObserver(() => { if (says()) { watch.disconnect(); tell(); } });
                watch.observe(words ? document.body : chart, {subtree: true, childList: true, characterData: true});
                return () => watch.disconnect();
            }),
            after(tell => {
                plots.forEach(plot => plot.once('plotly_afterplot', tell));
                return () => plots.forEach(plot => plot.removeListener('plotly_afterplot', tell));
            }),
        ]);
    };
}"""


@dataclass
class Contestant:
    """A notebook with a slider, and what to watch in it.

    `words` holds the text that says which value is shown, with ``{value}`` in it; empty for the product,
    where the first change inside the chart counts.
    """

    path: str
    chart: str
    words: str = ""
    shown: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Latency:
    """Medians in milliseconds."""

    echo: float      # slider to a changed line of text: what JupyterLab itself takes
    shown: float     # slider to the chart repainted
    drawn: float     # slider to the chart drawn by plotly.js, once the hand rests
    interact: float  # the same chart with ipywidgets.interact and plotly express


def echo_cell_source() -> str:
    """A slider whose value is written beside it."""
    return (f"import ipywidgets as w\nslider = w.IntSlider(0, 0, 300, {STEP}, description={SLIDER!r})\n"
            "text = w.HTML()\n"
            "slider.observe(lambda change: text.set_trait('value', f'at least {change[\"new\"]};'), 'value')\n"
            "w.VBox([slider, text])")


def interact_cell_source() -> str:
    """The product's chart as it is written without us: ``interact`` and plotly express on the same study."""
    return f"""
import plotly.express as px
from ipywidgets import IntSlider, interact
from imganalytics.studies.competitiveness import competitiveness

def chart(minimum):
    frame = competitiveness(("us_img", "non_us_img"), "ranked_anywhere", 2025, minimum_applicants=minimum).frame
    frame = frame.assign(high=frame["rate_high"] - frame["rate"], low=frame["rate"] - frame["rate_low"],
                         label=frame["applicants"].map("{{:,.0f}}".format), edge=1.05)
    figure = px.scatter(frame, x="rate", y="row_label", color="type_label", symbol="reliability", error_x="high",
                        error_x_minus="low", hover_data=["applicants", "matched", "locator"], range_x=[0, 1.15],
                        title=f"at least {{minimum}};", height=900, width=740)
    figure.add_scatter(x=frame["edge"], y=frame["row_label"], text=frame["label"], mode="text", showlegend=False)
    return figure

interact(chart, minimum=IntSlider(0, 0, 300, {STEP}, description={SLIDER!r}));"""


def measure(notebook: Path, chart: str = ".imga-plot, .js-plotly-plot") -> Latency:
    """Median latencies of the notebook's slider and of the two it is compared with, in turns, in one browser."""
    with tempfile.TemporaryDirectory(prefix="imganalytics-bench-") as name:
        folder = Path(name)
        shutil.copy(notebook, folder)
        echo = Contestant(_notebook(folder, "echo", echo_cell_source()), ".widget-html", "at least {value};")
        ours = Contestant(notebook.name, chart)
        interact = Contestant(_notebook(folder, "interact", interact_cell_source()), ".js-plotly-plot",
                              "at least {value};")
        with running_lab(folder) as url, running_browser() as context:
            _take_turns([(one, LabPage(context, url).open(one.path).run_all()) for one in (echo, ours, interact)])
    return Latency(*map(_median, (echo.shown, ours.shown, ours.drawn, interact.shown)))


def _notebook(folder: Path, name: str, source: str) -> str:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return f"{name}.ipynb"


def _take_turns(contestants: list[tuple[Contestant, LabPage]]) -> None:
    """Short rounds in turn, so that whatever else the machine does hits all of them alike."""
    for contestant, page in contestants:
        page.page.locator(contestant.chart).first.wait_for(state="attached")
        page.settle().assert_clean()
        page.page.evaluate(STOPWATCH)
    for _ in range(ROUNDS):
        for contestant, page in contestants:
            page.page.bring_to_front()
            page.page.wait_for_timeout(300)
            for number in range(PRESSES):
                times = _press(contestant, page)
                if number:
                    for one, record in zip(times, (contestant.shown, contestant.drawn)):
                        record.extend([one] if one is not None else [])
    for contestant, page in contestants:
        page.assert_clean()


def _press(contestant: Contestant, page: LabPage) -> list[float | None]:
    """One step of the slider; milliseconds until the chart was repainted, and until plotly had drawn it."""
    handle = page.slider(SLIDER)
    value = int(float(handle.get_attribute("aria-valuenow") or 0))
    turn = {0: 1, FARTHEST: -1}.get(value, getattr(page, "direction", 1))
    page.direction = turn
    words = contestant.words.format(value=value + turn * STEP)
    page.page.evaluate("([chart, words, patience]) => stopwatch(chart, words, patience)",
                       [contestant.chart, words, PATIENCE])
    page.press(handle, "ArrowRight" if turn > 0 else "ArrowLeft")
    return page.page.evaluate("() => timed")


def _median(times: list[float]) -> float:
    return statistics.median(times) if times else float("nan")


def of_the_product() -> Latency:
    """The explorer of notebook 01."""
    return measure(CHECKOUT / "notebooks" / "01_specialty_competitiveness.ipynb")
