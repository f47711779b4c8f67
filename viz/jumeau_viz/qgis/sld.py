"""The same styles as OGC's Styled Layer Descriptor 1.1, for other programs than QGIS."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

from jumeau_viz.palettes import Band
from jumeau_viz.qgis.style import LINE, MARKER, OUTLINE, Colour, Style
from jumeau_viz.qgis.xml import child, element, written

#: SLD's sizes are pixels of 0.28 mm.
PIXEL = 0.28
_NAMESPACES = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc",
    "version": "1.1.0",
}
#: SLD's well-known names of marks.
_MARKS = {"diamond": "square", "pentagon": "circle", "cross_fill": "cross"}


def sld(style: Style, table: str) -> str:
    """Return the document of a style."""
    root = ET.Element("StyledLayerDescriptor", _NAMESPACES)
    layer = child(root, "NamedLayer")
    child(layer, "se:Name", table)
    user = child(layer, "UserStyle")
    child(user, "se:Name", style.name)
    rules = child(user, "se:FeatureTypeStyle")
    if style.bands:
        for place, band in enumerate(style.bands):
            rules.append(_rule(style, band.label, band.colour, _between(style.column, band, first=place == 0)))
    elif style.kinds:
        for kind in style.kinds:
            equal = element("ogc:PropertyIsEqualTo")
            child(equal, "ogc:PropertyName", style.column)
            child(equal, "ogc:Literal", kind.value)
            rules.append(_rule(style, kind.label, kind.colour, [equal], kind.mark))
    else:
        rules.append(_rule(style, style.name, style.colour, []))
    return written(root)


def _rule(style: Style, label: str, colour: Colour, tests: list[ET.Element], mark: str = "circle") -> ET.Element:
    rule = element("se:Rule")
    child(rule, "se:Name", label)
    if tests:
        where = child(rule, "ogc:Filter")
        (where if len(tests) == 1 else child(where, "ogc:And")).extend(tests)
    if style.geometry == "Point":
        graphic = child(child(rule, "se:PointSymbolizer"), "se:Graphic")
        drawn = child(graphic, "se:Mark")
        child(drawn, "se:WellKnownName", _MARKS.get(mark, mark))
        _parameter(child(drawn, "se:Fill"), "fill", _hex(colour))
        _parameter(child(drawn, "se:Stroke"), "stroke", _hex(OUTLINE))
        child(graphic, "se:Size", _pixels(MARKER))
    elif style.geometry == "Polygon":
        _parameter(child(child(rule, "se:PolygonSymbolizer"), "se:Fill"), "fill", _hex(colour))
    else:
        for tint, width in ((OUTLINE, LINE + 0.5), (colour, LINE)):
            stroke = child(child(rule, "se:LineSymbolizer"), "se:Stroke")
            _parameter(stroke, "stroke", _hex(tint))
            _parameter(stroke, "stroke-width", _pixels(width))
    return rule


def _between(column: str, band: Band, *, first: bool) -> list[ET.Element]:
    """Return the tests of a step: as in QGIS, a value on a break belongs to the step below."""
    tests = []
    lower = "ogc:PropertyIsGreaterThanOrEqualTo" if first else "ogc:PropertyIsGreaterThan"
    for name, value in ((lower, band.low), ("ogc:PropertyIsLessThanOrEqualTo", band.high)):
        if math.isfinite(value):
            test = element(name)
            child(test, "ogc:PropertyName", column)
            child(test, "ogc:Literal", repr(value))
            tests.append(test)
    return tests


def _parameter(parent: ET.Element, name: str, value: str) -> None:
    child(parent, "se:SvgParameter", value, name=name)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def _pixels(millimetres: float) -> str:
    return str(round(millimetres / PIXEL, 1))
