"""Search in programs by words as people type them: abbreviated, half finished, misspelt."""

import re
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from imganalytics.warehouse import connect

Rows = NDArray[np.float64]  # for each program how well it fits; 0: not at all

# What people write for a word or several; the words themselves are found too.
SHORT = {
    "u": "university", "univ": "university", "hosp": "hospital", "ctr": "center", "centre": "center", "med": "medical",
    "mem": "memorial", "hlth": "health", "inst": "institute", "coll": "college", "sch": "school", "gen": "general",
    "natl": "national", "comm": "community", "reg": "regional", "rgnl": "regional", "st": "saint", "mt": "mount",
    "im": "internal medicine", "fm": "family medicine", "fp": "family medicine", "em": "emergency medicine",
    "peds": "pediatrics", "psych": "psychiatry", "ob": "obstetrics", "obgyn": "obstetrics gynecology",
    "gyn": "gynecology", "ortho": "orthopaedic", "neuro": "neurology", "nsg": "neurological surgery",
    "neurosurgery": "neurological surgery", "anes": "anesthesiology", "gas": "anesthesiology", "rad": "radiology",
    "rads": "radiology", "pmr": "physical rehabilitation", "ent": "otolaryngology", "derm": "dermatology",
    "path": "pathology", "gs": "surgery general", "ty": "transitional year", "ophtho": "ophthalmology",
    "uro": "urology", "cardiac": "thoracic", "plastics": "plastic surgery", "medpeds": "medicine pediatrics", "mgh": "mass general",
}
UNSAID = {"of", "the", "and", "at", "for", "in", "a"}
WORD = re.compile(r"[a-z0-9]+")
FITS, BEGINS, RESEMBLES = 3.0, 2.0, 1.0


class Index:
    """Finds the rows of a frame of programs (of :func:`program_facts`) by words."""

    def __init__(self, frame: pd.DataFrame):
        self._size = len(frame)
        found: dict[str, set[int]] = defaultdict(set)
        states = dict(connect().execute("SELECT state, name FROM states").fetchall())
        names = zip(frame["institution"], frame["published_institution"], frame["city"], frame["state"],
                    frame["specialty"], frame["names"], frame["codes"], strict=True)
        for row, (institution, published, city, state, specialty, tracks, codes) in enumerate(names):
            for text in (institution, published, city, state, states.get(state), specialty, *tracks, *codes,
                         _initials(institution)):
                for word in words_of(text):
                    found[word].add(row)
        self._words = sorted(found)
        self._rows = {word: np.fromiter(rows, int) for word, rows in found.items()}
        self._fit = lru_cache(maxsize=256)(self._fit_of)

    def __call__(self, text: str) -> Rows:
        """How well each row fits every word of `text`; 0 where a word is not found."""
        total = np.zeros(self._size)
        every = np.ones(self._size, bool)
        for word in words_of(text):
            fit = self._fit(word)
            every &= fit > 0
            total += fit
        return np.where(every, total, 0.0)

    def _fit_of(self, word: str) -> Rows:
        fit = self._one(word)
        for short in [word] if word in SHORT or len(word) < 5 else _alike(word, list(SHORT)):
            parts = [self._one(part) for part in SHORT.get(short, "").split()]
            if parts:
                fit = np.maximum(fit, np.where(np.all([part > 0 for part in parts], axis=0), parts[0], 0))
        return fit if fit.any() else self._like(word)

    def _one(self, word: str) -> Rows:
        """Rows with this word (the best), and with words that begin with it."""
        fit = np.zeros(self._size)
        at = bisect_left(self._words, word)
        while at < len(self._words) and self._words[at].startswith(word):
            rows = self._rows[self._words[at]]
            fit[rows] = np.maximum(fit[rows], FITS if self._words[at] == word else BEGINS)
            at += 1
        return fit

    def _like(self, word: str) -> Rows:
        """Rows with a word that resembles this one."""
        fit = np.zeros(self._size)
        for known in _alike(word, self._words):
            if not known[0].isdigit():  # another code is another program
                fit[self._rows[known]] = RESEMBLES
        return fit


def _alike(word: str, known: list[str]) -> set[str]:
    """Those of the known words that resemble `word`, whole or as far as it is typed: one error in four letters or more,
    two in seven or more. Two letters swapped are one error (optimal string alignment)."""
    if len(word) < 4:
        return set()
    errors = 2 if len(word) >= 7 else 1
    choices = (known, [each[:len(word)] for each in known])
    return {known[at] for each in choices
            for _, _, at in extract(word, each, scorer=OSA.distance, score_cutoff=errors, limit=None)}


def words_of(text: object) -> list[str]:
    """The words of a text in small letters; a name's apostrophes are left out."""
    return [word for word in WORD.findall(str(text or "").lower().replace("'", "").replace("\u2019", ""))
            if word not in UNSAID]


def _initials(name: str) -> str:
    words = words_of(name)
    return "".join(word[0] for word in words) if len(words) > 1 else ""
