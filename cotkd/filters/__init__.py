"""Which rationales become training data; every drop is counted with its reason."""

from cotkd.filters.base import Filter, Weighed
from cotkd.filters.select import Funnel, FunnelStage, Selection, filter_of, select

__all__ = ["Filter", "Funnel", "FunnelStage", "Selection", "Weighed", "filter_of", "select"]
