"""The attributes of assets, declared in `attributes.csv`: types, defaults, checks, units and what runs give of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from jumeau.columns import no_value
from jumeau.errors import Problem, shorten
from jumeau.i18n import _

ORIGINS = ("observed", "imputed", "synthetic")
INPUT, OUTPUT = "input", "output"
ORIGIN_SUFFIX = "_origin"


@dataclass(frozen=True)
class Attribute:
    """One column of one layer.

    Attributes
    ----------
    layer, attribute : str
        Layer and column.
    type : str
        `string`, `float`, `integer`, `boolean`, `enum` or `geometry`.
    unit : str
        Unit of a number; empty for the rest. For `geometry`, the accepted types separated by `|`.
    default : str
        Value given when a feature has none; empty means "stays missing".
    required : bool
        Whether the layer is useless without the column.
    choices : tuple of str
        Values allowed, for `enum`.
    minimum, maximum : float or None
        Range allowed, for numbers.
    unique : bool
        Whether the column identifies the feature.
    references : tuple of (str, str)
        Layers and columns one of whose values this column must name, if it names any; empty for none.
    description, source : str
        For people.
    status : str
        `input` for what a territory says, `output` for what a run gives.
    cell_methods : str
        CF cell methods of an output over the period, for instance `time: sum`.
    sums_to : str
        Quantity or indicator of the network that the output adds up to over the layer; empty for none.
    """

    layer: str
    attribute: str
    type: str
    unit: str
    default: str
    required: bool
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    unique: bool
    references: tuple[tuple[str, str], ...]
    description: str
    source: str
    status: str = INPUT
    cell_methods: str = ""
    sums_to: str = ""
    usual: tuple[float, float] | None = None


class AttributeTable:
    """The attributes of one network (or of the shared layers), read from `attributes.csv`.

    The file has the columns `layer, attribute, type, unit, default, required, choices, minimum, maximum, unique,
    references, description, source`; `choices` are separated by `|`, and so are `references`, written `layer.column`.
    It may have `status`, `cell_methods` and `sums_to` for what runs give (see `Attribute`): these rows are `outputs`,
    all other methods speak of inputs; and `usual`, written `low|high`, between which the median of a real column lies.
    """

    def __init__(self, rows: list[Attribute]) -> None:
        self.rows = tuple(row for row in rows if row.status == INPUT)
        self._outputs = tuple(row for row in rows if row.status == OUTPUT)

    @classmethod
    def read(cls, path: Path) -> AttributeTable:
        """Read the CSV file."""
        with path.open(encoding="utf-8", newline="") as stream:
            return cls([_attribute(row) for row in csv.DictReader(stream)])

    @property
    def layers(self) -> tuple[str, ...]:
        """Layer names, in the order of the file."""
        return tuple(dict.fromkeys(row.layer for row in self.rows))

    @property
    def needed(self) -> tuple[str, ...]:
        """Layers without which there is nothing to simulate: their `geometry` row says that it is required."""
        return tuple(row.layer for row in self.rows if row.type == "geometry" and row.required)

    def is_plain(self, layer: str) -> bool:
        """Tell whether a layer is a plain table, without geometry: it has no `geometry` row."""
        return not any(row.type == "geometry" for row in self.of(layer))

    def empty(self, layer: str, crs: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
        """Return a layer without features that has all the columns that the table declares."""
        kinds = {"float": "float64", "integer": "int64", "boolean": "bool"}
        columns = {
            row.attribute: pd.Series(dtype=kinds.get(row.type, "object"))
            for row in self.of(layer)
            if row.type != "geometry"
        }
        return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=crs), crs=crs)

    def outputs(self, layer: str | None = None) -> tuple[Attribute, ...]:
        """Return what runs give of the features of a layer, or of all layers."""
        return tuple(row for row in self._outputs if layer in (None, row.layer))

    def of(self, layer: str) -> tuple[Attribute, ...]:
        """Return the attributes of a layer."""
        return tuple(row for row in self.rows if row.layer == layer)

    def get(self, layer: str, attribute: str) -> Attribute:
        """Return one attribute; a `KeyError` names the pair when there is none."""
        for row in self.rows:
            if row.layer == layer and row.attribute == attribute:
                return row
        raise KeyError(f"{layer}.{attribute}")

    def identifier(self, layer: str) -> str:
        """Return the column that identifies the features of a layer."""
        return next(row.attribute for row in self.of(layer) if row.unique)

    def default(self, layer: str, attribute: str) -> Any:
        """Return the default of an attribute in its type, None where it has none."""
        return default_value(self.get(layer, attribute))

    def defaults(self, layer: str, *attributes: str) -> dict[str, Any]:
        """Return the defaults of some attributes of a layer, by their names."""
        return {name: self.default(layer, name) for name in attributes}

    def __iter__(self) -> Iterator[Attribute]:
        """Iterate over the rows."""
        return iter(self.rows)


def _attribute(row: Mapping[str, str]) -> Attribute:
    def limit(name: str) -> float | None:
        return float(row[name]) if row.get(name) else None

    return Attribute(
        layer=row["layer"],
        attribute=row["attribute"],
        type=row["type"],
        unit=row["unit"],
        default=row["default"],
        required=row["required"] == "yes",
        choices=tuple(item for item in (row.get("choices") or "").split("|") if item),
        minimum=limit("minimum"),
        maximum=limit("maximum"),
        unique=row.get("unique") == "yes",
        references=tuple(
            (layer, column)
            for layer, _dot, column in (
                item.partition(".") for item in (row.get("references") or "").split("|") if item
            )
        ),
        description=row["description"],
        source=row["source"],
        status=row.get("status") or INPUT,
        cell_methods=row.get("cell_methods") or "",
        sums_to=row.get("sums_to") or "",
        usual=_usual(row.get("usual") or ""),
    )


def _usual(text: str) -> tuple[float, float] | None:
    low, bar, high = text.partition("|")
    return (float(low), float(high)) if bar else None


#: The largest whole number below which a float holds all of them.
MOST_WHOLE = 2.0**53


def typed(series: pd.Series[Any], attribute: Attribute) -> pd.Series[Any]:
    """Return the series in the dtype of the attribute, its default in place of missing values.

    Values that cannot be converted become missing; `check_layer` reports them before anything runs.
    """
    default = default_value(attribute)
    series = series.mask(no_value(series))
    if attribute.type == "float":
        numbers = pd.to_numeric(series, errors="coerce").astype("float64")
        return numbers if default is None else numbers.fillna(default)
    if attribute.type == "integer":
        whole = pd.to_numeric(series, errors="coerce")
        whole = whole if default is None else whole.fillna(default)
        # Beyond 2**53 a float no longer tells whole numbers apart; a cast would give any number at all.
        kept = (whole.astype("float64").abs() <= MOST_WHOLE).all()
        return whole.astype("int64") if kept else whole.astype("float64")
    if attribute.type == "boolean":
        text = series.astype("object").where(series.notna(), default).astype(str).str.lower()
        return text.isin(("true", "1", "1.0", "yes")).astype("bool")
    text = series.astype("object").where(series.notna(), default)
    return text.map(lambda value: value if value is None or isinstance(value, str) else _as_text(value)).astype(
        "object"
    )


def typed_layer(frame: gpd.GeoDataFrame, table: AttributeTable, layer: str) -> gpd.GeoDataFrame:
    """Return a layer with every column that its table declares, in its type, defaults in place of missing values.

    Code that is handed such a layer asks for no default of its own. Columns that no table knows are kept.
    """
    found = frame.copy()
    for row in table.of(layer):
        if row.type == "geometry":
            continue
        given = frame[row.attribute] if row.attribute in frame else pd.Series(None, index=frame.index, dtype=object)
        found[row.attribute] = typed(given, row)
    return found


def _as_text(value: object) -> str:
    # Ids read as floats ("12.0") are the same ids as integers.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def default_value(attribute: Attribute) -> Any:
    """Return the attribute's default in its type, None where it has none."""
    if attribute.default == "":
        return None
    if attribute.type == "float":
        return float(attribute.default)
    if attribute.type == "integer":
        return int(attribute.default)
    if attribute.type == "boolean":
        return attribute.default == "yes"
    return attribute.default


