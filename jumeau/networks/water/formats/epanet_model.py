"""The layers of a water network <-> the model that EPANET runs, through `wntr`.

Layers speak the units of people (m3/h, mm, kW), the model those of `wntr` (m3/s, m, W). Importing `wntr` takes seconds,
which a town without water and a worker that only draws leaks should not pay: it is imported where it is used.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj

from jumeau.networks.water.formats.epanet_controls import add_controls, control_table
from jumeau.networks.water.formats.epanet_curves import add_curves, curve_tables
from jumeau.networks.water.formats.epanet_links import add_links, link_tables
from jumeau.networks.water.formats.epanet_nodes import add_nodes, node_tables
from jumeau.networks.water.formats.epanet_options import set_options, setting_table
from jumeau.networks.water.formats.feature_rows import Layers, Row

#: Layers that a model gives, in this order; those that are kept though they are empty come first.
_LAYERS = (
    "water_junctions", "water_pipes", "water_demands", "water_tanks", "water_reservoirs", "water_pumps",
    "water_valves", "water_patterns", "water_curves", "water_controls", "water_settings",
)  # fmt: skip
_KEPT = _LAYERS[:2]


def model_of(layers: Layers) -> Any:
    """Return the network that EPANET can run.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        The layers of the water network (`networks/water/attributes.csv`); only pipes and junctions must be there.

    Returns
    -------
    wntr.network.WaterNetworkModel

    Raises
    ------
    InputError
        When a pipe has no roughness or a junction no elevation, a control cannot be read, or an end node is unknown.
    """
    import wntr  # type: ignore[import-untyped]

    model = wntr.network.WaterNetworkModel()
    set_options(model, layers)
    add_curves(model, layers)
    add_nodes(model, layers)
    add_links(model, layers)
    add_controls(model, layers)
    return model


def layers_of(model: Any, crs: pyproj.CRS) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a model; those without features are left out, pipes and junctions excepted.

    Parameters
    ----------
    model : wntr.network.WaterNetworkModel
    crs : pyproj.CRS
        In which the coordinates of the nodes stand.
    """
    tables = {
        **node_tables(model),
        **link_tables(model),
        **curve_tables(model),
        "water_controls": control_table(model),
        "water_settings": setting_table(model),
    }
    return {name: _frame(tables[name], crs) for name in _LAYERS if tables[name] or name in _KEPT}


def _frame(rows: list[Row], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows)
    shapes = table.pop("geometry") if "geometry" in table else [None] * len(table)
    table = table.loc[:, table.notna().any()] if len(table) else table
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(list(shapes), crs=crs), crs=crs)
