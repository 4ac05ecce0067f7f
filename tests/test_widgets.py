"""The picker and the table without a browser: traits set from Python, HTML read back with a parser."""

from html.parser import HTMLParser

import pytest
from traitlets import TraitError

from imganalytics.errors import UserError
from imganalytics.explorers.widgets import ChoiceError, Picker, TableView, html_table
from imganalytics.explorers.widgets.options import SYMBOLS

PEDS = {"value": "peds", "label": "Pediatrics", "group": "Primary care"}
OBGYN = {"value": "obgyn", "label": "Obstetrics & Gynecology", "search": "OB/GYN"}
UROLOGY = {"value": "uro", "label": "Urology", "disabled": True, "why": "matches through the AUA"}


@pytest.fixture
def picker() -> Picker:
    return Picker([PEDS, OBGYN, UROLOGY], ["peds"], label="Specialties")


class TestPickerValue:
    def test_is_kept_in_the_order_of_the_options(self, picker):
        picker.value = ["obgyn", "peds", "obgyn"]
        assert picker.value == ("peds", "obgyn")

    def test_fires_observers_without_a_browser(self, picker):
        seen = []
        picker.observe(lambda change: seen.append(change.new), "value")
        picker.value = ("obgyn",)
        picker.value = ()
        assert seen == [("obgyn",), ()]

    def test_unknown_names_what_is_allowed_nearest_first(self, picker):
        with pytest.raises(UserError) as error:
            picker.value = ("obgin",)
        assert str(error.value) == "Specialties: 'obgin' is not a choice; allowed: 'obgyn', 'peds'"

    def test_disabled_is_refused_with_its_reason(self, picker):
        with pytest.raises(UserError, match="'uro' cannot be picked: matches through the AUA"):
            picker.value = ("peds", "uro")

    def test_refusal_leaves_the_value_as_it_was(self, picker):
        with pytest.raises(ChoiceError):
            picker.value = ("peds", "no")
        with pytest.raises(ChoiceError), picker.hold_trait_notifications():
            picker.value = ("no",)
        assert picker.value == ("peds",)

    def test_long_list_of_allowed_values_is_cut(self):
        with pytest.raises(ChoiceError, match=r"'v\d+' \.\.\. and 45 more$"):
            Picker([f"v{i}" for i in range(55)], ["x"])

    def test_from_the_browser_is_taken_like_any_other(self, picker):
        picker.set_state({"value": ["obgyn", "peds"]})
        assert picker.value == ("peds", "obgyn")


class TestPickerOptions:
    def test_plain_values_will_do(self):
        picker = Picker([2025, 2026], [2026])
        assert picker.value == (2026,)
        assert [option["label"] for option in picker.options] == ["2025", "2026"]

    def test_completing_twice_changes_nothing(self, picker):
        before = picker.options
        picker.options = list(before)
        assert picker.options == before

    @pytest.mark.parametrize(
        ("option", "message"),
        [
            ({"value": "a", "color": "red"}, "no such key 'color'; allowed: 'value', .*'colour'"),
            ({"value": "a", "symbol": "heart"}, "no such symbol 'heart'; allowed: 'circle'"),
            ({"label": "a"}, "neither text nor a whole number"),
            ({"value": True}, "neither text nor a whole number"),
        ],
    )
    def test_bad_option_is_refused(self, option, message):
        with pytest.raises(UserError, match=message):
            Picker([option])

    def test_value_given_twice_is_refused(self):
        with pytest.raises(UserError, match="'a' is there more than once"):
            Picker(["a", "b", "a"])

    def test_every_symbol_is_drawn(self):
        script = str(Picker()._esm)
        drawn = script[script.index("const SYMBOLS") : script.index("};")]
        assert [name for name in SYMBOLS if f"{name}:" not in drawn.replace('"', "")] == []

    def test_picked_value_returns_when_it_is_allowed_again(self, picker):
        picker.value = ("peds", "obgyn")
        picker.options = [PEDS, {**OBGYN, "disabled": True}]
        assert picker.value == ("peds",)
        picker.options = [PEDS]
        picker.options = [OBGYN, PEDS]
        assert picker.value == ("obgyn", "peds")

    def test_picked_value_stays_away_when_the_selection_changed_meanwhile(self, picker):
        picker.options = [OBGYN]
        picker.value = ("obgyn",)
        picker.options = [PEDS, OBGYN]
        assert picker.value == ("obgyn",)

    def test_options_and_value_can_change_at_once(self, picker):
        seen = []
        picker.observe(lambda change: seen.append(change.new), "value")
        with picker.hold_trait_notifications():
            picker.value = ("b",)
            picker.options = ["a", "b"]
        assert seen == [("b",)]

    def test_layout_style_is_list_or_chips(self):
        assert Picker(layout_style="chips").layout.width is None
        with pytest.raises(TraitError):
            Picker(layout_style="tree")


