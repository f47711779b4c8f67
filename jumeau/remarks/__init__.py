"""What residents say of a run: remarks at places and votes on variants, brought in, kept and counted."""

from jumeau.remarks.counts import Counts, count_remarks
from jumeau.remarks.model import Collection, Remark, Vote
from jumeau.remarks.storage import read_remarks

__all__ = ["Collection", "Counts", "Remark", "Vote", "count_remarks", "read_remarks"]
