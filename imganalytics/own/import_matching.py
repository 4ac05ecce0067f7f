"""Which training program a row is about: by NRMP code, by ACGME number, else suggestions that the user confirms."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from imganalytics.own import import_store
from imganalytics.own.import_formats import fold
from imganalytics.own.imports import imported_programs
from imganalytics.warehouse import connect

MOST = 3  # suggestions for a row
LEAST = 72  # likeness of two names, 0 to 100, below which none is suggested
SAME_CITY = 8  # added to the likeness
COMMON = frozenset("of the and at for program residency hospital medical center health school medicine university".split())


@dataclass(frozen=True)
class Place:
    """A training program of the NRMP's listings, or of the user's own list."""

    key: str
    institution: str
    cities: tuple[str, ...]
    state: str
    specialty: str
    names: tuple[str, ...]  # every published name of the institution, folded

    @property
    def label(self) -> str:
        """How it is said on screen."""
        return f"{self.institution}, {' / '.join(self.cities)} {self.state}: {self.specialty}"


@dataclass(frozen=True)
class Candidate:
    """A program that a row may be about, with what the two share; `equal` when name, state and specialty are the same."""

    program_key: str
    label: str
    shares: tuple[str, ...]
    likeness: float
    equal: bool


@dataclass(frozen=True)
class Said:
    """What a row says of its program; "" where it says nothing."""

    codes: tuple[str, ...] = ()
    acgme: str = ""
    institution: str = ""
    city: str = ""
    state: str = ""
    specialty: str = ""  # ours, or as written when we know none of that name
    own: bool = False

    @property
    def text(self) -> str:
        """As it is shown beside suggestions."""
        place = " ".join(filter(None, (self.city, self.state)))
        return ", ".join(filter(None, (self.institution, place, self.specialty, " ".join(self.codes) or self.acgme)))


@dataclass(frozen=True)
class Joined:
    """Where a row belongs: `keys` (or `own`) when it is sure, a `problem` when it never will be, else to be confirmed."""

    keys: tuple[str, ...] = ()
    by: str = ""
    own: bool = False
    candidates: tuple[Candidate, ...] = ()
    problem: str = ""
    note: str = ""


@cache
def places() -> Mapping[str, Place]:
    """Every training program of the listings by its key."""
    rows = connect().execute("""
        SELECT institution_code || '/' || specialty, any_value(p.institution), list(DISTINCT p.city ORDER BY p.city),
               any_value(p.state), specialty, list(DISTINCT p.published_institution), any_value(i.other_published_names)
        FROM programs p LEFT JOIN institutions i USING (institution_code) GROUP BY institution_code, specialty""").fetchall()
    return {key: Place(key, institution, tuple(filter(None, cities)), state, specialty,
                       tuple({fold(name) for name in (institution, *published, *re.split(r"[;|]", others or "")) if name}))
            for key, institution, cities, state, specialty, published, others in rows}


@cache
def codes() -> Mapping[str, str]:
    """Key of the training program by NRMP code."""
    return dict(connect().execute("SELECT program_code, institution_code || '/' || specialty FROM programs").fetchall())


@cache
def specialties() -> Mapping[str, str]:
    """Our name of a specialty by each folded name it is known by, its ACGME code ('acgme 140') included."""
    rows = connect().execute("""SELECT published_name, specialty FROM specialty_aliases
                                UNION ALL SELECT label, specialty FROM specialties
                                UNION ALL SELECT specialty, specialty FROM specialties""").fetchall()
    return {fold(name): specialty for name, specialty in rows if not specialty.startswith("All ")}


def specialty_named(text: str) -> str:
    """Our name of a specialty, or "" when we know none of that name."""
    return specialties().get(fold(text), "") if text else ""


def crosswalk() -> Mapping[str, tuple[str, ...]]:
    """Training programs by ACGME number, as imported FREIDA files state and the user has confirmed; the newest counts."""
    return {number: tuple(keys) for each in import_store.stored()[0] for number, keys in each.crosswalk.items()}


class Matcher:
    """Finds the program of each row of one file; `stated` is what the file itself says of ACGME numbers."""

    def __init__(self, stated: Mapping[str, Sequence[str]] | None = None):
        self.crosswalk = {**crosswalk(), **{number: tuple(keys) for number, keys in (stated or {}).items()}}
        own = imported_programs()
        self.own = {(fold(institution), state, specialty): key for key, institution, state, specialty in
                    zip(own["program_key"], own["institution"], own["state"], own["specialty"])}
        self._candidates = lru_cache(maxsize=20_000)(self._search)

    def join(self, said: Said) -> Joined:
        """Where a row (as `mended` gives it) belongs."""
        return self._by_code(said) or self._by_acgme(said) or self._by_name(said)

    def _by_code(self, said: Said) -> Joined | None:
        if not said.codes:
            return None
        found = {code: codes().get(code) or _of_digits(code) for code in said.codes}
        keys = tuple(dict.fromkeys(filter(None, found.values())))
        note = _unknown([code for code, key in found.items() if not key])
        if not keys:
            if not said.institution or not said.specialty:
                return Joined(problem=f"{note}, and no institution with specialty tells which program it is")
            return self._by_acgme(said) or self._by_name(said, note)
        wrong = next((why for key in keys if (why := _contradiction(places()[key], said))), "")
        return Joined(problem=f"code {said.codes[0]} {wrong}") if wrong else Joined(keys, "NRMP code", note=note)

    def _by_acgme(self, said: Said) -> Joined | None:
        keys = tuple(key for key in self.crosswalk.get(said.acgme, ()) if key in places() or key.startswith("own-"))
        return Joined(keys, "ACGME number") if keys else None

    def _by_name(self, said: Said, note: str = "") -> Joined:
        named = f"{note}; " if note else ""
        if not said.institution:
            why = (f"ACGME number {said.acgme} is in no file imported so far" if said.acgme
                   else "no NRMP code and no institution")
            return Joined(problem=f"{named}{why}: nothing tells which program it is")
        specialty = specialty_named(said.specialty)
        if not specialty:
            return Joined(problem=f"{named}{_which_specialty(said.specialty)}")
        if key := self.own.get((fold(said.institution), said.state, specialty)):
            return Joined((key,), "your own list")
        if said.own:
            return Joined(own=True, by="your own list")
        candidates = self._candidates(_bare(said.institution), fold(said.city), said.state, specialty)
        return Joined(candidates=candidates, note=note)

    def _search(self, institution: str, city: str, state: str, specialty: str) -> tuple[Candidate, ...]:
        from rapidfuzz import fuzz, process

        around, names, owners, with_word = _names_of(specialty, state)
        if not names:
            return ()
        sharing = sorted({at for word in set(institution.split()) - COMMON for at in with_word.get(word, ())})
        likeness = np.zeros(len(names))
        if sharing:
            some = [names[at] for at in sharing]
            likeness[sharing] = sum(process.cdist([institution], some, scorer=scorer)[0] / 2
                                    for scorer in (fuzz.token_sort_ratio, fuzz.token_set_ratio))
        else:  # every word is misspelt
            likeness = process.cdist([institution], names, scorer=fuzz.ratio)[0].astype(float)
        best = np.zeros(len(around))
        np.maximum.at(best, owners, likeness)
        if city:
            best += [SAME_CITY if city in map(fold, place.cities) else 0 for place in around]
        order = [at for at in np.argsort(-best, kind="stable")[:MOST] if best[at] >= LEAST]
        return tuple(_candidate(around[at], float(best[at]), institution, city, state) for at in order)


def _candidate(place: Place, likeness: float, institution: str, city: str, state: str) -> Candidate:
    words = sorted({word for name in place.names for word in name.split()} & set(institution.split()) - COMMON)
    equal = institution in place.names and place.state == state
    shares = [f"specialty {place.specialty}"]
    shares += [f"state {place.state}"] * (place.state == state)
    shares += [f"city {known}" for known in place.cities if fold(known) == city]
    shares += ["the whole name"] if institution in place.names else [f"the words {', '.join(words)}"] * bool(words)
    return Candidate(place.key, place.label, tuple(shares), likeness, equal)


@lru_cache(maxsize=4_096)
def _names_of(specialty: str, state: str) -> tuple[list[Place], list[str], np.ndarray, Mapping[str, list[int]]]:
    """The programs of a specialty (in a state, if one is given), their names, whose each is, and those with a word."""
    around = [place for place in _by_specialty().get(specialty, []) if not state or place.state == state]
    named = [(name, at) for at, place in enumerate(around) for name in place.names]
    with_word: dict[str, list[int]] = defaultdict(list)
    for number, (name, _) in enumerate(named):
        for word in set(name.split()) - COMMON:
            with_word[word].append(number)
    return around, [name for name, _ in named], np.array([at for _, at in named], dtype=int), with_word


@cache
def _by_specialty() -> Mapping[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for place in places().values():
        found[place.specialty].append(place)
    return found


def _bare(institution: str) -> str:
    """A folded name without the words that FREIDA and ACGME put after it."""
    return re.sub(r"( residency)? program$", "", fold(institution))


def mended(said: Said) -> tuple[Said, str, str]:
    """The row with ACGME numbers told from NRMP codes, a lost zero put back and the specialty of its number.

    Returns it with what was put back, and why it cannot be taken (each "" if nothing).
    """
    numbers = [code for code in said.codes if code.isdigit()]
    acgme, repaired = said.acgme or (numbers[0] if numbers else ""), ""
    if len(acgme) == 9:
        if not specialty_named(f"acgme 0{acgme[:2]}"):
            return said, "", f"ACGME number {acgme!r} has 9 digits, and a zero before it makes no known specialty"
        repaired, acgme = f"{acgme} → 0{acgme}", f"0{acgme}"
    stated, of_number = specialty_named(said.specialty), specialty_named(f"acgme {acgme[:3]}")
    if repaired and stated and stated != of_number:
        return said, "", f"ACGME number {acgme} would be of {of_number}, the row says {said.specialty}"
    kept = tuple(code for code in said.codes if not code.isdigit())
    return replace(said, codes=kept, acgme=acgme, specialty=said.specialty or of_number), repaired, ""


def _of_digits(code: str) -> str:
    """The training program of a code that is not listed, by its institution and specialty digits."""
    specialty = specialties().get(f"acgme {code[4:7]}".lower(), "")
    key = f"{code[:4]}/{specialty}"
    return key if re.fullmatch(r"\d{7}[PCMAR]\d{1,2}", code) and key in places() else ""


def _contradiction(place: Place, said: Said) -> str:
    stated = specialty_named(said.specialty)
    if stated and stated != place.specialty:
        return f"is of {place.specialty}, the row says {said.specialty}"
    if said.state and said.state != place.state:
        return f"is of a program in {place.state}, the row says {said.state}"
    return ""


def _unknown(found: Sequence[str]) -> str:
    if not found:
        return ""
    fellowship = all(re.fullmatch(r".{7}[FS]\w{1,2}", code) for code in found)
    why = "is of a fellowship; residency programs can be joined" if fellowship else "is in no listing from 2014 on"
    return f"NRMP code {', '.join(found[:3])} {why}"


def _which_specialty(text: str) -> str:
    if not text:
        return "no NRMP code and no specialty: nothing tells which program it is"
    from rapidfuzz import fuzz, process

    near: list[Any] = process.extract(fold(text), [name for name in specialties() if not re.match(r"(acgme|sms) ", name)],
                                      scorer=fuzz.ratio, limit=4, score_cutoff=60)
    names = list(dict.fromkeys(specialties()[name] for name, _, _ in near))[:2]
    return f"no specialty {text!r}" + (f"; did you mean {' or '.join(names)}?" if names else "")
