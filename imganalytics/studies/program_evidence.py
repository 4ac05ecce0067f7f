"""What is known of each training program on whether it takes IMGs, as numbers that a slider can weigh.

Every piece lies between 0 and 1, NaN where nothing is known. Filters are checked here too, for all studies of programs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.own import imports
from imganalytics.statistics.rates import LEAST_SHOWN, Array, Interval, wilson
from imganalytics.statistics.shrinkage import LEAST_GROUPS, Shrunk, fit_prior, shrink
from imganalytics.studies.program_facts import program_facts
from imganalytics.studies.words import listing
from imganalytics.vocabulary import FAMILIES, require
from imganalytics.warehouse import connect

SURE = {"explicit_img", "sponsor_funded"}  # of the categories of tracks; the third can mean either
STATES = """
SELECT specialty, entry_level, sum(filled) FILTER (applicant_type IN ('us_img', 'non_us_img')) AS imgs,
       sum(filled) AS filled
FROM state_fill GROUP BY state, specialty, entry_level"""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The programs of `facts` (see program_facts), row for row, as arrays; made once for each state of the imports."""

    facts: pd.DataFrame

    @cached_property
    def active(self) -> np.ndarray:
        """Whether the program was in the last Match, or is the user's own."""
        return self.facts["active"].to_numpy(bool)

    @cached_property
    def positions(self) -> Array:
        """Positions offered in the last Match, 0 where it was not in it."""
        return self.facts["positions"].fillna(0).to_numpy(float)

    @cached_property
    def listed(self) -> np.ndarray:
        """Whether it stands in the official listing; the user's own do not."""
        return self.facts["institution_code"].fillna("").to_numpy(str) != ""

    @cached_property
    def groups(self) -> dict[str, tuple[np.ndarray, list[str]]]:
        """For specialty and state: the number of each program's, and the names."""
        found = {name: pd.factorize(self.facts[name].fillna("").astype(object)) for name in ("specialty", "state")}
        return {name: (codes, list(values)) for name, (codes, values) in found.items()}

    @cached_property
    def places(self) -> dict[str, int]:
        """The row of each program by its key."""
        return {key: at for at, key in enumerate(self.facts["program_key"])}

    @cached_property
    def alphabet(self) -> np.ndarray:
        """Where each program stands when they are ordered by name."""
        names = ("program_key", "specialty", "institution")
        order = np.lexsort([self.facts[name].fillna("").to_numpy(str) for name in names])
        rank = np.empty(len(order), int)
        rank[order] = np.arange(len(order))
        return rank

    @cached_property
    def filled(self) -> Array:
        """Filled positions of the state's programs of its specialty and level."""
        return self.facts["state_filled"].to_numpy(float)

    @cached_property
    def imgs(self) -> Array:
        """Of these the ones taken by IMGs, US and non-US together."""
        return (self.facts["state_us_img"] + self.facts["state_non_us_img"]).to_numpy(float)

    @cached_property
    def share(self) -> Array:
        """IMG share of the filled positions; NaN where not published or of fewer than 5."""
        return self._divided(self.imgs, np.where(self.filled >= LEAST_SHOWN, self.filled, np.nan))

    @cached_property
    def share_interval(self) -> Interval:
        """Its 95 % Wilson interval."""
        known = ~np.isnan(self.share)
        low, high = wilson(np.where(known, self.imgs, 0), np.where(known, self.filled, 1))
        return Interval(np.where(known, low, np.nan), np.where(known, high, np.nan))

    @cached_property
    def shrunk(self) -> Shrunk:
        """The share drawn towards the mean of the specialty and level over states; NaN with fewer than three states."""
        known = ~np.isnan(self.share)
        found = Shrunk(*(np.full(len(known), np.nan) for _ in range(3)))
        key = list(zip(self.facts["specialty"], self.facts["entry_level"].fillna("")))
        codes, names = pd.factorize(pd.Series(key, dtype=object))
        for number, name in enumerate(names):
            rows = np.flatnonzero((codes == number) & known)
            imgs, filled = _over_states().get(name, (np.array([]), np.array([])))
            if len(rows) and (filled > 0).sum() >= LEAST_GROUPS:
                values = shrink(self.imgs[rows], self.filled[rows], fit_prior(imgs, filled))
                for kept, each in zip(found, values):
                    kept[rows] = each
        return found

    @cached_property
    def unfilled(self) -> Array:
        """Part of its positions of the last five Matches that were left unfilled; NaN when it was in none."""
        return self._divided(self.facts["unfilled_5_years"].to_numpy(float),
                             self.facts["offered_5_years"].to_numpy(float))

    @cached_property
    def designated(self) -> Array:
        """1 with a track named for IMGs or sponsored physicians, 0 without; NaN where the name can mean either."""
        found = [1.0 if SURE & set(kinds) else np.nan if kinds else 0.0 for kinds in self.facts["designated_as"]]
        return np.where(self.listed, np.array(found, float), np.nan)

    @cached_property
    def filed(self) -> np.ndarray:
        """Whether an employer that may be its institution filed for H-1B trainees."""
        return self.facts["h1b_trainee_filings"].to_numpy(float) > 0

    @cached_property
    def several_employers(self) -> np.ndarray:
        """Whether such an employer may be another institution just as well."""
        return self.filed & (self.facts["employer_status"].fillna("").to_numpy(str) == "ambiguous")

    @cached_property
    def h1b(self) -> Array:
        """1 when an imported statement names H-1B, 0 when it names other visas or none, NaN without a statement."""
        return self._stated("H-1B")

    @cached_property
    def j1(self) -> Array:
        """The same of J-1."""
        return self._stated("J-1")

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    def imported(self, field: str) -> Array:
        """An imported number of each program, NaN where not stated."""
        if field not in self._kept:
            self._kept[field] = pd.to_numeric(self.facts[f"imported_{field}"], errors="coerce").to_numpy(float)
        return self._kept[field]

    def column(self, name: str) -> np.ndarray:
        """A column of the facts; a frame takes its time to hand one out."""
        if name not in self._kept:
            self._kept[name] = self.facts[name].to_numpy()
        return self._kept[name]

    def chosen(self, specialties: Sequence[str] | None, states: Sequence[str] | None) -> np.ndarray:
        """Which programs are of these specialties and states (None: all)."""
        found = np.ones(len(self.facts), bool)
        for name, wanted in (("specialty", specialties), ("state", states)):
            if wanted is not None:
                codes, values = self.groups[name]
                found &= np.isin(values, wanted)[codes]
        return found

    def _stated(self, visa: str) -> Array:
        said = [visas(text) for text in self.facts["imported_visas_accepted"].tolist()]
        return np.array([np.nan if each is None else float(visa in each) for each in said], float)

    @staticmethod
    def _divided(one: Array, other: Array) -> Array:
        return np.divide(one, other, out=np.full(len(one), np.nan), where=other > 0)


