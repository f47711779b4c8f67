"""One catalogue for everything that a person reads, in French (default) and English.

Messages are written in English in the code and looked up in the `locale/fr.po` files of the package and of each
network. The files are parsed at first use (a few milliseconds), so that no compiled catalogue can go stale.
"""

from __future__ import annotations

import gettext
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"

_current: ContextVar[str] = ContextVar("jumeau_language", default=DEFAULT_LANGUAGE)
_extra_folders: list[Path] = []

#: A text in the languages that its author wrote it in, or the same text for all.
LocalText = str | Mapping[str, str]


def add_catalogue(folder: Path) -> None:
    """Register a folder that holds `fr.po` (used by plug-ins and by `jumeau_viz`)."""
    if folder not in _extra_folders:
        _extra_folders.append(folder)
        _translations.cache_clear()


def catalogue_files(lang: str) -> list[Path]:
    """Return the catalogue files of a language: the package's, each network's, each registered folder's."""
    root = Path(__file__).parent
    found = sorted(path for path in root.rglob(f"locale/{lang}.po") if "bundled" not in path.parts)
    found += [folder / f"{lang}.po" for folder in _extra_folders if (folder / f"{lang}.po").is_file()]
    return found


@cache
def _translations(lang: str) -> gettext.NullTranslations:
    merged = Catalog(locale=lang)
    for path in catalogue_files(lang):
        with path.open("rb") as stream:
            for message in read_po(stream, locale=lang):
                if message.id and message.string:
                    merged.add(message.id, message.string)
    buffer = io.BytesIO()
    write_mo(buffer, merged)
    buffer.seek(0)
    return gettext.GNUTranslations(buffer)


def current_language() -> str:
    """Return the language in force, `fr` or `en`."""
    return _current.get()


def set_language(lang: str) -> None:
    """Set the language for the rest of this thread's life (the command line and workers call it once)."""
    if lang not in LANGUAGES:
        raise ValueError(f"language {lang!r} is not one of {', '.join(LANGUAGES)}")
    _current.set(lang)


@contextmanager
def language(lang: str) -> Iterator[None]:
    """Use a language inside a `with` block."""
    before = _current.get()
    set_language(lang)
    try:
        yield
    finally:
        _current.set(before)


def _(message: str) -> str:
    """Return the message in the current language (the message itself where no translation exists)."""
    if not message:
        return ""
    return _translations(_current.get()).gettext(message)


def in_all_languages(message: str) -> dict[str, str]:
    """Return a message of the catalogue in every language."""
    texts = {}
    for lang in LANGUAGES:
        with language(lang):
            texts[lang] = _(message)
    return texts


def sentences_in_all_languages(say: Callable[[], Sequence[str]]) -> tuple[LocalText, ...]:
    """Return sentences in every language, for what is kept and may be read in another one than now.

    Parameters
    ----------
    say : callable
        Returns the sentences in the current language, always the same ones in the same order.
    """
    told = {}
    for lang in LANGUAGES:
        with language(lang):
            told[lang] = list(say())
    return tuple(dict(zip(told, sentence, strict=True)) for sentence in zip(*told.values(), strict=True))


def local(text: LocalText) -> str:
    """Return an author's text in the current language, else in any language that it has.

    A bare string (a label of a data file) is looked up in the catalogue.
    """
    if isinstance(text, str):
        return _(text)
    for lang in (current_language(), *LANGUAGES):
        if lang in text:
            return text[lang]
    return next(iter(text.values()), "")


def format_day(day: date) -> str:
    """Return a date in words: `1er janvier 2025` in French, `1 January 2025` in English."""
    month = str(dates.format_date(day, format="MMMM", locale=current_language()))
    # French says "1er" of the first day only: the catalogue holds both patterns.
    pattern = _("1 {month} {year}") if day.day == 1 else _("{day} {month} {year}")
    return pattern.format(day=day.day, month=month, year=day.year)


def format_number(value: float, digits: int = 0) -> str:
    """Return a number in the writing of the current language (`1 234,5` in French).

    Parameters
    ----------
    value : float
        Any finite number; not-a-number gives an em dash.
    digits : int
        Number of decimals.
    """
    if math.isnan(value):
        return "—"
    rounded = round(value, digits) + 0.0  # no "-0"
    # As a decimal: a large float would show digits that it does not have.
    return f"{Decimal(repr(float(rounded))):,.{max(digits, 0)}f}".translate(_signs(current_language()))


@cache
def _signs(lang: str) -> dict[int, str]:
    """Return how a language writes the signs in a number: Babel looks them up for each number anew."""
    return str.maketrans(
        {
            ",": numbers.get_group_symbol(lang),
            ".": numbers.get_decimal_symbol(lang),
            "-": numbers.get_minus_sign_symbol(lang),
        }
    )


def format_significant(value: float, figures: int = 3) -> str:
    """Return a number with about `figures` significant figures, never in exponent form."""
    if not math.isfinite(value):
        return "—"
    if value == 0:
        return "0"
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    return format_number(round(value, digits), max(digits, 0))
