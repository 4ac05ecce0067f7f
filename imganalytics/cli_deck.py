"""The command `imganalytics deck`: a PowerPoint deck from a plan, or the one that comes with the workbook."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imganalytics.errors import UserError

if TYPE_CHECKING:  # loaded when a deck is made
    from imganalytics.export.deck_plan import Plan


@click.command()
@click.argument("output", metavar="OUT.pptx", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="What is shown, as a TOML file (see --write-plan).")
@click.option("--template", type=click.Path(path_type=Path), help="Your own .pptx, whose layouts and page size are used.")
@click.option("--specialty", help="Specialty of the default deck (default: Internal Medicine).")
@click.option("--type", "applicant_type", help="Applicant type of the default deck (default: non_us_img).")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.option("--write-plan", type=click.Path(path_type=Path), help="Also write the plan of this deck to this file.")
def deck(output: Path, plan_file: Path | None, template: Path | None, specialty: str | None, applicant_type: str | None,
         overwrite: bool, write_plan: Path | None) -> None:
    """Write a deck of native, editable charts to OUT.pptx, with speaker notes, caveats and sources."""
    from imganalytics.export.deck_plan import plan_to_toml
    from imganalytics.export.pptx_file import charts_in_pptx
    from imganalytics.export.saving import save

    if output.suffix.lower() != ".pptx":
        raise UserError(f"{output}: a deck is a .pptx file; write OUT.pptx")
    for path in filter(None, (output, write_plan)):
        if path.exists() and not overwrite:
            raise UserError(f"{path}: exists already; choose another name or say --overwrite")
    plan = _plan(plan_file, specialty, applicant_type)
    content = _made(plan, template)
    save(output, content, overwrite=overwrite)
    click.echo(f"{_slides(content)} slides, {charts_in_pptx(content)} native charts: {output}")
    if write_plan:
        save(write_plan, plan_to_toml(plan).encode(), overwrite=overwrite)
        click.echo(f"plan: {write_plan}")


def _plan(file: Path | None, specialty: str | None, applicant_type: str | None) -> "Plan":
    from imganalytics.export import default_deck
    from imganalytics.export.deck_plan import plan_from_toml

    if file is None:
        return default_deck.default_plan(specialty or default_deck.SPECIALTY, applicant_type or default_deck.TYPE)
    if specialty or applicant_type:
        raise UserError("--specialty and --type choose the default deck; a plan names its own in its items")
    try:
        return plan_from_toml(file.read_text("utf-8"), file.name)
    except UnicodeDecodeError:
        raise UserError(f"{file}: not text in UTF-8") from None
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from None


def _made(plan: "Plan", template: Path | None) -> bytes:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from imganalytics.export.deck import deck_bytes

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description:<32}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting")
        return deck_bytes(plan, lambda words, done, steps: bar.update(
            task, description=words[:32], completed=done, total=steps), template)


def _slides(content: bytes) -> int:
    import io

    from pptx import Presentation

    return len(Presentation(io.BytesIO(content)).slides)
