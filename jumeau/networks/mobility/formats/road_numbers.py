"""Numbers of roads as producers write them: `N0088`, `N 88` and `RN88` are the same road."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"R?\s*(?P<kind>[AENDM])\s*0*(?P<number>\d+)\s*(?P<rest>[A-Z]?\d*)", re.IGNORECASE)


def road_number(text: object) -> str:
    """Return the number of a road as letter and number, an empty text where there is none."""
    match = _NUMBER.fullmatch(str(text or "").strip())
    return f"{match['kind']}{match['number']}{match['rest']}".upper() if match else ""
