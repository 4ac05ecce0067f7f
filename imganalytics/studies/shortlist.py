"""The programs on the user's shortlist, with what is known of each."""

from imganalytics.errors import UserError
from imganalytics.own.shortlist import entries
from imganalytics.result import Question, Result
from imganalytics.studies.programs import CAVEATS, COLUMNS, SOURCES, prepared
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted

NAMES = ("program_key", "institution", "city", "state", "specialty")


def shortlist() -> Result:
    """The shortlist in the user's order: the columns of :func:`programs`, `note` and `added_at` beside them.

    A program that is no longer known (an import was removed) keeps the name under which it was added, and no figures.

    Raises:
        UserError: the list is empty, or its file cannot be read.
    """
    kept = entries()
    if not kept:
        raise UserError("the shortlist is empty; tick programs in the table above and press 'Add to the shortlist'")
    frame = prepared().frame.set_index("program_key", drop=False).reindex([entry.program_key for entry in kept])
    frame = frame[list(COLUMNS)].reset_index(drop=True)
    for name in NAMES:
        frame[name] = [known if isinstance(known, str) else getattr(entry, name) for known, entry in zip(frame[name], kept)]
    frame.insert(0, "place_on_list", range(1, len(kept) + 1))
    frame["note"], frame["added_at"] = [entry.note for entry in kept], [entry.added_at for entry in kept]
    return Result(frame, Question("shortlist", {}), title="Which programs are on the shortlist?",
                  subtitle=f"{counted(len(kept), 'program', 'programs')}, in the order of the list.",
                  summary=f"{counted(len(kept), 'program is', 'programs are')} on the shortlist.",
                  sources=sources_of(SOURCES), caveats=CAVEATS)
