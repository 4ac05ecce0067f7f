"""The command line: the same verbs as the workbook, from a shell."""

import os
import sys
from collections import Counter
from pathlib import Path

import click

from imganalytics import __version__
from imganalytics.cli_deck import deck
from imganalytics.cli_export import cite, export, redraw
from imganalytics.cli_import import import_group
from imganalytics.errors import UserError


class _Commands(click.Group):
    """Turns a user's mistake into one clear line and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"imganalytics: {error}", err=True)
            ctx.exit(1)
        except BrokenPipeError:  # piped into head
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="imganalytics")
def main() -> None:
    """Cited figures of the US residency Match, for advisers of international medical graduates."""


@main.command()
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of the facts (default: this project's).")
@click.option("--force", is_flag=True, help="Build even when the database is up to date.")
def build(datasets: Path | None, force: bool) -> None:
    """Build the database from datasets/ and list its tables."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from imganalytics import warehouse

    folder = datasets or _datasets()
    if not force and warehouse.database_path(folder).exists():
        click.echo(f"up to date: {warehouse.database_path(folder)} (--force builds it anew)")
        return
    columns = (TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn())
    console = _console(stderr=True)
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting")
        built = warehouse.build(folder, lambda words, done, steps: bar.update(
            task, description=words, completed=done, total=steps))
    _print_table(["table", "rows", "sources", "seconds"],
                 [[table.name, table.rows, table.sources, f"{table.seconds:.2f}"] for table in built.tables])
    click.echo(f"{sum(table.rows for table in built.tables):,} rows in {len(built.tables)} tables, "
               f"{built.seconds:.2f} seconds, {built.path.stat().st_size / 1e6:.1f} MB: {built.path}")


@main.command()
@click.option("--all", "everything", is_flag=True, help="List every comparison, also those that agree.")
def check(everything: bool) -> None:
    """Compare our figures with the published ones; exit code 1 when any differs without a declared reason."""
    from imganalytics.warehouse import connect
    from imganalytics.warehouse.reconciliation import CHECKS, in_one_line, reconcile

    outcomes = reconcile(connect())
    counts = Counter((outcome.check_id, outcome.status) for outcome in outcomes)
    statuses = ("agrees", "declared gap", "differs", "missing")
    rows = [[item.title, *(counts[item.check_id, status] for status in statuses)] for item in CHECKS]
    _print_table(["reconciliation", "agree", "declared gap", "differ", "missing"], rows)
    for status, heading in (("agrees", "Agrees"), ("declared gap", "Declared gaps"), ("differs", "DIFFERS"),
                            ("missing", "MISSING")):
        listed = [outcome for outcome in outcomes if outcome.status == status]
        if listed and (everything or status != "agrees"):
            click.echo(f"\n{heading}")
            _print_table(["check", "what", "ours", "published", "difference", "why"],
                         [[o.check_id, o.subject, o.ours, o.published, o.difference, o.reason] for o in listed])
    failed = [outcome for outcome in outcomes if outcome.fails]
    click.echo(f"\n{in_one_line(outcomes)}")
    if failed:
        raise UserError(f"{len(failed)} figures do not agree with the published ones and no gap is declared for them; "
                        "correct datasets/, or declare the gap with its size and reason in declared_gaps.csv")


@main.command()
@click.argument("old")
@click.argument("new", type=click.Path(path_type=Path), required=False)
@click.option("--summary", is_flag=True, help="Only how many, by table and source.")
def diff(old: str, new: Path | None, summary: bool) -> None:
    """List every number added, moved or gone from OLD to NEW, in Markdown for CHANGELOG.md.

    Both are folders like datasets/; NEW is this project's if not given. OLD may also be a git revision of NEW, as
    in: imganalytics diff HEAD
    """
    from imganalytics.warehouse import changes

    folder = new or _datasets()
    with changes.earlier(old, folder) as before:
        tables = changes.compare(before, folder)
    click.echo(changes.in_summary(tables) if summary else changes.in_markdown(tables), nl=False)


@main.command()
@click.argument("query")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
              help="How the answer is printed.")
