"""Controls of our own: what ipywidgets has no good answer for."""

from imganalytics.explorers.widgets.download import Download, File
from imganalytics.explorers.widgets.grid import Grid
from imganalytics.explorers.widgets.options import ChoiceError
from imganalytics.explorers.widgets.panel import Panel
from imganalytics.explorers.widgets.picker import Picker
from imganalytics.explorers.widgets.picture import Picture
from imganalytics.explorers.widgets.plot import PlotView
from imganalytics.explorers.widgets.states import StatePicker
from imganalytics.explorers.widgets.table import TableView, html_table

__all__ = ["ChoiceError", "Download", "File", "Grid", "Panel", "Picker", "Picture", "PlotView", "StatePicker", "TableView",
           "html_table"]
