"""How many of the figures of each table some comparison would find wrong, and what nothing watches."""

from functools import cache

import pandas as pd

from imganalytics import paths
from imganalytics.result import Question, Result
from imganalytics.studies.words import counted, percent
from imganalytics.warehouse import connect
from imganalytics.warehouse.checks.watched import watched as columns_watched
from imganalytics.warehouse.schema import read_package


@cache
def watched() -> Result:
    """One row for each table with figures: their number, how many are watched, and the share (0-1).

    A figure is watched when a published total, a printed percentage or a second source would show that it is wrong.
    """
    package = read_package(paths.datasets())
    titles = {table.name: table.title for table in package}
    columns = pd.DataFrame(columns_watched(connect(), package))
    frame = columns.groupby("table", sort=False)[["figures", "watched"]].sum().reset_index()
    frame = frame[frame["figures"] > 0].assign(title=lambda rows: rows["table"].map(titles),
                                               share=lambda rows: rows["watched"] / rows["figures"])
    frame = frame.sort_values(["share", "figures"], ascending=False).reset_index(drop=True)
    figures, seen = int(frame["figures"].sum()), int(frame["watched"].sum())
    blind = frame.loc[frame["watched"] == 0, "title"].tolist()
    return Result(
        frame, Question("watched", {}), title="Which figures would a comparison find wrong?",
        subtitle="Share of a table's figures that a published total, a printed percentage or a second source watches. "
                 f"n = {counted(figures, 'figure', 'figures')}.",
        summary=f"{seen:,} of {figures:,} figures ({percent(seen / figures)}) are watched. "
                f"Nothing watches {len(blind)} of {len(frame)} tables: {'; '.join(blind)}.",
        caveats=("What nothing watches rests on careful copying alone: a slip there would not be found by this check.",))
