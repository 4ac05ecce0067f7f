"""What did program directors say they look at when they choose whom to interview?"""

from functools import cache

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import ALL_SPECIALTIES, require
from imganalytics.warehouse import connect

SORTS = {"citing": "Share of directors citing it", "importance": "Mean importance", "name": "Name"}
MOST = 5  # of the scale of importance, which begins at 1

QUERY = """
SELECT survey_year, d.specialty, s.label AS specialty_label, d.stage, d.factor, d.citing_pct / 100 AS citing,
       d.mean_importance, d.source_id, d.locator, d.derivation, d.note
FROM program_director_survey d LEFT JOIN specialties s ON s.specialty = d.specialty
WHERE survey_year = $survey_year
ORDER BY {order}, factor"""
ORDERS = {"citing": "citing_pct DESC NULLS LAST", "importance": "mean_importance DESC NULLS LAST, citing_pct DESC",
          "name": "lower(factor)"}


@cache
def surveys() -> dict[int, str]:
    """Surveys by year, the latest first, in words: '2021, all specialties'."""
    rows = connect().execute("""
        SELECT survey_year, min(coalesce(s.label, d.specialty)), count(DISTINCT d.specialty)
        FROM program_director_survey d LEFT JOIN specialties s ON s.specialty = d.specialty
        GROUP BY survey_year ORDER BY survey_year DESC""").fetchall()
    return {year: f"{year}, {label.lower() if label == ALL_SPECIALTIES else label if count == 1 else 'several specialties'}"
            for year, label, count in rows}


@cache
def sorts(survey_year: int) -> tuple[str, ...]:
    """The orders in which the factors of a survey can be put."""
    weighed = _figures(survey_year, "citing")["mean_importance"].notna().any()
    return tuple(key for key in SORTS if key != "importance" or weighed)


def directors(survey_year: int = 2021, sort: str = "citing") -> Result:
    """Share of program directors who cite a factor for inviting to an interview, and its mean importance.

    Args:
        survey_year: year of the survey.
        sort: citing, importance or name; the highest first.

    Returns:
        A frame of one row for each factor: citing (fraction 0-1), mean_importance (1 to 5; NaN: not in the source here),
        provenance. The number of respondents is not published here, so no interval can be given.

    Raises:
        UserError: an unknown survey or sort order, or a sort by what is not published.
    """
    if survey_year not in surveys():
        raise UserError(f"no survey of {survey_year!r} is in the sources here; allowed: {', '.join(map(str, surveys()))}")
    require(sort, SORTS, "sort order")
    frame = _figures(survey_year, sort)
    if sort not in sorts(survey_year):
        raise UserError(f"The survey of {surveys()[survey_year]}, is here without importance; sort by another figure.")
    words = surveys()[survey_year]
    return Result(
        frame, Question("directors", {"survey_year": survey_year, "sort": sort}),
        title=f"What did program directors say they look at for an interview? ({words})",
        subtitle="Base: program directors who answered the survey. Their number is not in the source here, so no interval "
                 "can be given: every mark is hollow. Cited: part of the directors who name the factor. "
                 + ("Importance: mean rating, from 1 (not at all) to 5 (very)." if frame["mean_importance"].notna().any()
                    else "Importance is not in the source here."),
        summary=_summary(frame, words), sources=sources_of(frame["source_id"]), caveats=_caveats(frame),
        sql=QUERY.format(order=ORDERS[sort]), parameters={"survey_year": survey_year},
        rows_of=RowsOf("program_director_survey", ("survey_year", "specialty", "stage", "factor")))


@cache
def _figures(survey_year: int, sort: str) -> pd.DataFrame:
    """Kept: callers must not write to it."""
    frame = connect().execute(QUERY.format(order=ORDERS[sort]), {"survey_year": survey_year}).df()
    return frame.astype({"mean_importance": "float64", "citing": "float64"})


def cut_off(frame: pd.DataFrame) -> str:
    """What the source here leaves out, in words; empty when it says nothing of that."""
    cut = any("excerpt ends" in note for note in frame["note"] if isinstance(note, str))
    return (f"The excerpt in the source here ends after these {len(frame)} factors. Lower-ranked ones, visa status among "
            "them, are not visible.") if cut else ""


def _summary(frame: pd.DataFrame, words: str) -> str:
    text = (f"Survey of {words}: {counted(len(frame), 'factor', 'factors')}, cited by {_extreme(frame, 'max')} down to "
            f"{_extreme(frame, 'min')}; number of respondents not published.")
    if frame["mean_importance"].notna().any():
        top = frame.loc[frame["mean_importance"] == frame["mean_importance"].max()]
        most = top["mean_importance"].iloc[0]
        text += f" The highest mean importance is {most:g} of {MOST} ({listing(top['factor'].tolist())})."
    return text


def _extreme(frame: pd.DataFrame, which: str) -> str:
    """The greatest or least share, with every factor that has it."""
    found = frame[frame["citing"] == frame["citing"].agg(which)]
    return f"{percent(found['citing'].iloc[0])} ({listing(found['factor'].tolist())})"


def _caveats(frame: pd.DataFrame) -> tuple[str, ...]:
    notes = [cut_off(frame)] if cut_off(frame) else []
    notes += ["The number of directors who answered is not in the source here. Shares that lie close together may not "
              "differ.",
              "These are answers: they say what directors say they look at. They are not of IMGs apart.",
              "Read from a restatement of the survey, not from its report.",
              "The two surveys asked different programs in different years; they are not drawn together."]
    return tuple(notes)