def alike(series: pd.Series[Any], attribute: Attribute, file: str = "") -> list[Problem]:
    """Return a warning of identifiers that differ by case or spaces alone: two for one thing, or names that miss it."""
    if not attribute.unique:
        return []
    ids = series[~no_value(series)].astype(str).drop_duplicates()
    same = ids.map(plain_id)
    found = ids[same.duplicated(keep=False)].tolist()
    if not found:
        return []
    message = _("identifiers that differ by case or spaces alone")
    hint = _("they are taken for different ones; correct those that are not")
    return [
        Problem(message, hint=hint, file=file, layer=attribute.layer, column=attribute.attribute,
                features=tuple(sorted(found, key=plain_id)), warning=True)
    ]  # fmt: skip


def plain_id(text: str) -> str:
    """Return an identifier without what people write differently: case and spaces."""
    return "".join(text.split()).casefold()


def check_values(series: pd.Series[Any], ids: pd.Series[Any], attribute: Attribute, file: str = "") -> list[Problem]:
    """Return what is wrong with a column's values: type, range, choices, missing, duplicates.

    Parameters
    ----------
    series, ids : Series, shape (n,)
        Values and feature ids, aligned.
    attribute : Attribute
        What the table says.
    file : str
        For the message.
    """

    def problem(bad: Any, message: str, hint: str = "") -> Problem:
        mask = np.asarray(bad, dtype=bool)
        values = shorten(sorted({str(value) for value in series[mask]}))
        return Problem(
            message,
            hint=hint,
            file=file,
            layer=attribute.layer,
            column=attribute.attribute,
            features=tuple(ids[mask].astype(str)),
            value=values,
        )

    found: list[Problem] = []
    missing = pd.Series(no_value(series), index=series.index)
    if attribute.required and attribute.default == "" and missing.any():
        found.append(problem(missing, _("a required value is missing"), _("fill it, or map another column")))
    present = ~missing
    if attribute.type in ("float", "integer"):
        numbers = pd.to_numeric(series, errors="coerce")
        unread = present & numbers.isna()
        if unread.any():
            found.append(problem(unread, _("not a number"), _("check the decimal sign in the mapping")))
        for bad, message in (
            (np.isinf(numbers), _("not a finite number")),
            (numbers < (attribute.minimum if attribute.minimum is not None else -np.inf),
             _("below the minimum {limit} {unit}").format(limit=attribute.minimum, unit=attribute.unit)),
            (numbers > (attribute.maximum if attribute.maximum is not None else np.inf),
             _("above the maximum {limit} {unit}").format(limit=attribute.maximum, unit=attribute.unit)),
        ):  # fmt: skip
            if bad.any():
                found.append(problem(bad, message))
    if attribute.choices:
        unknown = present & ~series.isin(attribute.choices)
        if unknown.any():
            choices = ", ".join(attribute.choices)
            found.append(
                problem(
                    unknown,
                    _("a value that the table does not know"),
                    _("use one of: {choices} (a mapping can translate)").format(choices=choices),
                )
            )
    if attribute.unique:
        twice = present & series.duplicated(keep=False)
        if twice.any():
            found.append(problem(twice, _("an identifier stands more than once"), _("make identifiers unique")))
    return found
