"""The deck that comes with the workbook: 'IMGs in the Match: overview for advisers', for a specialty and a type."""

from imganalytics.errors import UserError
from imganalytics.export.deck import ask
from imganalytics.export.deck_plan import Item, Plan
from imganalytics.studies.competitiveness import specialty_options
from imganalytics.vocabulary import ALL_SPECIALTIES, applicant_types, require

TITLE = "IMGs in the Match: overview for advisers"
SPECIALTY, TYPE = "Internal Medicine", "non_us_img"
BESIDE = ("Internal Medicine", "Family Medicine", "Pediatrics", "Psychiatry")


def default_plan(specialty: str = SPECIALTY, applicant_type: str = TYPE, *, size: str = "slide", theme: str = "light") -> Plan:
    """The plan of the default deck; what is not published for the choice is left out.

    Raises:
        UserError: no such specialty or applicant type, or nothing is published for them at all.
    """
    kind = require(applicant_type, applicant_types(), "applicant type")
    require(specialty, _specialties(), "specialty")
    label = applicant_types()[kind].plural
    plan = Plan(TITLE, (), f"{specialty}. {label}. Every figure with its base, its n and its source.", size, theme)
    published = [next((item for item in each if item.kind != "chart" or _published(item, plan)), None)
                 for each in _candidates(specialty, kind)]
    items = tuple(item for item in published if item)
    if not any(item.kind == "chart" for item in items):
        raise UserError(f"nothing is published for {label} in {specialty}")
    return Plan(plan.title, items, plan.subtitle, size, theme)


def _specialties() -> tuple[str, ...]:
    return tuple(sorted(option["value"] for option in specialty_options() if option["value"] != ALL_SPECIALTIES))


def _published(item: Item, plan: Plan) -> bool:
    try:
        return not ask(item, plan).result.frame.empty
    except UserError:
        return False


def _candidates(specialty: str, kind: str) -> tuple[tuple[Item, ...], ...]:
    """What the deck shows, in order; where there are several, the first that is published."""
    imgs = ("us_img", "non_us_img")
    types = imgs if kind in imgs else (kind, *imgs)
    beside = [specialty, *(each for each in BESIDE if each != specialty)][:4]

    def chart(study: str, **arguments: object) -> Item:
        return Item("chart", study=study, arguments=arguments)

    elsewhere = {"applicant_type": kind, "base": "ranked_anywhere", "match_year": 2025}
    first = ((chart("headline"),), (chart("funnel", applicant_type=kind), chart("funnel", **elsewhere)),
             (chart("ranking", applicant_type=kind), chart("ranking", **elsewhere)))
    rest = (
        chart("competitiveness", applicant_types=list(types), minimum_applicants=150),
        Item("section", title=specialty, subtitle="Places, states, people and programs."),
        chart("trends", specialties=beside),
        chart("fill_shares", applicant_types=list(types), minimum_filled=350),
        chart("geography", applicant_types=list(types), specialties=[specialty]),
        chart("profile", specialty=specialty, applicant_type=kind),
        chart("rank_lists", applicant_types=list(types)),
        chart("unfilled", minimum=50),
        chart("friendliness", specialties=[specialty], limit=10),
        Item("caveats"),
        Item("sources"),
    )
    return (*first, *((item,) for item in rest))
