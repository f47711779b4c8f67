"""The layers of a water network -> a model of `wntr`.

Layers speak the units of people (m3/h, mm, kW), the model those of `wntr` (m3/s, m, W). Importing `wntr` takes seconds,
which a town without water and a worker that only draws leaks should not pay: it is imported where it is used.
"""

from __future__ import annotations

from typing import Any

from jumeau.networks.water.formats.epanet_controls import add_controls
from jumeau.networks.water.formats.epanet_curves import add_curves
from jumeau.networks.water.formats.epanet_frames import carries
from jumeau.networks.water.formats.epanet_links import add_links
from jumeau.networks.water.formats.epanet_nodes import add_nodes
from jumeau.networks.water.formats.epanet_options import set_options
from jumeau.networks.water.formats.feature_rows import Layers


def model_of(layers: Layers) -> Any:
    """Return the network as a model of `wntr`.

    EPANET can run it where the layers came from no EPANET file. Where they carry the text of one, EPANET runs that text
    (`epanet.inp_of`), and the model only tells what is linked to what: it has no controls and no volume curves.

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
    if not carries(layers):
        add_controls(model, layers)
    return model
