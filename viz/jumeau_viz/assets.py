"""The assets of one network in all scenarios: where they stand and what each indicator says of them.

Scenarios are aligned on the assets' ids once, here; pictures, page and tour then only read arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.network import Hours
from jumeau_viz.appearance import Appearance, Indicator
from jumeau_viz.captions import BASELINE
from jumeau_viz.defaults import drawing_default
from jumeau_viz.frame import Floats
from jumeau_viz.lamplight import Lamplight
from jumeau_viz.meshes import Indices, Mesh
from jumeau_viz.palettes import DIVERGING, TRACE, Scale
from jumeau_viz.scene import Scene
from jumeau_viz.timeline import Journeys, Spells, journeys_of, spells_of

RIBBON_WIDTH = 6.0  # metres: a pipe has to be seen from above the town
RIBBON_STEP = 20.0  # metres between two points of a line laid on relief
RIBBON_LIFT = 1.2


@dataclass(frozen=True)
class AssetLayer:
    """One layer of assets in every scenario.

    Attributes
    ----------
    network : str
        Name of the network.
    appearance : Appearance
    ids : ndarray of str, shape (n,)
    shapes : ndarray of geometry, shape (n,)
        Where they lie, in the projected system.
    feet, heads : ndarray, shapes (n, 3)
        Where an asset touches the ground, and where its marker is [m, local frame].
    scenarios : tuple of str
        `baseline`, then the variants.
    present : ndarray of bool, shape (scenarios, n)
        Whether an asset exists in a scenario.
    values : mapping of str to ndarray, shapes (scenarios, n)
        Indicators, not-a-number where unknown or absent.
    ribbon : Mesh
        Ribbons of `line` assets, else empty.
    ribbon_owner : ndarray of int
        Asset of each vertex of `ribbon`.
    hourly : mapping of str to ndarray, shapes (scenarios, 24, n)
        Indicators hour by hour, where the results tell it.
    lamplight : Lamplight, optional
        How the assets light the ground, where they do.
    spells : mapping of str to list of Spells
        By label of the kind of spell: one entry per scenario.
    journeys : mapping of str to Journeys
        Vehicles on their rounds, by scenario.
    whole : AssetLayer or None
        The layer with all scenarios, where this one has some of them: scales are made from it.
    """

    network: str
    appearance: Appearance
    ids: NDArray[np.str_]
    shapes: NDArray[np.object_]
    feet: Floats
    heads: Floats
    scenarios: tuple[str, ...]
    present: NDArray[np.bool_]
    values: Mapping[str, Floats]
    ribbon: Mesh
    ribbon_owner: Indices
    hourly: Mapping[str, Floats] = field(default_factory=dict)
    lamplight: Lamplight | None = None
    spells: Mapping[str, list[Spells]] = field(default_factory=dict)
    journeys: Mapping[str, Journeys] = field(default_factory=dict)
    whole: AssetLayer | None = None

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators that the results hold."""
        return tuple(item for item in self.appearance.indicators if item.name in self.values)

    @property
    def variants(self) -> tuple[str, ...]:
        """The scenarios other than the baseline."""
        return self.scenarios[1:]

    @property
    def changing(self) -> tuple[str, ...]:
        """The variants that change the layer."""
        return tuple(
            name
            for row, name in enumerate(self.scenarios)
            if row
            and (
                (self.present[row] != self.present[0]).any()
                or any(self._differs(item, row) for item in self.indicators)
            )
        )

    def moved(self, variant: str) -> tuple[int, ...]:
        """Return the places, among the indicators, of those that a variant changes."""
        row = self.scenarios.index(variant)
        return tuple(place for place, indicator in enumerate(self.indicators) if self._differs(indicator, row))

    def of_changed(self) -> AssetLayer:
        """Return the layer with those variants only that change it; with all of them where none does.

        In a scenario of several networks, most variants leave most networks as they are. Scales stay those of the whole
        layer, so that one colour means one value in pictures, page, map and exchange files.
        """
        rows = [self.scenarios.index(name) for name in self.changing]
        kept = [0, *rows] if rows else list(range(len(self.scenarios)))
        return replace(
            self,
            scenarios=tuple(self.scenarios[row] for row in kept),
            present=self.present[kept],
            whole=self.whole or self,
            values={name: item[kept] for name, item in self.values.items()},
            hourly={name: item[kept] for name, item in self.hourly.items()},
            lamplight=self.lamplight.of(kept) if self.lamplight is not None else None,
            spells={name: [items[row] for row in kept] for name, items in self.spells.items()},
        )

    def difference(self, indicator: str, variant: str) -> Floats:
        """Return variant minus baseline (n,), not-a-number where either is unknown."""
        values = self.values[indicator]
        return np.asarray(values[self.scenarios.index(variant)] - values[0])

    def scale(self, indicator: Indicator) -> Scale:
        """Return the one scale of an indicator for all scenarios."""
        values = list((self.whole or self).values[indicator.name])
        if indicator.palette == DIVERGING:
            return Scale.signed(values, least=indicator.least)
        return Scale.sequential(values, indicator.palette, indicator.least)

    def difference_scale(self, indicator: Indicator) -> Scale:
        """Return the one scale of an indicator's differences for all variants."""
        whole = self.whole or self
        differences = [whole.difference(indicator.name, variant) for variant in whole.variants]
        return Scale.changes(differences, indicator.better, whole.least(indicator))

    def least(self, indicator: Indicator) -> float:
        """Return the smallest difference of an indicator that is one: as declared, else a trace of its values before.

        Networks that share crews and streets leave traces in each other.
        """
        before = np.abs((self.whole or self).values[indicator.name][0])
        return indicator.least or TRACE * float(np.nanmax(before, initial=0.0, where=np.isfinite(before)))

    def _differs(self, indicator: Indicator, row: int) -> bool:
        values = self.values[indicator.name]
        return not np.allclose(values[row], values[0], rtol=0.0, atol=self.least(indicator), equal_nan=True)


