"""The immutable model of a territory: named layers in one projected metric CRS, and where each column comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from jumeau.attributes import ORIGIN_SUFFIX, ORIGINS, AttributeTable
from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.territory.crs import check_metric
from jumeau.territory.extent import core_box

SHARED = AttributeTable.read(Path(__file__).with_name("attributes.csv"))

COLUMN_FIELDS = ("layer", "column", "origin", "rule", "source", "licence", "date")


def column_rows(
    layer: str,
    columns: Iterable[str],
    origin: str,
    *,
    rule: str = "",
    source: str = "",
    licence: str = "",
    date: str = "",
) -> pd.DataFrame:
    """Return the rows of a columns table that say the same of several columns."""
    if origin not in ORIGINS:
        raise ValueError(f"origin {origin!r} is not one of {', '.join(ORIGINS)}")
    return pd.DataFrame(
        [
            {"layer": layer, "column": column, "origin": origin, "rule": rule, "source": source,
             "licence": licence, "date": date}
            for column in columns
        ],
        columns=list(COLUMN_FIELDS),
    )  # fmt: skip


@dataclass(frozen=True)
class Territory:
    """A territory: what exists, and how much of it is real.

    Parameters
    ----------
    name : str
        Short name.
    crs : pyproj.CRS
        Projected, in metres; every layer is in it.
    layers : mapping of str to GeoDataFrame
        The layers of `attributes.csv` and those of the networks. Treat them as read only: `layer` gives a copy.
    columns : DataFrame
        One row per layer and column: `layer, column, origin, rule, source, licence, date`, `origin` being `observed`,
        `imputed` or `synthetic`. A column that mixes origins has a companion column `<column>_origin` per feature.
    meta : mapping of str to str
        `title_fr`, `title_en`, `country`, `subdivision`, `timezone`, `synthetic` (`yes` or `no`), `assumptions` that
        the territory file states, and what builders add.

    Raises
    ------
    InputError
        When the CRS is not projected in metres, or a layer is in another one.
    """

    name: str
    crs: pyproj.CRS
    layers: Mapping[str, gpd.GeoDataFrame]
    columns: pd.DataFrame
    meta: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the CRS and freeze the mappings."""
        check_metric(self.crs)
        for name, layer in self.layers.items():
            if layer.crs is not None and layer.crs != self.crs:
                raise InputError(
                    Problem(
                        _("the layer is in {found}, the territory in {wanted}").format(
                            found=layer.crs.to_string(), wanted=self.crs.to_string()
                        ),
                        layer=name,
                        hint=_("state the layer's `crs` in the territory file; it is then reprojected"),
                    )
                )
        object.__setattr__(self, "layers", MappingProxyType(dict(self.layers)))
        object.__setattr__(self, "meta", MappingProxyType(dict(self.meta)))

    def __repr__(self) -> str:
        layers = ", ".join(f"{name} {len(layer)}" for name, layer in sorted(self.layers.items()))
        synthetic = ", synthetic" if self.synthetic else ""
        return f"<Territory {self.name!r}, {self.crs.to_string()}{synthetic}\n  {layers}>"

    def _repr_html_(self) -> str:
        from jumeau.territory.info import territory_html

        return territory_html(self)

    def __reduce__(self) -> tuple[type[Territory], tuple[object, ...]]:
        """Let a territory cross process borders (frozen mappings cannot)."""
        return (type(self), (self.name, self.crs, dict(self.layers), self.columns, dict(self.meta)))

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a copy of a layer.

        Raises
        ------
        InputError
            When the territory has no such layer.
        """
        if name not in self.layers:
            raise InputError(
                Problem(
                    _("the territory « {name} » has no layer « {layer} »").format(name=self.name, layer=name),
                    hint=_("its layers: {layers}").format(layers=", ".join(sorted(self.layers)) or "—"),
                )
            )
        return self.layers[name].copy()

    def has(self, name: str) -> bool:
        """Tell whether a layer exists and is not empty."""
        return name in self.layers and len(self.layers[name]) > 0

    def with_layers(self, layers: Mapping[str, gpd.GeoDataFrame], columns: pd.DataFrame | None = None) -> Territory:
        """Return a territory in which some layers are replaced or added.

        Parameters
        ----------
        layers : mapping
            New layers.
        columns : DataFrame, optional
            Rows that replace those of the same layer and column.
        """
        table = self.columns
        if columns is not None:
            table = pd.concat([table, columns], ignore_index=True)
            table = table.drop_duplicates(["layer", "column"], keep="last").reset_index(drop=True)
        return replace(self, layers={**self.layers, **layers}, columns=table)

    def origin_shares(self) -> pd.DataFrame:
        """Return, per layer and column, the share of values of each origin.

        Returns
        -------
        DataFrame
            Columns `layer, column, count, observed, imputed, synthetic, source, licence, date, rule`; shares from 0
            to 1 over the features that have a value.
        """
        rows = []
        for row in self.columns.to_dict("records"):
            if row["layer"] not in self.layers:
                continue
            layer = self.layers[row["layer"]]
            if row["column"] not in layer.columns:
                continue
            # As plain values: GeoPandas warns of empty geometries, which are told by the checks.
            present = pd.Series(pd.notna(layer[row["column"]].to_numpy()), index=layer.index)
            companion = f"{row['column']}{ORIGIN_SUFFIX}"
            if companion in layer.columns:
                shares = layer.loc[present, companion].value_counts(normalize=True)
            else:
                shares = pd.Series({row["origin"]: 1.0})
            rows.append(
                {"layer": row["layer"], "column": row["column"], "count": int(present.sum())}
                | {origin: float(shares.get(origin, 0.0)) for origin in ORIGINS}
                | {key: row[key] for key in ("source", "licence", "date", "rule")}
            )
        return pd.DataFrame(rows, columns=["layer", "column", "count", *ORIGINS, "source", "licence", "date", "rule"])

    @cached_property
    def location(self) -> tuple[float, float]:
        """Latitude and longitude of the territory's centre [degree], whatever stray features it has."""
        box = core_box(self.layers)
        if box is None:
            raise InputError(_("the territory « {name} » is empty").format(name=self.name))
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        to_degrees = pyproj.Transformer.from_crs(self.crs, 4326, always_xy=True)
        longitude, latitude = to_degrees.transform(x, y)
        return float(latitude), float(longitude)

    @property
    def timezone(self) -> str:
        """IANA name of the local time."""
        return self.meta.get("timezone", "Europe/Paris")

    @property
    def country(self) -> str:
        """ISO 3166-1 code, for public holidays."""
        return self.meta.get("country", "") or "FR"

    @property
    def synthetic(self) -> bool:
        """Whether the territory is invented."""
        return self.meta.get("synthetic", "no") == "yes"

    def title(self) -> Mapping[str, str]:
        """Return the title by language."""
        french = self.meta.get("title_fr", self.name)
        return {"fr": french, "en": self.meta.get("title_en", french)}

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the content: layers, columns table and metadata, independent of files and of row labels."""
        digest = sha256(f"{self.name}|{self.crs.to_string()}|{sorted(self.meta.items())}".encode())
        for name in sorted(self.layers):
            layer = self.layers[name]
            digest.update(name.encode() + layer_digest(layer))
        digest.update(self.columns.astype(str).to_csv(index=False).encode())
        return digest.hexdigest()


def layer_digest(layer: gpd.GeoDataFrame) -> bytes:
    """Return the SHA-256 of a layer's columns and geometry, whatever its row labels and the order of its columns."""
    digest = sha256()
    for column in sorted(str(item) for item in layer.columns):
        digest.update(column.encode())
        if column == layer.geometry.name:
            digest.update(b"".join(geometry or b"" for geometry in layer.geometry.to_wkb()))
        else:
            digest.update(_column_bytes(layer[column]))
    return digest.digest()


def _column_bytes(column: pd.Series) -> bytes:
    """Return bytes that are the same for the same values; numbers are not written out, which would take most of it."""
    kind = getattr(column.dtype, "kind", "O") if isinstance(column.dtype, np.dtype) else "O"
    if kind in "iu":
        return b"i" + column.to_numpy(dtype=np.int64).tobytes()
    if kind == "b":
        return b"b" + column.to_numpy().tobytes()
    if kind == "f":
        values = column.to_numpy(dtype=np.float64) + 0.0  # one zero, whatever its sign
        values[np.isnan(values)] = np.nan
        return b"f" + values.tobytes()
    return b"t" + pd.util.hash_pandas_object(column.astype(str), index=False).to_numpy().tobytes()
