"""What QGIS keeps of a layer: renderer, names and words of its columns; as a style, and inside a project."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from jumeau_viz.qgis.layers import MapLayer
from jumeau_viz.qgis.renderer import renderer
from jumeau_viz.qgis.xml import child, element, written

#: The version whose files these are; later ones read them too.
VERSION = "3.22.0"
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_NUMBERS = {"Point": "0", "Line": "1", "Polygon": "2"}


def qml(layer: MapLayer) -> str:
    """Return the style of a layer as a QML document."""
    root = element("qgis", version=VERSION, styleCategories="Symbology|Fields|Forms|MapTips")
    root.extend(settings(layer))
    child(root, "layerGeometryType", _NUMBERS[layer.style.geometry])
    return written(root, DOCTYPE)


def settings(layer: MapLayer) -> list[ET.Element]:
    """Return the elements that a style and a layer of a project share."""
    found = [renderer(layer.style), _words(layer), _aliases(layer)]
    if layer.label_column:
        found.append(element("previewExpression", f'"{layer.label_column}"'))
        found.append(element("mapTip", _tip(layer)))
    return found


def _aliases(layer: MapLayer) -> ET.Element:
    found = element("aliases")
    for place, (column, text) in enumerate(layer.aliases.items()):
        child(found, "alias", field=column, index=place, name=text)
    return found


def _words(layer: MapLayer) -> ET.Element:
    """Return how values of columns of names are shown in tables and forms."""
    found = element("fieldConfiguration")
    for column, words in layer.values.items():
        widget = child(child(found, "field", name=column, configurationFlags="None"), "editWidget", type="ValueMap")
        pairs = child(child(child(widget, "config"), "Option", type="Map"), "Option", type="List", name="map")
        for value, text in words.items():
            child(child(pairs, "Option", type="Map"), "Option", type="QString", name=text, value=value)
    return found


def _tip(layer: MapLayer) -> str:
    """Return what the map tells of a feature under the pointer."""
    name = f'<b>[% "{layer.label_column}" %]</b>'
    column = layer.style.column
    if not layer.style.bands or column not in layer.aliases:
        return name
    return f'{name}<br>[% round("{column}", 2) %]'
