"""What a person reads of a campaign: the terminal's table and the HTML report."""

from jumeau.report.html import write_report
from jumeau.report.table import comparison_table

__all__ = ["comparison_table", "write_report"]
