"""Makes one attribute of a layer from the columns of a foreign table, and says what is observed and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.attributes import MOST_WHOLE, ORIGIN_SUFFIX, Attribute, default_value, typed
from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _
from jumeau.sources.cells import as_numbers, as_text, blank, need_column, select, text_of, unread_numbers
from jumeau.sources.reading import ROW
from jumeau.sources.written import likely_unit, with_units, years
from jumeau.territory.mapping import ColumnRule, LayerFile
from jumeau.units import QuantityError, conversion_factor

OBSERVED, IMPUTED = "observed", "imputed"


@dataclass(frozen=True)
class Column:
    """One attribute made.

    Attributes
    ----------
    values : Series, shape (n,)
        In the dtype and unit of the attribute.
    origins : ndarray of str, shape (n,)
        `observed`, `imputed` or `synthetic`, per feature.
    rule : str
        How it was made: `sentence: details` parts joined by `; ` (see `jumeau.territory.info.told_rule`).
    problems : tuple of Problem
    """

    values: pd.Series[Any]
    origins: NDArray[np.object_]
    rule: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class LayerContext:
    """Where one is, for messages.

    Attributes
    ----------
    file, layer : str
    ids : ndarray of str, shape (n,)
        Feature ids, or row numbers while there are none.
    """

    file: str
    layer: str
    ids: NDArray[np.object_]


def make_column(
    frame: pd.DataFrame, written: str | ColumnRule, attribute: Attribute, source: LayerFile, place: LayerContext
) -> Column:
    """Return an attribute's values.

    Parameters
    ----------
    frame : DataFrame, shape (n, …)
        The foreign table.
    written : str or ColumnRule
        A source column, or a rule.
    attribute : Attribute
        What is wanted: type, unit, default.
    source : LayerFile
        For the decimal sign.
    place : LayerContext

    Raises
    ------
    InputError
        When a source column does not exist or a unit does not fit.
    """
    rule = ColumnRule(column=written) if isinstance(written, str) else written
    problems: list[Problem] = []
    values, told = _raw(frame, rule, attribute, source, place, problems)
    origins = _origins(rule, frame, source, place, len(frame))
    if attribute.type in ("float", "integer"):
        values = _as_quantity(values, rule, attribute, source, place, problems)
    missing = values.isna().to_numpy()
    default = rule.default if rule.default is not None else default_value(attribute)
    if attribute.type == "boolean" and default is None:
        default = False
    if default is not None and missing.any():
        values = values.astype(object).where(~missing, default)
        origins = np.where(missing, IMPUTED, origins).astype(object)
        told += f"; elsewhere by default: {text_of(default)}"
    if attribute.type == "boolean":
        values = _as_truth(values, attribute, place, problems)
    return Column(typed(values, attribute), origins, rule.rule or told, tuple(problems))


def _raw(
    frame: pd.DataFrame,
    rule: ColumnRule,
    attribute: Attribute,
    source: LayerFile,
    place: LayerContext,
    problems: list[Problem],
) -> tuple[pd.Series[Any], str]:
    """Return the values before defaults and conversion, and the rule in words."""
    if rule.row is not None:
        return rule.row + frame[ROW].astype(str), "row number in the source file"
    if rule.constant is not None:
        return pd.Series([rule.constant] * len(frame), dtype=object), f"the same for all: {text_of(rule.constant)}"
    if rule.cases is not None:
        values = pd.Series([None] * len(frame), dtype=object)
        for case in reversed(rule.cases):
            values[select(frame, case.where, source.decimal, place.file)] = case.value
        used = dict.fromkeys(column for case in rule.cases for column in case.where)
        return values, f"decided by the columns: {', '.join(used)}"
    column = str(rule.column)
    need_column(frame, column, place.file, place.layer)
    frame = blank(frame[[column]], rule.missing)
    if rule.map is None:
        texts = frame[column] if attribute.type in ("float", "integer") else as_text(frame[column])
        return texts, f"read from the column: {column}"
    texts = as_text(frame[column])
    values = texts.map({text_of(key): value for key, value in rule.map.items()})
    unknown = (texts.notna() & values.isna()).to_numpy()
    if unknown.any():
        message = _("values that the map does not list")
        hint = _("add them under `map`, or state a `default`")
        if rule.default is not None:
            message = _("values that the map does not list: the default « {value} » is taken").format(
                value=rule.default
            )
            hint = _("add them under `map`; if they look odd, state the file's `encoding:`")
        problems.append(
            Problem(
                message,
                file=place.file,
                layer=place.layer,
                column=f"{attribute.attribute} ({column})",
                features=tuple(place.ids[unknown]),
                value=shorten(sorted(set(texts[unknown]))),
                hint=hint,
                warning=rule.default is not None,
            )
        )
    return values, f"translated from the column: {column}"


def _origins(
    rule: ColumnRule, frame: pd.DataFrame, source: LayerFile, place: LayerContext, count: int
) -> NDArray[np.object_]:
    """Return what each value is, before defaults."""
    if rule.origin is not None:
        return np.full(count, rule.origin, dtype=object)
    if rule.cases is not None:
        origins = np.full(count, IMPUTED, dtype=object)
        for case in reversed(rule.cases):
            origins[select(frame, case.where, source.decimal, place.file)] = case.origin
        return origins
    companion = f"{rule.column}{ORIGIN_SUFFIX}"
    if companion in frame.columns:
        return frame[companion].to_numpy(dtype=object)
    return np.full(count, OBSERVED if rule.column is not None else IMPUTED, dtype=object)


def _as_truth(
    values: pd.Series[Any], attribute: Attribute, place: LayerContext, problems: list[Problem]
) -> pd.Series[Any]:
    """Return truth values; words other than `true` and `false` need a map."""
    truth = as_text(values).map({"true": True, "false": False, "1": True, "0": False})
    unread = (values.notna() & truth.isna()).to_numpy()
    if unread.any():
        problems.append(
            Problem(
                _("« true » or « false » is expected"),
                file=place.file,
                layer=place.layer,
                column=attribute.attribute,
                features=tuple(place.ids[unread]),
                value=shorten(sorted({str(value) for value in values[unread]})),
                hint=_("translate the words with a `map`"),
            )
        )
    return truth


def is_year(attribute: Attribute) -> bool:
    """Tell whether a whole number is a year, by the bounds that its table gives it."""
    low, high = attribute.minimum, attribute.maximum
    return attribute.type == "integer" and low is not None and high is not None and 1000 <= low < high <= 3000


def _as_quantity(
    values: pd.Series[Any],
    rule: ColumnRule,
    attribute: Attribute,
    source: LayerFile,
    place: LayerContext,
    problems: list[Problem],
) -> pd.Series[Any]:
    """Return numbers in the attribute's unit."""
    where: dict[str, Any] = {"file": place.file, "layer": place.layer, "column": attribute.attribute}
    if is_year(attribute):
        values, dates = years(values)
        if dates:
            problems.append(
                Problem(_("dates: their years are taken ({count})").format(count=dates), warning=True, **where)
            )
    numbers, unread = as_numbers(values, source.decimal)
    meant, read = with_units(values, unread, attribute.unit, rule.unit)
    if read:
        message = _("cells with a unit or a count of their own are read by it")
        problems.append(Problem(message, value=shorten(read), warning=True, **where))
        unread &= np.isnan(meant)
    if unread.any():
        problems.append(unread_numbers(values, unread, source.decimal, ids=place.ids, **where))
    if rule.unit is not None:
        try:
            numbers = numbers * conversion_factor(rule.unit, attribute.unit)
        except QuantityError as error:
            raise InputError(Problem(str(error), hint=_("check `unit`"), **where)) from None
    numbers = numbers.where(np.isnan(meant), meant)
    likely = likely_unit(numbers.to_numpy(dtype=np.float64), attribute.unit, attribute.usual)
    if likely:
        message = _("the median is {median} {unit}: these numbers look like {other}")
        message = message.format(median=f"{np.nanmedian(numbers):.3g}", unit=attribute.unit, other=likely)
        hint = _("state the unit of the source: `unit: {unit}`").format(unit=likely)
        problems.append(Problem(message, hint=hint, warning=True, **where))
    if attribute.type == "integer":
        broken = (numbers.notna() & ((numbers % 1 != 0) | (numbers.abs() > MOST_WHOLE))).to_numpy()
        if broken.any():
            shown = shorten(sorted({str(value) for value in numbers[broken]}))
            ids = tuple(place.ids[broken])
            problems.append(Problem(_("a whole number is expected"), features=ids, value=shown, **where))
            numbers = numbers.mask(broken)
    return numbers