def build_assets(
    network: str,
    appearance: Appearance,
    scenarios: Mapping[str, gpd.GeoDataFrame],
    scene: Scene,
    *,
    hours: Hours | None = None,
    journal: pd.DataFrame | None = None,
    first: str = "",
) -> AssetLayer:
    """Align the scenarios of one layer and place its assets in a scene.

    Parameters
    ----------
    network : str
    appearance : Appearance
    scenarios : mapping of str to GeoDataFrame
        One layer per scenario, `baseline` among them; same system as the territory.
    scene : Scene
    hours : Hours, optional
        How the network's features vary through a day.
    journal : DataFrame, optional
        As `timeline.read_journal` gives it.
    first : str
        First day of the period, ISO date.

    Raises
    ------
    InputError
        When the baseline, the id column or every indicator is missing.
    """
    _check(network, appearance, scenarios)
    names = (BASELINE, *(name for name in scenarios if name != BASELINE))
    keyed = {name: _keyed(scenarios[name], appearance.label_column) for name in names}
    union = pd.concat([keyed[name] for name in names])
    places = union[~union.index.duplicated()]
    if appearance.hide_unknown:
        figures = [item.name for item in appearance.indicators if item.name in union.columns]
        known = union[figures].notna().any(axis=1).groupby(level=[0, 1], sort=False).any()
        places = places[known.reindex(places.index).to_numpy(dtype=bool)]
    keys = places.index
    indicators = [item.name for item in appearance.indicators if item.name in union.columns]
    values = {name: np.vstack([_numbers(keyed[scenario], name, keys) for scenario in names]) for name in indicators}
    feet, heads = _place(places, appearance, scene)
    ribbon, owner = _ribbons(places, scene) if appearance.geometry == "line" else (Mesh.empty(), _no_index())
    ids = places[appearance.label_column].astype(str).to_numpy(dtype=np.str_)
    told = journal if journal is not None else pd.DataFrame(columns=["scenario", "network", "kind", "day"])
    return AssetLayer(
        network=network,
        appearance=appearance,
        ids=ids,
        shapes=np.asarray(places.geometry.to_numpy(), dtype=object),
        feet=feet,
        heads=heads,
        scenarios=names,
        present=np.vstack([np.asarray(keys.isin(keyed[name].index)) for name in names]),
        values=values,
        ribbon=ribbon,
        ribbon_owner=owner,
        hourly=_hourly(appearance, [keyed[name] for name in names], keys),
        lamplight=Lamplight.read([keyed[name].reindex(keys) for name in names], appearance, hours)
        if appearance.light is not None
        else None,
        spells={spell.label: spells_of(told, network, names, ids, spell) for spell in appearance.spells},
        journeys=journeys_of(scenarios, appearance.moves, first, scene)
        if appearance.moves is not None and first
        else {},
    )


