"""What every chart keeps: numbers the browser can read, nothing outside its axes, words in the words of the screen."""

import json
import re
from typing import Any

from imganalytics.vocabulary import applicant_types

Spec = dict[str, Any]
KEYS = re.compile(r"\b(us|non_us|ranked|only|match|pgy|fill|img|rank)_\w+|\b[a-z]+_[a-z0-9_]*\d{4}\b")


def axis_of(spec: Spec, trace: dict[str, Any], letter: str) -> dict[str, Any]:
    name = trace.get(f"{letter}axis") or letter
    return spec["layout"][f"{letter}axis{name[1:]}"]


def ends(trace: dict[str, Any], letter: str) -> list[float]:
    """The places of a trace on an axis, with the ends of its intervals."""
    middle = trace[letter]
    error = trace.get(f"error_{letter}")
    above = error["array"] if error else [0] * len(middle)
    below = error["arrayminus"] if error else [0] * len(middle)
    known = [each for each in zip(middle, above, below) if each[0] is not None]
    return [value for m, a, b in known for value in (m, m + a, m - b)]


def check(spec: Spec) -> None:
    """Fails for a chart that clips a mark, has a NaN, has no size, or shows a key of the tables."""
    json.dumps({name: spec[name] for name in ("data", "layout")}, allow_nan=False)
    layout = spec["layout"]
    assert layout["width"] <= 980 and layout["height"] > 0 and set(layout["margin"]) == {"l", "r", "t", "b"}
    for trace in spec["data"]:
        for letter in "xy":
            low, high = sorted(axis_of(spec, trace, letter)["range"])
            for value in ends(trace, letter):
                assert low - 1e-9 <= value <= high + 1e-9, (trace["name"], letter, value, (low, high))
    for text in words(spec):
        assert not KEYS.search(text), KEYS.search(text)[0]
    for note in layout["annotations"]:
        assert note.get("textangle", 0) == 0
        for letter in "xy":
            if note[f"{letter}ref"] != "paper":
                low, high = sorted(layout[f"{letter}axis{note[f'{letter}ref'][1:]}"]["range"])
                assert low <= note[letter] <= high, note["text"]


def words(spec: Spec) -> list[str]:
    """Every text of a chart, without its markup."""
    texts = [spec["layout"]["title"]["text"], *(note["text"] for note in spec["layout"]["annotations"]),
             *(axis["title"]["text"] for name, axis in spec["layout"].items()
               if name[1:5] == "axis" and "title" in axis),
             *(text for trace in spec["data"] for text in trace.get("hovertext", ()))]
    return [re.sub(r"<[^>]+>", " ", text) for text in texts]


def has_words(spec: Spec, *wanted: str) -> bool:
    """Whether all of these stand somewhere on the chart."""
    whole = " ".join(" ".join(words(spec)).split())
    return all(text in whole for text in wanted)


def kind_of(trace: dict[str, Any]) -> str | None:
    """The key of the applicant type that a trace is of, by its name."""
    return next((key for key, kind in applicant_types().items() if kind.label == trace["name"]), None)
