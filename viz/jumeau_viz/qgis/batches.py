"""The map of a batch in QGIS: its layers are coloured as the page is, a style for each figure."""

from __future__ import annotations

import math
from pathlib import Path

from matplotlib.colors import to_rgb

from jumeau.batches.model import Batch
from jumeau.batches.page import Measure, classes_of, measures_of, values_of
from jumeau.batches.shades import Shade
from jumeau.batches.table import batch_table, table_columns, title_of
from jumeau.batches.writing import MAP, layers
from jumeau.report.numbers import unit_label
from jumeau_viz.palettes import Band
from jumeau_viz.qgis.layers import MapLayer
from jumeau_viz.qgis.storage import add_styles
from jumeau_viz.qgis.style import Geometry, Style


def style_batch(batch: Batch) -> Path:
    """Put the styles of its figures in the map of a batch, in the current language; CO2 first.

    Parameters
    ----------
    batch : Batch
        Its `batch.gpkg` is there.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        When the system refuses to write.
    """
    return add_styles(batch.folder / MAP, batch_layers(batch))


def batch_layers(batch: Batch) -> list[MapLayer]:
    """Return each layer of a batch's map with each of its styles."""
    table = batch_table(batch)
    measures = measures_of(table)
    values = values_of(batch, table, measures)
    aliases = {
        item.column: f"{item.told()} [{unit_label(item.unit)}]" if unit_label(item.unit) else item.told()
        for item in table_columns()
    }
    frames = layers(batch, table)
    found = []
    for variant in batch.variants:
        name = f"batch_{variant}"
        if name not in frames:
            continue
        geometry: Geometry = "Point" if set(frames[name].geom_type) == {"Point"} else "Polygon"
        for measure in measures:
            bands = _bands(measure, classes_of(measure, values.get(measure.key, {})))
            title = f"{measure.label} ({measure.unit})" if measure.unit else measure.label
            style = Style(title, geometry, measure.key, bands=bands)
            found.append(MapLayer(title_of(batch, variant), MAP, name, style, aliases, "title"))
    return found


def _bands(measure: Measure, classes: list[Shade]) -> tuple[Band, ...]:
    """Return the classes of the page in the unit of the column; the outer ones have no end."""
    found = []
    for place, item in enumerate(classes):
        red, green, blue = (round(255 * part) for part in to_rgb(item.colour))
        low = -math.inf if place == 0 else item.low / measure.factor
        high = math.inf if place == len(classes) - 1 else item.high / measure.factor
        found.append(Band(low, high, (red, green, blue), item.label))
    return tuple(found)
