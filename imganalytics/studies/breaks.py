"""Where a series of match rates is not one series: what was counted, or the Match itself, changed."""

from collections.abc import Iterable
from dataclasses import dataclass

DO_SENIORS, DO_EARLIER = "us_do_senior", "us_do_students_and_graduates"
IMGS = ("us_img", "non_us_img", "img_all", "fifth_pathway")


@dataclass(frozen=True)
class Break:
    """A line is not drawn from the year before `year` into `year`.

    Attributes:
        series: keys of the series that it concerns.
        types: keys of the applicant types that it concerns; empty for all.
        at: where the line that marks it stands, in years.
        why: in words; empty for the far end of a single year that is said once.
        source_id: who says so.
    """

    year: int
    series: tuple[str, ...]
    types: tuple[str, ...]
    at: float
    why: str
    source_id: str


BREAKS = (
    Break(2013, ("active",), IMGS, 2013,
          "2013: these are the counts first published. They were revised downwards a year later; no revised number of "
          "applicants was found, so the first pair stands.", "ecfmg_2014"),
    Break(2014, ("active",), IMGS, 2013, "", "ecfmg_2014"),
    Break(2019, ("active",), (DO_SENIORS, DO_EARLIER), 2018.5,
          "US DO: students and graduates together to 2018, seniors alone from 2019.", "aacom_2018"),
    Break(2020, ("active", "rank_lists"), (), 2019.5,
          "2020: the first single Match of MD and DO programs; positions and applicants of the former DO match came "
          "in.", "becker_2020"),
)


def breaks_in(series: str, types: Iterable[str], first: int, last: int) -> list[Break]:
    """The breaks of a series that lie between two years (both shown) for any of `types`, in order."""
    types = set(types)
    return [each for each in BREAKS if series in each.series and (not each.types or types & set(each.types))
            and first <= each.at <= last and (first < each.year or each.at == each.year)]


def segment(series: str, applicant_type: str, year: int) -> int:
    """The number of the unbroken piece that a year belongs to: years of different pieces are not joined by a line."""
    return sum(series in each.series and (not each.types or applicant_type in each.types) and year >= each.year
               for each in BREAKS)
