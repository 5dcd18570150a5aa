"""What a run found, for people: the HTML report, tables, the model card."""

from cotkd.report.html import write_report

__all__ = ["write_report"]
