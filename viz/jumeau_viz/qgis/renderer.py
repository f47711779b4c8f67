"""QGIS's renderers and symbols."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

from jumeau_viz.qgis.style import LINE, MARKER, OUTLINE, Colour, Style
from jumeau_viz.qgis.xml import child, element, options

#: What QGIS takes for no limit: it reads no infinity.
FAR = 1e30
_TYPES = {"Point": "marker", "Line": "line", "Polygon": "fill"}


def renderer(style: Style) -> ET.Element:
    """Return the `renderer-v2` of a style: graduated, categorized or single."""
    common = {"forceraster": 0, "symbollevels": 0, "enableorderby": 0, "referencescale": -1}
    if style.bands:
        return _graduated(style, common)
    if style.kinds:
        return _categorized(style, common)
    found = element("renderer-v2", type="singleSymbol", **common)
    child(found, "symbols").append(symbol(style, "0", style.colour))
    return found


def _graduated(style: Style, common: dict[str, int]) -> ET.Element:
    found = element(
        "renderer-v2", type="graduatedSymbol", attr=style.column, graduatedMethod="GraduatedColor", **common
    )
    ranges, symbols = child(found, "ranges"), child(found, "symbols")
    for place, band in enumerate(style.bands):
        child(
            ranges,
            "range",
            lower=repr(band.low if math.isfinite(band.low) else -FAR),
            upper=repr(band.high if math.isfinite(band.high) else FAR),
            symbol=place,
            label=band.label,
            render="true",
        )
        symbols.append(symbol(style, str(place), band.colour))
    child(found, "source-symbol").append(symbol(style, "0", style.bands[len(style.bands) // 2].colour))
    child(found, "classificationMethod", id="Custom")
    return found


def _categorized(style: Style, common: dict[str, int]) -> ET.Element:
    found = element("renderer-v2", type="categorizedSymbol", attr=style.column, **common)
    categories, symbols = child(found, "categories"), child(found, "symbols")
    for place, kind in enumerate(style.kinds):
        child(categories, "category", value=kind.value, type="string", symbol=place, label=kind.label, render="true")
        symbols.append(symbol(style, str(place), kind.colour, kind.mark))
    child(found, "source-symbol").append(symbol(style, "0", style.kinds[0].colour))
    return found


def symbol(style: Style, name: str, colour: Colour, mark: str = "circle") -> ET.Element:
    """Return a symbol of one colour."""
    found = element("symbol", name=name, type=_TYPES[style.geometry], alpha=1, clip_to_extent=1, force_rhr=0)
    if style.geometry == "Point":
        _part(
            found,
            "SimpleMarker",
            {
                "name": mark,
                "color": rgba(colour),
                "outline_color": rgba(OUTLINE),
                "outline_width": "0.2",
                "outline_width_unit": "MM",
                "size": str(MARKER),
                "size_unit": "MM",
            },
        )
    elif style.geometry == "Polygon":
        _part(
            found,
            "SimpleFill",
            {"color": rgba(colour), "style": "solid", "outline_style": "no"},
        )
    elif style.width_column:
        part = _line(found, colour, 6.0, "MapUnit")
        part.append(_width(style.width_column))
    else:
        # The outline below, the colour on it; locked, so that QGIS takes the latter for the symbol's own.
        _line(found, OUTLINE, LINE + 0.5, "MM").set("locked", "1")
        _line(found, colour, LINE, "MM")
    return found


def rgba(colour: Colour) -> str:
    """Return a colour as QGIS writes it."""
    return ",".join(str(part) for part in (*colour, 255))


def _line(parent: ET.Element, colour: Colour, width: float, unit: str) -> ET.Element:
    return _part(
        parent,
        "SimpleLine",
        {
            "line_color": rgba(colour),
            "line_width": str(round(width, 3)),
            "line_width_unit": unit,
            "capstyle": "round",
            "joinstyle": "round",
        },
    )


def _part(parent: ET.Element, kind: str, values: dict[str, str]) -> ET.Element:
    part = child(parent, "layer", class_=kind, enabled=1, locked=0, pass_=0)
    options(part, values)
    return part


def _width(column: str) -> ET.Element:
    """Return what lets QGIS take the width of a line from a column."""
    found = element("data_defined_properties")
    whole = child(found, "Option", type="Map")
    child(whole, "Option", name="name", type="QString", value="")
    properties = child(child(whole, "Option", name="properties", type="Map"), "Option", name="outlineWidth", type="Map")
    child(properties, "Option", name="active", type="bool", value="true")
    child(properties, "Option", name="field", type="QString", value=column)
    child(properties, "Option", name="type", type="int", value=2)  # a column
    child(whole, "Option", name="type", type="QString", value="collection")
    return found
