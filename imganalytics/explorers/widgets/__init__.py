"""Controls of our own: what ipywidgets has no good answer for."""

from imganalytics.explorers.widgets.picker import ChoiceError, Picker
from imganalytics.explorers.widgets.table import TableView, html_table

__all__ = ["ChoiceError", "Picker", "TableView", "html_table"]
