"""The command group `imganalytics import`: take the user's own files in, list them, take them out."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imganalytics.errors import UserError

if TYPE_CHECKING:  # loaded when a file is read
    from imganalytics.own.import_preview import Preview, Suggestion

SHOWN = 40  # rows of a list on the screen; --all shows every one
FORMATS = ("auto", "freida", "residency-explorer", "acgme", "template")


@click.group("import")
def import_group() -> None:
    """Import files of your own: FREIDA, Residency Explorer, ACGME, or our template."""


@import_group.command("programs")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--take-good-rows", is_flag=True, help="Keep the good rows though others cannot be taken.")
@click.option("--confirm", "confirmed", multiple=True, metavar="ROW=PROGRAM",
              help="Say which program a row is about, as in 12=1007/Psychiatry; 12=own keeps it as one of your own list; "
                   "'equal' confirms every suggestion with the same name, state and specialty.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", show_default=True,
              help="What kind of file it is.")
@click.option("--template", type=click.Path(path_type=Path), help="Write an empty table to fill in: NAME.csv and NAME.xlsx.")
@click.option("--look", is_flag=True, help="Say what was understood and keep nothing.")
@click.option("--all", "everything", is_flag=True, help=f"List every row that is told of, not the first {SHOWN}.")
def programs(file: Path | None, take_good_rows: bool, confirmed: tuple[str, ...], form: str, template: Path | None,
             look: bool, everything: bool) -> None:
    """Take facts about programs from FILE; they are kept in your own folder, with file, date and row."""
    from imganalytics.own import imports

    if template is not None:
        from imganalytics.own.import_template import write_template

        click.echo(f"written: {', '.join(map(str, write_template(template)))}")
        return
    if file is None:
        raise UserError("name a file, as in: imganalytics import programs FILE; --template NAME writes an empty one")
    preview = _read(file, form)
    most = len(preview.rows) + len(preview.problems) if everything else SHOWN
    _tell(preview, most)
    if look:
        return
    done = imports.store(preview, _confirmations(preview, confirmed), take_good_rows)
    replaced = f", in place of {preview.replaces.import_id} (the same file)" if preview.replaces else ""
    click.echo(f"kept as {done.import_id}{replaced}: {done.told}")


def _read(file: Path, form: str) -> "Preview":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from imganalytics.own import imports

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TextColumn("row"), MofNCompleteColumn())
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("opening", total=None)
        return imports.read(file, form=form, progress=lambda words, done, total: bar.update(
            task, description=words, completed=done, total=total or None))


def _tell(preview: "Preview", most: int) -> None:
    click.echo(preview.summary)
    click.echo(_in_line("Columns taken", [f"{head} ({column.label})" for head, column in preview.taken], most))
    if preview.left:
        click.echo(_in_line("Columns not taken", [f"{head} ({why})" for head, why in preview.left], most))
    for note in preview.notes:
        click.echo(f"Note: {note}")
    _list("Cannot be taken", [f"{preview.unit} {each.line}: {each.reason}" for each in preview.problems], most)
    asked = [line for each in preview.suggestions for line in _asked(preview, each)]
    _list("Which program is it? Say --confirm ROW=PROGRAM", asked, 4 * most)
    _list("Rows that disagree; none of these values is taken",
          [f"{each.program}: {each.label}: " + ", ".join(f"{preview.unit} {line} says {text}" for line, text in each.stated)
           for each in preview.conflicts], most)


def _in_line(title: str, names: list[str], most: int) -> str:
    more = f" and {len(names) - most // 2:,} more" if len(names) > most // 2 else ""
    return f"{title}: {', '.join(names[:most // 2])}{more}"


def _asked(preview: "Preview", suggestion: "Suggestion") -> list[str]:
    """A row that waits and what it may be, a line each."""
    lines = [f"{preview.unit} {suggestion.line}: {suggestion.said}" + (f" ({suggestion.note})" if suggestion.note else "")]
    lines += [f"    {suggestion.line}={each.program_key}  {each.label} (the same: {'; '.join(each.shares)})"
              for each in suggestion.candidates]
    return lines + [f"    {suggestion.line}=own  keep it as a program of your own list"]


def _list(title: str, lines: list[str], most: int) -> None:
    if lines:
        more = [f"... and {len(lines) - most:,} more (--all lists them)"] if len(lines) > most else []
        click.echo("\n".join([f"\n{title}:", *(f"  {line}" for line in lines[:most]), *more]))


def _confirmations(preview: "Preview", said: tuple[str, ...]) -> dict[int, str]:
    chosen: dict[int, str] = preview.equal if "equal" in said else {}
    for each in said:
        row, separator, key = each.partition("=")
        if each != "equal" and not (separator and row.strip().isdigit() and key.strip()):
            raise UserError(f"--confirm {each!r}; allowed: ROW=PROGRAM, as in 12=1007/Psychiatry, ROW=own, or equal")
        if each != "equal":
            chosen[int(row)] = key.strip()
    return chosen


@import_group.command("list")
def list_imports() -> None:
    """List what was imported."""
    from imganalytics.own import imports

    known, broken = imports.imports(), imports.broken()
    for each in known:
        click.echo(f"{each.import_id}  {each.file} ({each.format}), imported {each.imported_at[:16].replace('T', ' ')} UTC: "
                   f"{each.told}; SHA-256 {each.sha256[:12]}")
    for line in broken:
        click.echo(f"cannot be used: {line}", err=True)
    if not known and not broken:
        click.echo("nothing was imported; as in: imganalytics import programs FILE")


@import_group.command("remove")
@click.argument("import_id")
def remove_import(import_id: str) -> None:
    """Take an import and all its facts out."""
    from imganalytics.own import imports

    imports.remove(import_id)
    click.echo(f"removed {import_id}")
