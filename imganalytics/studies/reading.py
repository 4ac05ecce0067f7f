"""What so many applicants can tell at all: the interval around a rate, for practice."""

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.studies.words import percent
from imganalytics.vocabulary import RELIABILITY


def reading(applicants: int = 30, matched: int = 15) -> Result:
    """The 95 % Wilson interval of `matched` of `applicants`: a calculation, not a published figure.

    Raises:
        UserError: fewer than no applicants, or more matched than applied.
    """
    if not 0 <= matched <= applicants or applicants < 1:
        raise UserError(f"matched {matched} of {applicants} is not possible; allowed: at least 1 applicant, and matched "
                        f"from 0 to their number")
    low, high = (float(limit) for limit in wilson(matched, applicants))
    kind = str(reliability(matched, applicants))
    frame = pd.DataFrame([{"applicants": applicants, "matched": matched, "rate": matched / applicants,
                           "rate_low": low, "rate_high": high, "reliability": kind}])
    shown = {"ok": "steady enough to show", "unstable": "unstable, so it would be drawn hollow",
             "suppressed": "too few to show at all"}[kind]
    return Result(frame, Question("reading", {"applicants": applicants, "matched": matched}),
                  title=f"{matched:,} of {applicants:,} matched: how sure is that?",
                  subtitle="A calculation for practice, not a published figure. Line: 95 % Wilson interval.",
                  summary=f"{matched:,} of {applicants:,} is {percent(matched / applicants)}. The true rate plausibly lies "
                          f"between {percent(low)} and {percent(high)}, {100 * (high - low):.0f} points apart: {shown} "
                          f"({RELIABILITY[kind]}).")
