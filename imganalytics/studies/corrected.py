"""The published figures that were corrected or withheld: what was printed, what stands instead, and why."""

from imganalytics.result import Question, Result
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, readable
from imganalytics.warehouse import connect

CORRECTED = """
SELECT correction_id, "table", row_key, field, expected_value AS printed, action, new_value, reason, source_id
FROM corrections ORDER BY correction_id"""


def _place(row_key: str) -> list[str]:
    """What the row is about: the values of its key, but for the source."""
    parts = (part.split("=", 1) for part in row_key.split("; "))
    return [value for name, value in parts if name != "source_id"]


def corrected() -> Result:
    """One row for each correction: the row it is laid over, the printed value, the new one (blank: withheld), why."""
    frame = connect().sql(CORRECTED).df()
    frame["place"] = [readable(", ".join(_place(key))) for key in frame["row_key"]]
    withheld = int((frame["action"] == "withhold").sum())
    return Result(
        frame, Question("corrected", {}), sql=CORRECTED, title="What was corrected, and why",
        subtitle=f"n = {counted(len(frame), 'correction', 'corrections')}.",
        summary=f"{counted(len(frame), 'printed figure is', 'printed figures are')} not shown as printed: "
                f"{counted(len(frame) - withheld, 'is replaced', 'are replaced')} by the official count, "
                f"{counted(withheld, 'is withheld', 'are withheld')} because it cannot be right and nothing official "
                "stands for it.",
        sources=sources_of(frame["source_id"]))
