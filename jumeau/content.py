"""The digest of a value: the same for what holds the same, in whatever process and whichever objects it shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256

import numpy as np


def content_digest(value: object) -> str:
    """Return the SHA-256 of a value as hexadecimal digits.

    Parameters
    ----------
    value : object
        Made of dataclasses, tuples, lists, mappings, sets, arrays, enumerations, texts, bytes, numbers and None. A
        pickle of it would tell equal values apart by what is one object in them.

    Raises
    ------
    TypeError
        On anything else: what cannot be read cannot be told apart.
    """
    digest = sha256()
    _feed(value, digest.update)
    return digest.hexdigest()


def _feed(value: object, write: Callable[[bytes], None]) -> None:
    # Each part says its kind and its length before its content: no two values write the same.
    if value is None or isinstance(value, bool | int | float | str | bytes | Enum | np.generic):
        text = repr(value.item() if isinstance(value, np.generic) else value).encode()
        write(b"%s:%d:%s" % (type(value).__name__.encode(), len(text), text))
    elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
        write(b"array:%s:%s:" % (value.dtype.str.encode(), repr(value.shape).encode()))
        write(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, np.ndarray):
        write(b"objects:%s:" % repr(value.shape).encode())
        for item in value.ravel():
            _feed(item, write)
    elif is_dataclass(value) and not isinstance(value, type):
        write(b"%s:" % type(value).__qualname__.encode())
        for field in fields(value):
            _feed(field.name, write)
            _feed(getattr(value, field.name), write)
    elif isinstance(value, Mapping):
        write(b"mapping:%d:" % len(value))
        for name, item in value.items():
            _feed(name, write)
            _feed(item, write)
    elif isinstance(value, tuple | list):
        write(b"%s:%d:" % (type(value).__name__.encode(), len(value)))
        for item in value:
            _feed(item, write)
    elif isinstance(value, set | frozenset):
        write(b"set:%d:" % len(value))
        for digest in sorted(map(content_digest, value)):
            write(digest.encode())
    else:
        raise TypeError(f"no digest of {type(value).__name__}")