_latest: list[Evidence] = []


def evidence() -> Evidence:
    """The evidence on all programs as it stands now: what was made of the same facts before, or made anew."""
    facts = program_facts()
    if not _latest or _latest[0].facts is not facts:
        _latest[:] = [Evidence(facts)]
    return _latest[0]


def visas(text: object) -> frozenset[str] | None:
    """The visas that an imported statement names ('J-1 | H-1B'); empty for 'none'; None when nothing is stated."""
    if not isinstance(text, str) or not text.strip():
        return None
    return frozenset(part.strip().upper() for part in text.split("|")) - {"NONE"}


@cache
def last_match() -> int:
    """The year of the last Match in the program listing."""
    (year,) = connect().execute("SELECT max(match_year) FROM program_results").fetchone()
    return int(year)


@cache
def _over_states() -> dict[tuple[str, str], tuple[Array, Array]]:
    """Of each specialty and level the IMGs and the filled positions of every state."""
    frame = connect().execute(STATES).df()
    return {key: (own["imgs"].to_numpy(float), own["filled"].to_numpy(float))
            for key, own in frame.groupby(["specialty", "entry_level"])}


@cache
def _specialties() -> dict[str, tuple[str, str, str]]:
    rows = connect().execute("""
        SELECT s.specialty, s.label, s.family, string_agg(a.published_name, ' | ' ORDER BY a.published_name)
        FROM specialties s LEFT JOIN specialty_aliases a USING (specialty) GROUP BY ALL""").fetchall()
    return {name: (label, family or "", aliases or "") for name, label, family, aliases in rows}


@cache
def _states() -> dict[str, str]:
    return dict(connect().execute("SELECT state, name FROM states").fetchall())


def label_of(by: str, value: str) -> str:
    """The name of a specialty or a state on the screen."""
    return _specialties().get(value, (value,))[0] if by == "specialty" else _states().get(value, value)


def options(by: str) -> list[dict[str, str]]:
    """Every specialty or state with an active program, for a picker: value, label, group and other names."""
    found = evidence()
    codes, values = found.groups[by]
    names = {values[code] for code in np.unique(codes[found.active])} - {""}
    if by == "state":
        return [{"value": name, "label": label_of(by, name), "search": name}
                for name in sorted(names, key=lambda name: label_of(by, name))]
    known = {name: _specialties().get(name, (name, "Your own", "")) for name in names}
    order = {family: at for at, family in enumerate(FAMILIES)}
    return [{"value": name, "label": known[name][0], "group": known[name][1], "search": f"{name} | {known[name][2]}"}
            for name in sorted(names, key=lambda name: (order.get(known[name][1], len(order)), known[name][0]))]


def checked(by: str, wanted: Sequence[str] | None) -> list[str] | None:
    """The specialties or states themselves, each once; None, and all of them, are None.

    Raises:
        UserError: an unknown one, or none at all.
    """
    if wanted is None:
        return None
    if isinstance(wanted, str) or not wanted:
        raise UserError(f"Choose at least one {by}")
    known = tuple(name for name in evidence().groups[by][1] if name)
    for name in wanted:
        if name not in known:
            require(name, tuple(sorted(known)), by)
    return list(dict.fromkeys(wanted))


def imported_from(fields: Sequence[str]) -> str:
    """The files that imported facts of these fields come from, each with the day of the import; '' for none."""
    facts = imports.imported_facts()
    own = facts[facts["field"].isin(fields)]
    files = dict(zip(own["file"], own["imported_at"]))
    return listing([f"{file} ({str(day)[:10]})" for file, day in files.items()]) if files else ""