def sql(query: str, form: str) -> None:
    """Run a read-only QUERY on the database.

    The table format groups thousands; csv and json give plain numbers.
    """
    import duckdb

    from imganalytics.warehouse import connect

    try:
        con = connect().execute(query)
        names, rows = ([column[0] for column in con.description or []], con.fetchall()) if con else ([], [])
    except duckdb.Error as error:
        raise UserError(" ".join(str(error).split())) from None
    if form == "json" and len(set(names)) < len(names):
        twice = ", ".join(sorted({name for name in names if names.count(name) > 1}))
        raise UserError(f"several columns have the same name ({twice}), and JSON keeps only one; name them with AS")
    if not names:
        raise UserError("the query asks for nothing; as in: imganalytics sql \"SELECT * FROM sources LIMIT 5\"")
    if form == "table":
        _print_table(names, rows)
    elif form == "csv":
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    else:
        import json

        click.echo(json.dumps([dict(zip(names, map(_finite, row))) for row in rows], default=_plain,
                              ensure_ascii=False, indent=1))


@main.command()
@click.argument("words", nargs=-1)
def sources(words: tuple[str, ...]) -> None:
    """List the sources, or those whose id, title or publisher holds all WORDS."""
    from imganalytics.warehouse import connect

    rows = connect().execute(
        """SELECT source_id, publisher, publication_year, title, confidence, read_at FROM sources
           WHERE list_aggregate([contains(lower(concat_ws(' ', source_id, title, publisher)), lower(word))
                                 FOR word IN $1::VARCHAR[]], 'bool_and') IS NOT false
           ORDER BY source_id""", [list(words)]).fetchall()
    if not rows:
        raise UserError(f"no source with {' '.join(words)!r}; 'imganalytics sources' lists all")
    _print_table(["source_id", "publisher", "year", "title", "confidence", "read at"], rows)


@main.command()
@click.argument("table")
@click.argument("given", nargs=-1, metavar="[COLUMN=VALUE]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="How the answer is printed.")
def explain(table: str, given: tuple[str, ...], form: str) -> None:
    """Say where figures come from: the rows of TABLE in which each COLUMN has its VALUE.

    As in: imganalytics explain match_rates match_year=2025 specialty=Psychiatry applicant_type=us_img
    """
    from imganalytics.studies.explain_table import explain_table

    explanations = explain_table(table, given)
    if form == "text":
        click.echo("\n\n".join(map(str, explanations)))
    else:
        import json
        from dataclasses import asdict

        click.echo(json.dumps([asdict(each) for each in explanations], default=_plain, ensure_ascii=False, indent=1))


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--no-browser", is_flag=True, help="Do not open a browser window.")
@click.option("--port", type=int, help="Port to serve on (default: the first free from 8888).")
@click.argument("extra", nargs=-1, type=click.UNPROCESSED)
def lab(no_browser: bool, port: int | None, extra: tuple[str, ...]) -> None:
    """Build the database if need be and open the workbook in JupyterLab."""
    from imganalytics import paths
    from imganalytics.lab import serve
    from imganalytics.warehouse import current_database

    current_database()
    sys.exit(serve(paths.notebooks() / "00_start_here.ipynb", open_browser=not no_browser, port=port, extra=extra))


for command in (import_group, deck, export, redraw, cite):
    main.add_command(command)


def _datasets() -> Path:
    from imganalytics import paths

    return paths.datasets()


def _finite(value: object) -> object:
    """JSON has neither NaN nor infinity."""
    return None if isinstance(value, float) and value - value != 0 else value


def _plain(value: object) -> object:
    """JSON has no dates and no decimals."""
    from decimal import Decimal

    return (int(value) if value == int(value) else float(value)) if isinstance(value, Decimal) else str(value)


def _console(stderr: bool = False) -> "object":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _print_table(names: list[str], rows: list) -> None:
    """A plain table; numbers right-aligned and with thousands grouped, except years."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    numeric = [bool(rows) and any(_is_number(row[at]) for row in rows) for at in range(len(names))]
    for name, right in zip(names, numeric):
        table.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for row in rows:
        table.add_row(*(_shown(name, value) for name, value in zip(names, row)))
    wide = None if sys.stdout.isatty() else 200
    Console(width=wide, highlight=False, markup=False).print(table)


def _is_number(value: object) -> bool:
    return not isinstance(value, (str, bool)) and value is not None and hasattr(value, "__float__")


def _shown(name: str, value: object) -> str:
    if value is None:
        return ""
    if not _is_number(value):
        return str(value)
    number = float(value)
    if number.is_integer():
        return f"{int(number):d}" if "year" in name else f"{int(number):,}"
    return f"{number:,.4g}" if abs(number) < 1000 else f"{number:,.1f}"
