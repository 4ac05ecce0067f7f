"""Pieces of text around a chart, as HTML: the sentence, the notice, the caveats and the sources."""

from html import escape

from imganalytics.result import Result

STYLE = """<style>
.imga-text {line-height: 1.45; max-width: 100ch; color: var(--jp-ui-font-color1, #1f2933); font-size: 13px}
.imga-text ul {margin: 4px 0 6px; padding-left: 20px}
.imga-text summary {cursor: pointer; font-weight: 600}
.imga-text summary:focus-visible {outline: 2px solid var(--jp-brand-color1, #0072B2)}
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


def footing(result: Result) -> str:
    """Caveats and sources of a Result, the sources folded."""
    caveats = "".join(f"<li>{escape(line)}</li>" for line in result.caveats)
    sources = "".join(
        f"<li>{escape(source.citation)}. Read at {escape(source.read_at)} ({escape(source.confidence)}).</li>"
        for source in result.sources)
    return (f'{STYLE}<div class="imga-text"><details open><summary>Before you use these numbers</summary>'
            f"<ul>{caveats}</ul></details><details><summary>Sources ({len(result.sources)})</summary>"
            f"<ul>{sources}</ul></details></div>")
