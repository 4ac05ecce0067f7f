"""The last step of an import: rows into facts of programs, and programs of the user's own list into keys."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from imganalytics.errors import UserError
from imganalytics.own import import_store
from imganalytics.own.import_formats import FORMATS, fold
from imganalytics.own.import_matching import specialty_named
from imganalytics.own.import_preview import OWN, Conflict, Preview, Row, groups_of
from imganalytics.own.import_store import Import
from imganalytics.own.imports import imported_programs


def kept(preview: Preview, chosen: Mapping[int, str], conflicts: Sequence[Conflict]) -> Import:
    """Write the rows whose program is known or chosen, without the values on which they disagree.

    Raises:
        UserError: there is none, or the folder cannot be written to.
    """
    own = _OwnKeys()
    keyed = list(_keyed(preview, chosen, own))
    if not keyed:
        raise UserError(f"{preview.file}: nothing can be taken")
    disputed = {(conflict.program_key, conflict.field, conflict.as_of) for conflict in conflicts}
    facts: dict[tuple[str, ...], tuple[int, str]] = {}  # of rows that say the same the first is kept
    for group, key, row in keyed:
        for name, text, number, head in row.facts:
            if (group, name, row.as_of) not in disputed:
                facts.setdefault((key, name, text, "" if number != number else repr(number), row.as_of), (row.line, head))
    about = {"file": preview.file, "sha256": preview.sha256, "format": FORMATS[preview.format],
             "rows_read": preview.rows_read, "rows_taken": len({row.line for _, _, row in keyed}),
             "programs": len({key for _, key, _ in keyed}), "facts": len(facts), "own_programs": len(own.rows)}
    rows = [[*fact, *place] for fact, place in facts.items()]
    return import_store.write(about, rows, own.rows, _crosswalk(keyed, chosen))


def _keyed(preview: Preview, chosen: Mapping[int, str], own: "_OwnKeys") -> Iterator[tuple[str, str, Row]]:
    """The group, the key and the row of each program that a row is about."""
    for row in preview.rows:
        for group in groups_of(row, chosen):
            yield group, own.key(row) if group.startswith(f"{OWN}-") else group, row


def _crosswalk(keyed: Sequence[tuple[str, str, Row]], chosen: Mapping[int, str]) -> dict[str, list[str]]:
    """ACGME numbers whose program the file's own NRMP codes tell, or the user."""
    found: dict[str, list[str]] = {}
    for _, key, row in keyed:
        if row.said.acgme and not key.startswith(f"{OWN}-") and (row.joined.by == "NRMP code" or row.line in chosen):
            keys = found.setdefault(row.said.acgme, [])
            if key not in keys:
                keys.append(key)
    return found


class _OwnKeys:
    """Keys of the user's own programs: the one it had before, else the next free number."""

    def __init__(self) -> None:
        known = imported_programs()
        self._keys = {(fold(institution), state, specialty): key for key, institution, state, specialty in
                      zip(known["program_key"], known["institution"], known["state"], known["specialty"])}
        used = {key.split("/")[0] for key in known["program_key"]}
        self._free = (f"own-{number}" for number in count(1) if f"own-{number}" not in used)
        self._written: set[str] = set()
        self.rows: list[tuple[str, str, str, str, str, int]] = []

    def key(self, row: Row) -> str:
        """The key of the row's program, which is then among `rows`."""
        said, specialty = row.said, specialty_named(row.said.specialty)
        place = (fold(said.institution), said.state, specialty)
        if place not in self._keys:
            self._keys[place] = f"{next(self._free)}/{specialty}"
        key = self._keys[place]
        if key not in self._written:
            self._written.add(key)
            self.rows.append((key, said.institution, said.city, said.state, specialty, row.line))
        return key
