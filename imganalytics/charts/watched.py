"""How many figures of each table some comparison watches: drawn as the comparisons themselves are."""

from imganalytics.charts.data_quality import figure, spec

__all__ = ["figure", "spec"]
