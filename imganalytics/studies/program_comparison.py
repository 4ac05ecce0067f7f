"""Up to five training programs side by side: the same lines of evidence for each."""

from collections.abc import Sequence

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.studies.program import ASKED, HISTORY, NOT_STATED, PARTS, program
from imganalytics.studies.words import counted, listing

MOST = 5
FEW = 3  # tracks, employers, fellowships that are named; the others are counted


def program_comparison(program_keys: Sequence[str]) -> Result:
    """A row for each line of evidence and program, and the history of each program (part HISTORY).

    Returns:
        A frame with the columns program_key, program, line, part, value, detail, table, row_key and source_id; rows of
        HISTORY (all codes together) also have match_year, quota and matched.

    Raises:
        UserError: fewer than two or more than five programs, the same twice, or one that is not known.
    """
    keys = list(program_keys)
    if not 2 <= len(keys) <= MOST:
        raise UserError(f"{counted(len(keys), 'program is', 'programs are')} ticked; allowed: 2 to {MOST}")
    if len(set(keys)) < len(keys):
        raise UserError("the same program is named twice; allowed: different ones")
    cards = {key: program(key) for key in keys}
    frame = pd.concat([_lines(key, card) for key, card in cards.items()], ignore_index=True)
    names = _told_apart(cards)
    frame["program"] = frame["program_key"].map(dict(zip(cards, names)))
    sources = tuple({source.source_id: source for card in cards.values() for source in card.sources}.values())
    return Result(frame, Question("program_comparison", {"program_keys": keys}),
                  title=f"How do these {len(keys)} programs compare?", subtitle=f"{'; '.join(names)}.",
                  summary=f"{listing(names)}, side by side; {_unknown(frame)}.", sources=sources,
                  caveats=cards[keys[0]].caveats)


def _told_apart(cards: dict[str, Result]) -> list[str]:
    """The names of the programs; with their institution's code where two have the same."""
    titles = [card.title for card in cards.values()]
    return [f"{title} ({key.split('/')[0]})" if titles.count(title) > 1 else title for key, title in zip(cards, titles)]


def _unknown(frame: pd.DataFrame) -> str:
    unknown = frame.loc[frame["value"] == NOT_STATED, "line"].nunique()
    return f"{counted(unknown, 'line is', 'lines are')} not stated for one of them or more"


def _lines(key: str, card: Result) -> pd.DataFrame:
    frame = card.frame
    lines = []
    for part in (PARTS[0], PARTS[1], PARTS[4]):  # the same lines for every program
        for row in frame[frame["part"] == part].to_dict("records"):
            line = _general(row["what"])
            lines.append(row | {"line": line, "what": line})
    lines += [_together(frame, part, line) for part, line in (
        (PARTS[2], "Tracks named for IMGs or sponsors"), (PARTS[3], "H-1B filings for residents and fellows, possible employers"),
        (PARTS[5], "Fellowships in the institution"))]
    imported = frame[frame["part"] == PARTS[6]].drop_duplicates("what")
    lines += [row | {"line": row["what"]} for row in imported.to_dict("records") if row["what"] in ASKED.values()]
    lines += [row | {"line": HISTORY} for row in frame[(frame["part"] == HISTORY) & (frame["program_code"] == "")].to_dict("records")]
    return pd.DataFrame(lines).assign(program_key=key).drop(columns=["program_code", "published_name"])


def _general(what: str) -> str:
    """The name of a line without the level and the state, which differ between programs."""
    return what.split(": share of filled ")[0] + ", share of the state's filled positions" if ": share of filled " in what else what


def _together(frame: pd.DataFrame, part: str, line: str) -> dict[str, object]:
    """Several rows of a part as one: how many, and the first names."""
    own = frame[frame["part"] == part]
    if part == PARTS[3]:
        known = own[own["what"].str.startswith("H-1B filings for residents")]
        own = known if len(known) else own[own["row_key"] == ""].head(1)
        if own.empty:
            return {"part": part, "what": line, "line": line, "value": "none", "detail": "a possible employer is known, and filed none",
                    "table": "", "row_key": "", "source_id": None}
        value = f"{own['number'].sum():,.0f}" if own["row_key"].iloc[0] else own["value"].iloc[0]
    else:
        printed = own[own["row_key"] != ""]
        value = f"{len(printed):,}" if len(printed) else own["value"].iloc[0]
    named = list(own["what"] if part != PARTS[3] else own["detail"])[:FEW] if own["row_key"].iloc[0] else list(own["detail"])
    more = f" and {len(own) - FEW} more" if len(own) > FEW else ""
    first = own.iloc[0]
    return {"part": part, "what": line, "line": line, "value": value, "detail": "; ".join(named) + more, "table": first["table"],
            "row_key": " | ".join(key for key in own["row_key"] if key), "source_id": first["source_id"]}
