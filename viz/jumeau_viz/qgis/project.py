"""The QGIS project of a run: its layers in groups, in the territory's system, on the dark ground of the pictures."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pyproj

from jumeau_viz.open_run import OpenRun
from jumeau_viz.palettes import NIGHT
from jumeau_viz.qgis.layers import Group, MapLayer
from jumeau_viz.qgis.qml import VERSION, settings
from jumeau_viz.qgis.xml import child, element, written

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"

Bounds = tuple[float, float, float, float]


def project(run: OpenRun, groups: Group, bounds: Bounds) -> str:
    """Return the project as a text.

    Parameters
    ----------
    run : OpenRun
    groups : Group
        All layers; the group's own title is the project's.
    bounds : (float, float, float, float)
        What is seen first: west, south, east, north [m].

    Returns
    -------
    str
        A `.qgs` document; the layers' files are named relative to its folder.
    """
    crs = run.territory.crs
    root = element("qgis", projectname=groups.title, version=VERSION)
    child(root, "homePath", path="")
    child(root, "title", groups.title)
    child(root, "projectCrs").append(system(crs))
    tree = child(root, "layer-tree-group")
    child(tree, "customproperties")
    for member in groups.members:
        tree.append(_node(member))
    _canvas(root, crs, bounds)
    notes = " ".join((*run.captions.notes(), run.captions.money())).strip()
    layers = child(root, "projectlayers")
    order = child(root, "layerorder")
    for layer in groups.layers():
        layers.append(_layer(layer, crs, notes))
        child(order, "layer", id=layer.key)
    _properties(root)
    about = child(root, "projectMetadata")
    child(about, "type", "project")
    child(about, "title", groups.title)
    child(about, "abstract", notes)
    return written(root, DOCTYPE)


def system(crs: pyproj.CRS) -> ET.Element:
    """Return a coordinate system; QGIS knows it by its authority's code, or else by its definition."""
    found = element("spatialrefsys", nativeFormat="Wkt")
    authority = crs.to_authority()
    child(found, "wkt", crs.to_wkt())
    child(found, "srid", authority[1] if authority else "0")
    child(found, "authid", ":".join(authority) if authority else "")
    child(found, "description", crs.name)
    child(found, "geographicflag", "false")
    return found


def source(layer: MapLayer) -> str:
    """Return where the features of a layer are, as QGIS writes it."""
    where = f"|subset={layer.where}" if layer.where else ""
    return f"./{layer.file}|layername={layer.table}{where}"


def _node(member: Group | MapLayer) -> ET.Element:
    if isinstance(member, MapLayer):
        found = element(
            "layer-tree-layer",
            id=member.key,
            name=member.title,
            source=source(member),
            providerKey="ogr",
            checked="Qt::Checked" if member.shown else "Qt::Unchecked",
            expanded=int(member.shown and bool(member.style.bands)),
        )
        child(found, "customproperties")
        return found
    # A group is ticked where one of its layers is, so that ticking a layer is enough to see it everywhere else.
    found = element("layer-tree-group", name=member.title, checked="Qt::Checked", expanded=int(member.open))
    child(found, "customproperties")
    for item in member.members:
        found.append(_node(item))
    return found


def _layer(layer: MapLayer, crs: pyproj.CRS, notes: str) -> ET.Element:
    found = element(
        "maplayer",
        type="vector",
        geometry=layer.style.geometry,
        autoRefreshEnabled=0,
        hasScaleBasedVisibilityFlag=0,
        labelsEnabled=0,
        readOnly=0,
    )
    child(found, "id", layer.key)
    child(found, "datasource", source(layer))
    child(found, "layername", layer.title)
    child(found, "abstract", notes)
    child(found, "srs").append(system(crs))
    child(found, "provider", "ogr", encoding="UTF-8")
    found.extend(settings(layer))
    return found


def _canvas(root: ET.Element, crs: pyproj.CRS, bounds: Bounds) -> None:
    canvas = child(root, "mapcanvas", name="theMapCanvas", annotationsVisible=1)
    child(canvas, "units", "meters")
    extent = child(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), bounds, strict=True):
        child(extent, name, repr(round(value, 3)))
    child(canvas, "rotation", "0")
    child(canvas, "destinationsrs").append(system(crs))
    child(canvas, "rendermaptile", "0")


def _properties(root: ET.Element) -> None:
    properties = child(root, "properties")
    gui = child(properties, "Gui")
    for name, part in zip(("Red", "Green", "Blue"), NIGHT["ground"], strict=True):
        child(gui, f"CanvasColor{name}Part", str(part), type="int")
    child(child(properties, "Paths"), "Absolute", "false", type="bool")
    # Without it QGIS leaves the project's system aside.
    child(child(properties, "SpatialRefSys"), "ProjectionsEnabled", "1", type="int")