def _check(network: str, appearance: Appearance, scenarios: Mapping[str, gpd.GeoDataFrame]) -> None:
    where = f"{network}_{appearance.layer}"
    if BASELINE not in scenarios:
        raise InputError(_("layer {name}: the results have no baseline to compare with").format(name=where))
    for layer in scenarios.values():
        if appearance.label_column not in layer:
            raise InputError(
                _("layer {name}: column {column}, which identifies the assets, is missing").format(
                    name=where, column=appearance.label_column
                )
            )
    wanted = [item.name for item in appearance.indicators]
    if not any(name in layer for name in wanted for layer in scenarios.values()):
        raise InputError(
            _("layer {name}: none of the columns {columns} is in the results").format(
                name=where, columns=", ".join(wanted)
            )
        )


def _keyed(layer: gpd.GeoDataFrame, column: str) -> gpd.GeoDataFrame:
    """Index a layer by id and rank among equal ids, so that real data with doubled ids still align."""
    drawn = layer[~(layer.geometry.isna() | layer.geometry.is_empty)]
    ids = drawn[column].astype(str)
    rank = ids.groupby(ids).cumcount()
    return drawn.set_index(pd.MultiIndex.from_arrays([ids.to_numpy(), rank.to_numpy()]))


def _numbers(layer: gpd.GeoDataFrame, column: str, keys: pd.Index) -> Floats:
    if column not in layer:
        return np.full(len(keys), np.nan)
    numbers = pd.to_numeric(layer[column], errors="coerce").reindex(keys)
    return np.asarray(numbers.to_numpy(dtype=np.float64))


def _hourly(appearance: Appearance, scenarios: list[gpd.GeoDataFrame], keys: pd.Index) -> dict[str, Floats]:
    """Return the indicators that every scenario tells hour by hour."""
    found = {}
    for item in appearance.indicators:
        columns = [f"{item.hourly.columns}{hour:02d}" for hour in range(24)] if item.hourly is not None else []
        if columns and all(name in layer for name in columns for layer in scenarios):
            found[item.name] = np.array([[_numbers(layer, name, keys) for name in columns] for layer in scenarios])
    return found


def _place(places: gpd.GeoDataFrame, appearance: Appearance, scene: Scene) -> tuple[Floats, Floats]:
    geometries = places.geometry.to_numpy()
    if appearance.geometry == "line":
        middles = shapely.line_interpolate_point(geometries, 0.5, normalized=True)
    else:
        middles = shapely.centroid(geometries)
    plane = scene.frame.to_local(shapely.get_coordinates(middles))
    altitude = scene.ground.altitude(plane)
    feet = np.column_stack([plane, altitude])
    rise = np.full(len(feet), RIBBON_LIFT)
    if appearance.geometry == "pole":
        known = _numbers(places, appearance.height_column, places.index)
        rise = np.where(known > 0, known, drawing_default("asset_height"))
    return feet, np.column_stack([plane, altitude + rise])


def _ribbons(places: gpd.GeoDataFrame, scene: Scene) -> tuple[Mesh, Indices]:
    """Return flat ribbons along lines, four vertices per straight piece, with the asset of each vertex."""
    lines, asset = shapely.get_parts(shapely.force_2d(places.geometry.to_numpy()), return_index=True)
    if not scene.ground.flat:
        lines = shapely.segmentize(lines, RIBBON_STEP)
    points, line = shapely.get_coordinates(lines, return_index=True)
    points = scene.frame.to_local(points)
    same = line[:-1] == line[1:]
    start, end, owner = points[:-1][same], points[1:][same], asset[line[:-1][same]]
    along = end - start
    length = np.linalg.norm(along, axis=1)
    solid = length > 0
    start, end, owner = start[solid], end[solid], owner[solid]
    along = along[solid] / length[solid][:, None]
    side = np.column_stack([-along[:, 1], along[:, 0]]) * RIBBON_WIDTH / 2
    corners = np.stack([start - side, end - side, end + side, start + side], axis=1).reshape(-1, 2)
    solid_corners = np.column_stack([corners, scene.ground.altitude(corners) + RIBBON_LIFT])
    first = np.arange(len(start))[:, None] * 4
    triangles = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])]).astype(np.int32)
    return Mesh(solid_corners, triangles), np.repeat(np.asarray(owner, dtype=np.intp), 4)


def _no_index() -> Indices:
    return np.empty(0, dtype=np.intp)
