"""The steps of the ladder, one row for each: what is counted, of whom, and where nothing is published."""

from functools import cache
from typing import Any

from imganalytics.statistics.compounding import compounded
from imganalytics.statistics.rates import LEAST_SHOWN, LEAST_STABLE, WIDEST_STABLE, reliability, wilson
from imganalytics.studies.ladder_facts import IMGS, Fellowship, Residency, who
from imganalytics.studies.words import listing
from imganalytics.vocabulary import ALL_SPECIALTIES, TRACKS
from imganalytics.warehouse import connect

Step = dict[str, Any]
COLUMNS = ("step", "kind", "label", "who", "base_words", "period", "matched", "applicants", "rate", "rate_low",
           "rate_high",
           "reliability", "reason", "joins", "source_id", "corrections", "explained_by", "match_year", "specialty",
           "track",
           "entry_level", "applicant_type", "base", "organisation", "appointment_year", "last_appointment_year",
           "measure",
           "certificate_id")
LISTED = {"ranked_anywhere": "Ranked {} anywhere", "preferred": "Ranked {} first", "only_choice": "Ranked only {}"}
OF_LISTED = {"ranked_anywhere": "who ranked it anywhere on their list", "preferred": "who ranked it first",
             "only_choice": "who ranked nothing else"}
FELLOWS = {"ranked": "who ranked it in the fellowship match", "first": "who ranked it first in the fellowship match",
           "applied": "who applied to it through ERAS", "printed": "as the source counts them"}
PLAIN = ("categorical", "all", "not_stated", "all_pgy1", "all_but_preliminary")  # tracks that need no word


def step(name: str, kind: str, label: str, **more: Any) -> Step:
    """A row with blanks for what is not said: `kind` is 'rate', 'gap', or 'product' (of the steps that join)."""
    blank: Step = dict.fromkeys(COLUMNS)
    numbers = dict.fromkeys(("matched", "applicants", "rate", "rate_low", "rate_high"), float("nan"))
    words = {"who": "", "base_words": "", "period": "", "reason": "", "source_id": "", "corrections": "",
             "joins": False,
             "reliability": "suppressed", "explained_by": "gap"}
    return blank | numbers | words | {"step": name, "kind": kind, "label": label} | more


def counted(name: str, label: str, matched: float | None, applicants: float | None, **more: Any) -> Step:
    """A row with the rate of two counts and its Wilson interval, or a gap that says why there is none."""
    x, n = (float("nan") if value is None else float(value) for value in (matched, applicants))
    if not (n >= LEAST_SHOWN and x == x):
        why = "not published" if n != n or (x != x and n >= LEAST_SHOWN) else (
            "no applicants" if n == 0 else f"fewer than {LEAST_SHOWN} applicants")
        return step(name, "gap", label, matched=x, applicants=n, **({"reason": why} | more))
    low, high = wilson(x, n)
    return step(name, "rate", label, matched=x, applicants=n, rate=x / n, rate_low=float(low), rate_high=float(high),
                reliability=str(reliability(x, n)), **(more | {"reason": ""}))


@cache
def certification() -> tuple[str, float, str]:
    """The one printed share of those who ask for ECFMG certification that get it: id, percent, source; without counts."""
    return connect().execute("""SELECT certificate_id, value, source_id FROM ecfmg_certificates
        WHERE measure = 'share_certified_of_initial_applicants_pct' AND population = 'all IMGs' """).fetchone()


def before(kind: str) -> list[Step]:
    """Certification and what follows it; nothing for those who need none."""
    if kind not in IMGS:
        return []
    key, percent, source = certification()
    return [step("certified", "gap", "Certified by ECFMG", who="IMGs", base_words="who first ask for certification",
                 reason=f"about {percent:.0f} % printed, without counts or year: no interval", source_id=source,
                 certificate_id=key, explained_by="certificates"),
            step("entered", "gap", "Took part in a Match", who=who(kind), base_words="certified by ECFMG",
                 reason="not published", measure="took part in a Match", explained_by="entered")]


def residency(kind: str, found: Residency) -> list[Step]:
    """From taking part in a Match to a place: in any specialty in one step, in one by way of the list."""
    place = {name: getattr(found, name) for name in ("match_year", "specialty", "track", "entry_level",
                                                     "applicant_type", "base")}
    place |= {"who": who(kind), "period": f"{found.match_year} Match", "corrections": found.corrections or ""}
    ids = ", ".join(filter(None, dict.fromkeys((found.source_id, found.matched_source_id))))
    if found.specialty == ALL_SPECIALTIES:
        return [counted("matched", "Matched to any PGY-1 position", found.matched, found.applicants, source_id=ids,
                        base_words="who certified a list", explained_by="rates", **place)]
    whole = "who ranked a specialty first" if found.base == "preferred" else "who certified a list"
    listed = counted("listed", LISTED[found.base].format(found.label), found.applicants, found.whole, joins=True,
                     reason=f"how many {who(kind)} took part in {found.match_year} is not published with it",
                     base_words=whole, source_id=", ".join(filter(None, (found.whole_source_id, found.source_id))),
                     explained_by="applicants", **(place | {"corrections": ""}))
    track = "" if found.track in PLAIN else f", {TRACKS[found.track]}"
    matched = counted("matched", f"Matched to {found.label}{track}", found.matched, found.applicants, joins=True,
                      source_id=ids, base_words=OF_LISTED[found.base], explained_by="rates",
                      **place, **({"reason": found.reason} if found.reason else {}))
    return [listed, matched]