@pytest.mark.parametrize(
    ("label", "search", "haystack"),
    [
        ("Obstetrics & Gynecology", "OB/GYN", "obstetrics gynecology ob gyn obgyn"),
        ("Niño_Über", "", "nino uber ninouber"),
        ("Internal Medicine", "", "internal medicine"),
        ("PM&R (advanced)", "", "pm r advanced pmr"),
    ],
)
def test_search_string(label, search, haystack):
    (option,) = Picker([{"value": "x", "label": label, "search": search}]).options
    assert option["haystack"] == haystack


class Outline(HTMLParser):
    """Tags with their attributes, and the text of each cell, in order."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] != "style":
            self.texts.append((self.open[-1], data))

    def having(self, tag: str) -> list[dict]:
        return [attrs for name, attrs in self.tags if name == tag]


COLUMNS = ["Specialty", "n", "Rate"]
ROWS = [("Surgery", 120, "61.2 % (52.3-69.5)"), ("<b>Peds</b> & more", None, float("nan"))]


class TestTable:
    def test_is_semantic_and_well_formed(self):
        page = Outline(html_table(COLUMNS, ROWS, caption="Who matches?"))
        assert page.open == []
        scopes = [attrs["scope"] for attrs in page.having("th")]
        assert scopes == ["col"] * 3 + ["row"] * 2
        assert len(page.having("td")) == 4
        assert ("caption", "Who matches?") in page.texts

    def test_scrolls_by_keyboard_under_a_name(self):
        (box,) = Outline(html_table(COLUMNS, ROWS, caption='A "b" <c>', max_height="10em")).having("div")
        assert (box["role"], box["tabindex"], box["aria-label"]) == ("region", "0", 'A "b" <c>')
        assert box["style"] == "max-height: 10em"

    def test_html_in_a_cell_is_text_and_no_value_is_a_dash(self):
        page = Outline(html_table(COLUMNS, ROWS, caption="c"))
        cells = [text for tag, text in page.texts if tag in ("th", "td")]
        assert cells[3:] == ["Surgery", "120", "61.2 % (52.3-69.5)", "<b>Peds</b> & more", "–", "–"]
        assert page.having("b") == []

    @pytest.mark.parametrize(
        ("numeric", "right"),
        [(None, [False, True, False]), (["Rate"], [False, False, True]), ([], [False] * 3)],
    )
    def test_numbers_are_flush_right(self, numeric, right):
        page = Outline(html_table(COLUMNS, ROWS, caption="c", numeric=numeric))
        assert [attrs.get("class") == "n" for attrs in page.having("th")[:3]] == right

    def test_row_header_may_be_another_column_or_none(self):
        second = Outline(html_table(COLUMNS, ROWS, caption="c", row_header=1)).having("th")
        none = Outline(html_table(COLUMNS, ROWS, caption="c", row_header=None)).having("th")
        assert [attrs["scope"] for attrs in second].count("row") == 2
        assert [attrs["scope"] for attrs in none].count("row") == 0

    def test_wrong_shapes_are_refused(self):
        with pytest.raises(ValueError, match="row 2 has 1 cells, the table has 3 columns"):
            html_table(COLUMNS, [ROWS[0], ("x",)], caption="c")
        with pytest.raises(ValueError, match=r"\['N'\] are not columns"):
            html_table(COLUMNS, ROWS, caption="c", numeric=["N"])

    def test_needs_no_network(self):
        assert "http" not in html_table(COLUMNS, ROWS, caption="c") + str(Picker()._css) + str(Picker()._esm)

    def test_view_shows_and_replaces(self):
        view = TableView(COLUMNS, ROWS, caption="Before")
        view.show(COLUMNS, ROWS[:1], caption="After")
        assert view.value == html_table(COLUMNS, ROWS[:1], caption="After")
        assert TableView().value == ""
