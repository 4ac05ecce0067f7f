"""The commands `export`, `redraw` and `cite`: a study as a file, such a file made again, its sources as citations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imganalytics.errors import UserError

if TYPE_CHECKING:  # loaded when they are asked for
    from imganalytics.export.exported import Exported
    from imganalytics.export.redraw import Redrawn

ALIASES = {  # short options, and the arguments of studies that they stand for: the first that a study takes
    "type": ("applicant_types", "applicant_type"),
    "base": ("base",),
    "year": ("match_year", "appointment_year", "survey_year", "edition_year"),
    "specialty": ("specialties", "specialty"),
    "minimum": ("minimum_applicants",),
    "sort": ("sort",),
    "all_tracks": ("all_tracks",),
}
DECK = (" (the slides with figures; sections, closing slides and what you changed by hand are not in the receipts: "
        "'imganalytics deck --plan FILE' makes a whole deck again)")
SHOWN = 40  # changes on the screen; --all shows every one


@click.command()
@click.argument("study")
@click.argument("output", type=click.Path(path_type=Path), required=False)
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE",
              help="An argument of the study; lists with commas, as in --set applicant_types=us_img,non_us_img.")
@click.option("--type", "type", multiple=True, help="Applicant type; say it again for another.")
@click.option("--base", help="Which applicants the rate is of.")
@click.option("--year", type=int, help="Year of the Match, or of the appointment.")
@click.option("--specialty", multiple=True, help="Specialty; say it again for another (default: all).")
@click.option("--minimum", type=click.IntRange(min=0), help="Least number of applicants.")
@click.option("--sort", help="Order of the rows.")
@click.option("--all-tracks", is_flag=True, help="Also preliminary, primary-care and other tracks.")
@click.option("--title", default="", help="Title in place of the study's own.")
@click.option("--subtitle", default="", help="Subtitle in place of the study's own, which names base, years and n.")
@click.option("--note", default="", help="A line of your own.")
@click.option("--size", default="slide", show_default=True, help="slide, half, a4 or square (pictures and slides).")
@click.option("--theme", default="light", show_default=True, help="light, or grey for print (pictures and slides).")
@click.option("--overwrite", is_flag=True, help="Replace OUTPUT if it is there.")
def export(study: str, output: Path | None, given: tuple[str, ...], title: str, subtitle: str, note: str, size: str,
           theme: str, overwrite: bool, **short: object) -> None:
    """Write the answer of a STUDY with its sources to OUTPUT: .csv .xlsx .html .pptx .png .svg .pdf, .zip to review.

    Without OUTPUT the figures are printed as CSV. As in: imganalytics export funnel OUT.xlsx --set base=preferred
    """
    from imganalytics.export import formats
    from imganalytics.export.csv_file import csv_text
    from imganalytics.export.exported import Exported
    from imganalytics.export.saving import check_free, save

    kind = formats.kind_of_name(output) if output else "csv"
    if output:
        check_free(output, overwrite)
    exported = Exported(_ask(study, given, short), title, subtitle, note, size, theme)
    if output is None:
        click.echo(csv_text(exported).removeprefix("\ufeff"), nl=False)
        return
    with _waiting(f"making {output.name}"):
        content = _content(kind, exported)
    save(output, content, overwrite)
    result = exported.result
    click.echo(f"{len(result.frame)} rows from {len(result.sources)} sources: {output}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Also write the new file here, of the same kind.")
@click.option("--overwrite", is_flag=True, help="Replace --output if it is there.")
@click.option("--all", "everything", is_flag=True, help=f"List every change, not the first {SHOWN}.")
def redraw(file: Path, output: Path | None, overwrite: bool, everything: bool) -> None:
    """Ask again what an exported FILE was asked, and say 'same numbers' or which changed (then the exit code is 1)."""
    from imganalytics.export import formats
    from imganalytics.export.saving import check_free, save
    from imganalytics.own.import_reading import content_of

    content = content_of(file)
    with _naming(file):
        kind = formats.kind_of(content)
    if output:
        formats.kind_of_name(output, (kind,))
        check_free(output, overwrite)
    with _naming(file), _waiting(f"asking {file.name} again"):
        from imganalytics.export.redraw import redrawn

        found = redrawn(content)
    for number, each in enumerate(found, 1):
        _tell(each, f"{number} of {len(found)}: " if len(found) > 1 else "", len(each.told) if everything else SHOWN)
    shown = [each.exported for each in found if each.exported]
    if output and len(shown) == len(found):
        with _waiting(f"making {output.name}"):
            made = formats.file_bytes(kind, shown, like=content)
        click.echo(f"made again: {save(output, made, overwrite)}{DECK if len(shown) > 1 else ''}")
    elif output:
        raise UserError(f"{output}: not written, for a question of {file.name} cannot be asked again")
    if not all(each.same for each in found):
        click.get_current_context().exit(1)


@click.command()
@click.argument("what", metavar="STUDY|FILE")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="An argument of the study.")
@click.option("--format", "form", type=click.Choice(["text", "bibtex", "ris"]), default="text", show_default=True,
              help="How the citations are written.")
@click.option("--accessed", default="", metavar="YYYY-MM-DD", help="The day on which you read the addresses.")
def cite(what: str, given: tuple[str, ...], form: str, accessed: str) -> None:
    """Print the sources of a study, or of an exported file, as citations."""
    from datetime import date

    from imganalytics.export.citations import cited

    try:
        day = date.fromisoformat(accessed).isoformat() if accessed else ""
    except ValueError:
        raise UserError(f"--accessed {accessed!r}; allowed: a day such as 2026-11-22") from None
    with _waiting("asking"):
        results = _results_of_file(Path(what)) if Path(what).suffix else [_ask(what, given, {})]
    sources = sorted((source for result in results for source in result.sources), key=lambda each: each.source_id)
    click.echo(cited(sources, form, day), nl=False)


def _ask(study: str, given: tuple[str, ...], short: dict[str, object]) -> "object":
    from imganalytics.export import asking

    pairs = []
    for each in given:
        name, separator, value = each.partition("=")
        if not (separator and name.strip()):
            known = ", ".join(asking.parameters(study))
            raise UserError(f"--set {each!r}; allowed: NAME=VALUE, with NAME one of: {known}")
        pairs.append((name.strip(), value))
    return asking.study(study)(**(asking.arguments(study, [*_long(study, short), *pairs])))


def _long(study: str, short: dict[str, object]) -> Iterator[tuple[str, str]]:
    """The short options by the names that the study has for them."""
    from imganalytics.export import asking

    takes = asking.parameters(study)
    for name, said in short.items():
        if said in (None, (), False):
            continue
        option = f"--{name.replace('_', '-')}"
        full = next((full for full in ALIASES[name] if full in takes), None)
        if full is None:
            raise UserError(f"the study {study} takes no {option}; allowed: "
                            + (", ".join(f"--set {each}=..." for each in takes) or "nothing"))
        for value in said if isinstance(said, tuple) else (said,):
            yield full, f'"{value}"' if isinstance(said, tuple) and "," in str(value) else str(value)


def _content(kind: str, exported: "Exported") -> bytes:
    from imganalytics.export import formats
    from imganalytics.export.review_pack import review_pack

    return review_pack([exported]) if kind == formats.PACK else formats.file_bytes(kind, [exported])


def _results_of_file(file: Path) -> list:
    from imganalytics.export.redraw import redrawn
    from imganalytics.own.import_reading import content_of

    content = content_of(file)
    with _naming(file):
        found = redrawn(content)
        refused = [each.told[0] for each in found if each.exported is None]
        if refused:
            raise UserError(refused[0])
    return [each.exported.result for each in found if each.exported]


def _tell(found: "Redrawn", number: str, most: int) -> None:
    title = found.exported.title if found.exported else found.receipt.title
    click.echo(f"{number}{_plain(title or found.receipt.study)}")
    if found.same:
        click.echo("  same numbers")
        return
    click.echo("\n".join(f"  {_plain(line)}" for line in found.told[:most]))
    if len(found.told) > most:
        click.echo(f"  ... and {len(found.told) - most:,} more (--all lists them)")


def _plain(text: str) -> str:
    """Text of a file that anyone may have written, without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise UserError(f"{file}: {error}") from None


@contextmanager
def _waiting(words: str) -> Iterator[None]:
    """A sign of life in a terminal; nothing where the output goes to a file."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield
        return
    with console.status(words):
        yield
