"""The deck that the user collects: its plan is a file in the user's own folder, written whole at each change."""

from dataclasses import replace
from pathlib import Path

from imganalytics import paths
from imganalytics.errors import UserError
from imganalytics.export.deck_plan import MOST, Item, Plan, plan_from_toml, plan_to_toml
from imganalytics.export.exported import Exported
from imganalytics.export.saving import save

EMPTY = Plan("International medical graduates in the Match", (), "Collected from the workbook")


def kept_file() -> Path:
    """Where the plan is kept."""
    return paths.own() / "deck.toml"


def kept_plan() -> Plan:
    """The plan as it is kept; one without items when there is none yet.

    Raises:
        UserError: the file cannot be read, or was changed so that it is no plan; it is left as it is.
    """
    path = kept_file()
    try:
        return plan_from_toml(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        return EMPTY
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'}); it was left as it is") from None


def keep(plan: Plan) -> Plan:
    """Keep this plan in place of the one that is kept.

    Raises:
        UserError: it has too many items, or the file cannot be written.
    """
    if len(plan.items) > MOST:
        raise UserError(f"a deck of {len(plan.items)} items; allowed: {MOST}")
    if not plan.items:
        kept_file().unlink(missing_ok=True)  # a plan without items is none
        return plan
    save(kept_file(), plan_to_toml(plan).encode(), overwrite=True)
    return plan


def add(exported: Exported) -> Plan:
    """Put what is shown at the end of the deck, with the words that were changed.

    Raises:
        UserError: the plan cannot be read or written.
    """
    plan, question = kept_plan(), exported.result.question
    own = {name: text for name in ("title", "subtitle") if (text := getattr(exported, name)) != getattr(exported.result, name)}
    item = Item("chart", **own, note=exported.note, study=question.study, arguments=dict(question.arguments))
    return keep(replace(plan, items=(*plan.items, item)))
