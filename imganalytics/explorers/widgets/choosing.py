"""What the pickers share: options, the values picked of them, and what happens when the options change."""

from collections.abc import Iterable
from typing import Any

from anywidget import AnyWidget
from traitlets import List, Tuple, Unicode, observe, validate

from imganalytics.explorers.widgets.options import ChoiceError, Option, refusal


class Choosing(AnyWidget):
    """Any number of ``options`` can be picked; ``value`` is the tuple of those picked, in the order of the options.

    When new ``options`` lack or disable a picked value it leaves ``value``; it returns with the next ``options`` that
    allow it, unless the selection was changed meanwhile: a year slider loses no picks. To change both at once, set them
    inside ``with picker.hold_trait_notifications():``.

    Raises ChoiceError (a UserError) for a value that is unknown or disabled.
    """

    options: Any = List(help="what can be picked, in order").tag(sync=True)
    value: Any = Tuple(help="values picked, in the order of the options").tag(sync=True)
    label = Unicode(help="caption, also for screen readers").tag(sync=True)

    def __init__(self, options: Iterable[Any] = (), value: Iterable[Any] = (), **traits: Any):
        self._wanted: tuple[Any, ...] = ()
        super().__init__(options=list(options), value=tuple(value), **traits)

    @staticmethod
    def _completed(raw: Iterable[Any]) -> list[Option]:
        """The options with all their keys."""
        raise NotImplementedError

    @validate("options")
    def _complete_options(self, proposal: Any) -> list[Option]:
        return self._completed(proposal["value"])

    @validate("value")
    def _order_value(self, proposal: Any) -> tuple[Any, ...]:
        options = self._completed(self.options)  # not yet validated when both are set at once
        for value in proposal["value"]:
            if problem := refusal(value, options):
                raise ChoiceError(f"{self.label or 'value'}: {problem}")
        # Noted here and not by an observer, for observers of options may run before those of value.
        self._wanted = tuple(option["value"] for option in options if option["value"] in proposal["value"])
        return self._wanted

    @observe("options")
    def _keep_what_is_left(self, change: Any) -> None:
        wanted = self._wanted
        open_ = [option["value"] for option in self.options if not option["disabled"]]
        self.value = tuple(value for value in wanted if value in open_)
        self._wanted = wanted
