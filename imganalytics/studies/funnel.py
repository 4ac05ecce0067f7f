"""Which specialties differ from the pooled rate by more than chance: the funnel plot."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from imganalytics.result import Result
from imganalytics.statistics.funnel import funnel_limits, outside, pooled_rate
from imganalytics.studies.ranking import answer, rated
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import applicant_types

LEVELS = (0.95, 0.998)
POINTS = 60  # through which the limits are drawn
PLACES = {-1: "below", 0: "inside", 1: "above"}


def funnel(applicant_type: str = "non_us_img", base: str = "preferred", match_year: int = 2026,
           specialties: Sequence[str] | None = None, minimum_applicants: int = 0) -> Result:
    """Rates against the number of applicants, with exact binomial limits around the pooled rate.

    Args: as of :func:`imganalytics.studies.ranking.ranking`.

    Returns:
        The frame of competitiveness with pooled (the pooled rate), low_95, high_95, low_998, high_998 (limits at the
        applicants of each row) and place_95, place_998: below, inside or above the limits. ``frame.attrs["limits"]``
        holds the limits at a range of applicants, for drawing them.

    Raises:
        UserError: an unknown word, or nothing published.
    """
    found = rated(applicant_type, base, match_year, specialties, minimum_applicants)
    frame = found.frame.sort_values("applicants", ascending=False, kind="stable").reset_index(drop=True)
    matched, applicants = frame["matched"].to_numpy(float), frame["applicants"].to_numpy(float)
    pooled = float(pooled_rate(matched, applicants))
    columns: dict[str, object] = {"pooled": pooled}
    for level, name in zip(LEVELS, ("95", "998")):
        columns[f"low_{name}"], columns[f"high_{name}"] = funnel_limits(pooled, applicants, level)
        columns[f"place_{name}"] = [PLACES[int(place)] for place in outside(matched, applicants, pooled, level)]
    frame = frame.assign(**columns)
    frame.attrs["limits"] = _curves(pooled, applicants)
    return answer(
        "funnel", found, frame, f"In which specialties do {applicant_types()[applicant_type].plural} match more or less often "
        f"than chance would explain, in {match_year}?",
        f"Pooled rate {percent(pooled)}. Lines: exact 95 % and 99.8 % limits around it.", _summary(frame, pooled),
        ("A specialty between the lines does not differ from the pooled rate by more than chance. One outside "
         "differs, but the plot does not say why: who applies differs from specialty to specialty.",
         "The more applicants, the smaller the difference that shows: among large specialties nearly all lie outside."))


def _curves(pooled: float, applicants: np.ndarray) -> dict[str, list[float]]:
    """The limits at sizes that are evenly spread on a logarithmic scale."""
    least, most = max(applicants.min() * 0.8, 1), applicants.max() * 1.25
    sizes = np.unique(np.concatenate([np.arange(np.ceil(least), min(most, POINTS)), np.geomspace(least, most, POINTS).round()]))
    curves = {"applicants": sizes.tolist()}
    for level, name in zip(LEVELS, ("95", "998")):
        low, high = funnel_limits(pooled, sizes, level)
        curves |= {f"low_{name}": low.tolist(), f"high_{name}": high.tolist()}
    return curves


def _summary(frame: pd.DataFrame, pooled: float) -> str:
    above = frame.loc[frame["place_998"] == "above", "row_label"].tolist()
    below = frame.loc[frame["place_998"] == "below", "row_label"].tolist()
    inside = int((frame["place_95"] == "inside").sum())
    told = [f"{words}: {listing(names)}" for words, names in (("above", above), ("below", below)) if names]
    out = len(above) + len(below)
    return (f"Pooled rate {percent(pooled)}. {counted(out, 'specialty lies', 'specialties lie')} outside the 99.8 % limits"
            + (f" ({'; '.join(told)})" if told else "")
            + f"; {counted(inside, 'specialty lies', 'specialties lie')} within the 95 % limits.")