def after(kind: str, fellowship: str, label: str, found: Fellowship | None) -> list[Step]:
    """From residency to a fellowship: who applies is published nowhere, who matches for some subspecialties."""
    gap = step("applied", "gap", f"In residency, then applied to {label}", who=who(kind), base_words="in residency",
               reason="not published for any type", specialty=fellowship, measure="share of residents who apply")
    if found is None:
        return [gap, step("fellowship", "gap", f"Matched to {label}", who=who(kind), base_words="who ranked it",
                          reason="not published, not even for all types together", specialty=fellowship,
                          measure="applicants")]
    place = {name: getattr(found, name) for name in ("specialty", "applicant_type", "base", "organisation",
                                                     "appointment_year",
                                                     "last_appointment_year", "measure")}
    place["who"] = who(found.applicant_type)
    place |= {"period": f"beginning {found.years.replace('-', ' to ')}", "base_words": _fellows(found),
              "source_id": ", ".join(filter(None, dict.fromkeys((found.source_id, found.matched_source_id)))),
              "explained_by": "applications" if found.base == "applied" else "fellowships"}
    if found.base == "printed":
        of = f" of {found.applicants:,.0f}" if found.applicants else ""
        place["reason"] = f"{found.printed_pct:g} %{of} printed, without the count: no interval"
        return [gap, step("fellowship", "gap", f"Matched to {label}", **place)]
    return [gap, counted("fellowship", f"Matched to {label}", found.matched, found.applicants, **place)]


def _fellows(found: Fellowship) -> str:
    return FELLOWS[found.base if found.organisation == "NRMP SMS" else "printed"]


def together(steps: list[Step], place: str, fellowship: str | None) -> list[Step]:
    """The rows below the ladder: the product of the steps that join, and why there is none across a gap."""
    joined = [each for each in steps if each["joins"]]
    rows = [_product(joined, place)] if joined else []
    gaps = [each for each in steps if each["kind"] == "gap"]
    end = f"a fellowship in {fellowship}" if fellowship else place
    if gaps:
        rows.append(step("to_the_end", "product", f"From the first step to {end}",
                         reason=f"no product: {_lacking(gaps)}",
                         explained_by="product"))
    return rows


def _lacking(gaps: list[Step]) -> str:
    """'A' has no published rate; 'A' and 'B' have none."""
    names = [f"\u2018{each['label']}\u2019" for each in gaps]
    return f"{listing(names)} {'has' if len(names) == 1 else 'have'} no published rate"


def _product(joined: list[Step], place: str) -> Step:
    first = joined[0]
    shown = step("to_residency", "product", f"Both steps: a place in {place}", who=first["who"],
                 base_words=first["base_words"],
                 period=first["period"], explained_by="product", specialty=first["specialty"],
                 applicant_type=first["applicant_type"], match_year=first["match_year"])
    gaps = [each for each in joined if each["kind"] == "gap"]
    if gaps:
        return shown | {"reason": f"no product: {_lacking(gaps)}"}
    rate, low, high = compounded([each["matched"] for each in joined], [each["applicants"] for each in joined])
    shaky = high - low > WIDEST_STABLE or any(each["reliability"] == "unstable" for each in joined)
    return shown | {"rate": rate, "rate_low": low, "rate_high": high, "matched": joined[-1]["matched"],
                    "applicants": first["applicants"], "reliability": "unstable" if shaky else "ok",
                    "source_id": ", ".join(dict.fromkeys(key for each in joined for key in each["source_id"].split(", ")))}


def share_text(rate: float) -> str:
    """A fraction as a percentage: with one decimal, or with two where one would say nothing ('0.04 %')."""
    return f"{_points(rate, rate)} %"


def interval_text(rate: float, low: float, high: float) -> str:
    """'44.3 to 47.2', with as many decimals as the rate itself."""
    return f"{_points(low, rate)} to {_points(high, rate)}"


def _points(value: float, rate: float) -> str:
    return f"{100 * value:.{2 if 0 < rate < 0.005 else 1}f}"


def unstable_because() -> str:
    """What 'unstable' means here, in words."""
    return f"fewer than {LEAST_STABLE} people, or an interval wider than {100 * WIDEST_STABLE:.0f} points"
