"""Pieces of text around a chart, as HTML: the sentence, the notice, the caveats and the sources."""

from html import escape

from imganalytics.result import Result

STYLE = """<style>
.imga-text {line-height: 1.45; max-width: 100ch; color: var(--jp-ui-font-color1, #1f2933); font-size: 13px}
.imga-text ul {margin: 4px 0 6px; padding-left: 20px}
.imga-text summary {cursor: pointer; font-weight: 600}
.imga-text summary:focus-visible {outline: 2px solid var(--jp-brand-color1, #0072B2)}
.imga-controls .widget-inline-hbox > .widget-label {text-align: left; height: 20px; line-height: 20px; font-weight: 600}
.imga-controls select {height: 28px}
.imga-name.jupyter-button {text-align: left; background: none; color: var(--jp-content-link-color, #0b57a4); padding: 0 4px}
.imga-notice {border-left: 4px solid #E69F00; padding: 6px 12px; background: var(--jp-layout-color2, #f6f6f6)}
</style>"""


def sentence(text: str) -> str:
    """The answer in words; announced by screen readers when it changes."""
    return f'{STYLE}<p class="imga-text" role="status" aria-live="polite" style="margin: 2px 0">{escape(text)}</p>'


def notice(text: str) -> str:
    """Why something cannot be shown."""
    return f'{STYLE}<div class="imga-text imga-notice" role="alert">{escape(text)}</div>'


def hint(text: str) -> str:
    """A quiet line below a control."""
    return f'{STYLE}<div class="imga-text" style="font-size: 12px; line-height: 1.35">{escape(text)}</div>'


def folded(summary: str, lines: list[str], opened: bool = False) -> str:
    """A list that opens at a click."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return (f'{STYLE}<div class="imga-text"><details{" open" if opened else ""}><summary>{escape(summary)}</summary>'
            f"<ul>{items}</ul></details></div>")


def footing(result: Result) -> str:
    """Caveats and sources of a Result, the sources folded."""
    sources = [f"{source.citation}. Read at {source.read_at} ({source.confidence})." for source in result.sources]
    caveats = folded("Before you use these numbers", list(result.caveats), opened=True) if result.caveats else ""
    return (caveats + folded(f"Sources ({len(sources)})", sources))
