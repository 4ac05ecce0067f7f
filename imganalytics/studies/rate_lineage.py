"""The way back from a match rate to the counts and shares it is made of."""

from collections.abc import Collection
from typing import Any

from imganalytics.studies.explanation import Alternative
from imganalytics.studies.lineage import Lineage, Row, corrections_of, fact_of, lineage, minus, published, rows_where
from imganalytics.warehouse.conflicts import RULE

KEY = ("match_year", "specialty", "track", "entry_level", "applicant_type", "base")
COUNTS = ("applicants", "matched", "unmatched")
SHARES = ("matched_pct", "unmatched_pct")
RATE_RULE = f"{RULE}; a source that gives both counts before one that does not"


def rate_lineage(rate: Row) -> Lineage:
    """What a row of match_rates rests on: counts and shares of its sources, and positions filled where matched is that."""
    here = {name: rate[name] for name in KEY}
    found = [row for row in published("match_applicants", here) if row["measure"] in (*COUNTS, *SHARES)]
    used = [row for row in found if _is_used(row, rate)]
    if "two sources" in rate["derivation"]:
        used += [row for row in found if row not in used and row["measure"] in SHARES
                 and _share_matched(row) == rate["printed_pct"]][:1]
    compared = _comparable(rate)
    others = [row for row in found if row not in used and row["value"] is not None]
    alternatives = [Alternative(fact_of("match_applicants", row), minus(row["value"], compared.get(row["measure"])))
                    for row in others]
    facts = [fact_of("match_applicants", row) for row in used]
    corrections = corrections_of("match_applicants", used)
    withheld = any(row["correction_id"] and row["value"] is None for row in used)
    filled = _positions_filled(rate, used)
    return Lineage(facts + filled.facts, corrections + filled.corrections, alternatives + filled.alternatives,
                   missing=() if withheld else looked_for(rate, {row["measure"] for row in others}))


def looked_for(rate: Row, elsewhere: Collection[str] = ()) -> tuple[str, ...]:
    """Which counts a rate lacks, and where they were looked for; nothing when both are there.

    `elsewhere` are the measures that other sources print for the same place.
    """
    lacking = [name for name in ("applicants", "matched") if rate.get(name) is None]
    apart = [name for name in lacking if name in elsewhere]
    nowhere = [name for name in lacking if name not in elsewhere]
    sentences = [f"{' and '.join(apart).capitalize()}: only by a source that gives no count to go with it; counts of two "
                 "sources are put together only where a printed share confirms them."] if apart else []
    if nowhere:
        filled = "; positions filled by this type, in match_results.csv" if rate["base"] == "ranked_anywhere" else ""
        also = f" (or unmatched{filled})" if "matched" in nowhere else ""
        sentences.append(f"{' and '.join(nowhere).capitalize()}{also}: in no source here. Looked for in "
                         f"match_applicants.csv at {'; '.join(f'{name}={rate[name]}' for name in KEY)}.")
    return tuple(sentences)


def _is_used(row: Row, rate: Row) -> bool:
    own, matched = row["source_id"] == rate["source_id"], row["source_id"] == rate["matched_source_id"]
    return own or matched and row["measure"] in ("matched", "unmatched")


def _share_matched(row: Row) -> float | None:
    return 100 - row["value"] if row["measure"] == "unmatched_pct" and row["value"] is not None else row["value"]


def _comparable(rate: Row) -> dict[str, float]:
    """What each measure would be by the counts of the rate."""
    applicants, matched = rate["applicants"], rate["matched"]
    known: dict[str, Any] = {"applicants": applicants, "matched": matched}
    if applicants and matched is not None:
        share = 100 * matched / applicants
        known |= {"unmatched": applicants - matched, "matched_pct": share, "unmatched_pct": 100 - share}
    return known


def _positions_filled(rate: Row, used: list[Row]) -> Lineage:
    """Where the matched count is that of positions filled by this type: what that count rests on."""
    if rate["matched"] is None or any(row["measure"] in ("matched", "unmatched") for row in used):
        return Lineage([], [], [])
    where = {name: rate[name] for name in KEY if name != "base"} | {"measure": "positions_filled"}
    lines = [lineage("match_results", row) for row in rows_where("main.match_results", where)]
    return lines[0] if lines else Lineage([], [], [])
