"""The sentences around trends: a figure, a change, and what to keep in mind."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from imganalytics.studies import trend_facts as facts
from imganalytics.studies.words import counted, difference_text, listing, percent
from imganalytics.vocabulary import applicant_types


def figure_text(row: Mapping[str, Any]) -> str:
    """A figure with what it is of: '6,524', or '97.4 % (96.9 to 97.8, 6,354 of 6,524)'."""
    if row["of"] != row["of"]:
        return f"{row['value']:,.0f}"
    return (f"{percent(row['value'])} ({100 * row['low']:.1f} to {100 * row['high']:.1f}, "
            f"{row['count']:,.0f} of {row['of']:,.0f})")


def share_text(share: float, low: float, high: float) -> str:
    """A share with its interval: '97.4 % (96.9 to 97.8)'."""
    return f"{percent(share)} ({100 * low:.1f} to {100 * high:.1f})"


def change_text(start: Mapping[str, Any], end: Mapping[str, Any], difference: float, low: float, high: float) -> str:
    """The change from one figure to another: '+100 (+5.0 %)', or points with Newcombe's interval."""
    if start["of"] == start["of"]:
        return f"{difference_text(difference, low, high)} points"
    return count_change(start["value"], end["value"])


def count_change(start: float, end: float) -> str:
    """The change of a count: '+4,417, +67.7 %'; no percentage of nothing."""
    if start == end:
        return "none"
    whole = f"{end - start:+,.0f}"
    return (f"{whole}, {100 * (end / start - 1):+.1f} %" if start else whole).replace("-", "\u2212")


def runs(years: Iterable[int]) -> list[list[int]]:
    """[2016, 2017, 2018, 2020] as [[2016, 2017, 2018], [2020]]."""
    found: list[list[int]] = []
    for year in years:
        if found and year == found[-1][-1] + 1:
            found[-1].append(year)
        else:
            found.append([year])
    return found


def spans(years: Sequence[int]) -> str:
    """[2016, 2017, 2018, 2020] as '2016-2018, 2020'."""
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}\u2013{run[-1]}" for run in runs(years))


def caveats(measure: str, frame: Mapping[str, np.ndarray], years: Sequence[int], missing: Sequence[str],
            gaps: Sequence[str]) -> tuple[str, ...]:
    """What a reader has to know beside the figures of these years (for a change, the two years).

    Args:
        measure: a key of MEASURES.
        frame: the columns specialty, choice, match_year, reliability, reason, source_id, of_source_id.
        years: the first and the last.
        missing: labels of specialties without any figure.
        gaps: 'label years' of lines that lack years.
    """
    what = facts.MEASURES[measure]
    notes = [what.meaning] if what.meaning else []
    crossed = [each for each in facts.breaks(measure) if years[0] < each.year <= years[-1]]
    notes += [f"{each.words[0].upper()}{each.words[1:]}: figures before and after are not quite the same thing."
              for each in crossed]
    notes += _lacking(frame)
    if set(frame["choice"]) & set(facts.POOLS):
        notes.append("Tracks taken together are added up only where each of them is published, and are never shown "
                     "beside their parts.")
    notes += _of_shares(frame) if what.is_share else []
    if missing:
        notes.append(f"Not published for this choice: {listing(list(missing))}.")
    if gaps:
        notes.append(f"No figure (not published, no positions, or fewer than 5): {'; '.join(gaps)}.")
    printed = _printed(measure, frame, years)
    if printed:
        notes.append(f"Printed as a percentage without the counts, so not drawn: {printed}.")
    return tuple(notes)


def _lacking(frame: Mapping[str, np.ndarray]) -> list[str]:
    """The known gaps of the program reports that figures of the frame are summed from."""
    notes = []
    cited = {(year, source) for name in ("source_id", "of_source_id")
             for year, text in zip(frame["match_year"].tolist(), frame[name])
             if isinstance(text, str) for source in text.split(", ")}
    for year, positions, source_id in facts.lacking():
        if (year, source_id) in cited:
            notes.append(f"{year}: the program report lacks {counted(positions, 'position', 'positions')} that the "
                         "official totals hold (a declared gap); figures summed from it miss those of their "
                         "specialty.")
    return notes


def _of_shares(frame: Mapping[str, np.ndarray]) -> list[str]:
    shown = [kind for kind, reason in zip(frame["reliability"], frame["reason"]) if not reason]
    unstable = shown.count("unstable")
    notes = ["Every position is counted, nothing is sampled: an interval says how far a share of so few positions "
             "moves by chance alone from year to year."]
    if unstable:
        notes.append(f"{unstable} of {len(shown)} shares are unstable (hollow): fewer than 30 positions, or an "
                     "interval wider than 20 points.")
    return notes


def _printed(measure: str, frame: Mapping[str, np.ndarray], years: Sequence[int]) -> str:
    """Fill shares that are printed without counts, for what is shown: 'Family Medicine 2019, 2020 (All IMGs)'."""
    wanted = {"fill_img": "img_all", "fill_us_img": "us_img", "fill_non_us_img": "non_us_img"}.get(measure)
    have = set(zip(frame["specialty"], frame["match_year"].tolist()))
    found: dict[str, list[int]] = {}
    for specialty, year, kind in facts.printed_only() if wanted else ():
        if kind == wanted and specialty in frame["specialty"] and years[0] <= year <= years[-1] \
                and (specialty, year) not in have:
            found.setdefault(str(facts.specialties()["label"][specialty]), []).append(year)
    return "; ".join(f"{label} {spans(sorted(when))}" for label, when in found.items()) + (
        f" ({applicant_types()[wanted].label})" if found else "")
