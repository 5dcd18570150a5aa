"""What a run found, for people: the HTML report, the model card, tables in the terminal."""

from cotkd.report.write import write_report

__all__ = ["write_report"]
