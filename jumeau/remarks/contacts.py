"""Addresses and telephone numbers that people leave in a remark: found, and masked."""

from __future__ import annotations

import re

#: What stands in their place, in any language.
MASK = "[…]"

#: At most 64 and 255 characters stand on the two sides of an address (RFC 5321), which bounds the search too.
_MAIL = re.compile(
    r"[\w.+%'-]{1,64}\s{0,2}(?:@|\(at\)|\[at\]|\(arobase\)|\[arobase\])\s{0,2}[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
    re.IGNORECASE,
)
#: French numbers, ten digits from 0 in pairs however they are set apart; international ones after `+` or `00`.
_TELEPHONE = re.compile(
    r"(?<![\d.,])(?:(?:\+|00)\d{1,3}(?:[\s.\-/()]{0,3}\d){7,12}|0[1-9](?:[\s.\-/]{0,2}\d{2}){4})(?!\d)"
)


def masked(text: str) -> str:
    """Return a text in which what looks like an e-mail address or a telephone number is masked.

    Examples
    --------
    >>> masked("Appelez le 06 12 34 56 78 ou jeanne@exemple.fr")
    'Appelez le […] ou […]'
    >>> masked("Depuis 2019, 12 500 kWh et 40 lampes")
    'Depuis 2019, 12 500 kWh et 40 lampes'
    """
    return _TELEPHONE.sub(MASK, _MAIL.sub(MASK, text))
