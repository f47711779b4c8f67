"""The layers of a run's map, in groups: what each shows, where it is, how it is drawn and what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np

from jumeau.attributes import Attribute
from jumeau.i18n import _, local
from jumeau.network import discover
from jumeau.report.numbers import unit_label
from jumeau.results.model import DEVICES, asset_table
from jumeau.territory.model import SHARED
from jumeau.vector_file import read_layer
from jumeau_viz.appearance import Indicator
from jumeau_viz.assets import AssetLayer
from jumeau_viz.captions import BASELINE, with_unit
from jumeau_viz.open_run import ASSETS, OpenRun
from jumeau_viz.palettes import NIGHT
from jumeau_viz.pictures import legend_title
from jumeau_viz.qgis.changes import ADDED, AFTER, BEFORE, CHANGE, CHANGED, DIFFERENCE, REMOVED, change_table, changes
from jumeau_viz.qgis.style import KINDS, Geometry, Kind, Style, graduated, kinds
from jumeau_viz.scene import street_widths

#: The file of what the map shows besides the results; beside them and not among them, since whatever reads
#: `assets.gpkg` (scripts, `read_results`, checksums) takes each of its layers for assets as a run left them.
MAP = "map.gpkg"

#: Column of the width in which streets are drawn [m].
DRAWN_WIDTH = "drawn_width"

Frames = dict[str, gpd.GeoDataFrame]
Aliases = Mapping[str, str]


@dataclass(frozen=True)
class MapLayer:
    """One layer of the map.

    Attributes
    ----------
    title : str
    file, table : str
        Where its features are, beside the project.
    style : Style
    aliases : mapping of str to str
        What each column holds, with its unit, in the current language.
    label_column : str
        What features are called by.
    where : str
        SQL that its features fulfil; empty for all.
    values : mapping of str to (mapping of str to str)
        By column of names, what its values are called.
    shown : bool
        Whether it is seen as the project opens.
    """

    title: str
    file: str
    table: str
    style: Style
    aliases: Aliases = field(default_factory=dict)
    label_column: str = ""
    where: str = ""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shown: bool = False

    @property
    def key(self) -> str:
        """A name that no other layer of the map has; QGIS passes over those of ten characters or fewer."""
        return f"jumeau_{self.table}__{self.style.column or 'all'}"


@dataclass(frozen=True)
class Group:
    """Layers under one heading, the upper ones drawn last."""

    title: str
    members: tuple[Group | MapLayer, ...]
    open: bool = False

    def layers(self) -> Iterator[MapLayer]:
        """Return all layers, from the top."""
        for member in self.members:
            if isinstance(member, Group):
                yield from member.layers()
            else:
                yield member


def map_groups(run: OpenRun) -> tuple[Group, Frames]:
    """Return the map of a run in the current language, and the tables of `map.gpkg` that it needs."""
    frames: Frames = {}
    networks = list(dict.fromkeys(layer.network for layer in run.layers))
    members = [
        _network(run, [layer for layer in run.layers if layer.network == name], frames, first=place == 0)
        for place, name in enumerate(networks)
    ]
    members.append(_territory(run, frames))
    return Group(run.captions.heading(), tuple(members), open=True), frames


def _network(run: OpenRun, assets: list[AssetLayer], frames: Frames, *, first: bool) -> Group:
    """Return the group of a network: before, then after and difference of each variant that changes or equips it."""
    name = assets[0].network
    shown = [layer.of_changed() for layer in assets]
    members = [Group(run.captions.before(), _situation(run, name, shown, BASELINE, frames, first=first), open=first)]
    for variant in dict.fromkeys(variant for layer in assets for variant in layer.variants):
        own = [layer for layer in shown if variant in layer.variants]
        members.append(Group(run.captions.after(variant), _situation(run, name, own, variant, frames)))
        differing = tuple(item for layer in own for item in _differences(run, layer, variant, frames))
        members.append(Group(run.captions.difference(variant), differing))
    return Group(run.captions.network(name), tuple(item for item in members if item.members), open=first)


def _situation(
    run: OpenRun, network: str, assets: list[AssetLayer], situation: str, frames: Frames, *, first: bool = False
) -> tuple[MapLayer, ...]:
    """Return what a network is like in a situation: its devices, then each indicator that is known of each layer."""
    found = _devices(run, network, situation, frames)
    for layer in assets:
        table = asset_table(layer.network, layer.appearance.layer, situation)
        if table not in run.tables:
            continue
        row = layer.scenarios.index(situation)
        found += [
            MapLayer(
                title=_title(layer, indicator),
                file=ASSETS,
                table=table,
                style=graduated(geometry_of(layer), indicator.name, layer.scale(indicator), with_unit(indicator)),
                aliases=column_aliases(layer),
                label_column=layer.appearance.label_column,
                shown=first and layer is assets[0] and indicator is layer.indicators[0],
            )
            for indicator in layer.indicators
            if np.isfinite(layer.values[indicator.name][row]).any()
        ]
    return tuple(found)


def _differences(run: OpenRun, layer: AssetLayer, variant: str, frames: Frames) -> list[MapLayer]:
    """Return the difference of each indicator that a variant changes, and what it adds and removes."""
    if layer.appearance.layer not in discover()[layer.network].attributes.layers:
        return []  # what happened, such as the rounds of trucks: nothing of it stays from one situation to the next
    frame = changes(layer, variant, run.territory.crs)
    if not len(frame):
        return []
    table = change_table(layer, variant)
    frames[table] = frame
    geometry = geometry_of(layer)
    values = {CHANGE: change_words()}
    aliases = _change_aliases(layer)
    name = layer.appearance.label_column
    found = []
    if (frame[CHANGE] != CHANGED).any():
        drawn = (
            Kind(ADDED, values[CHANGE][ADDED], KINDS[2], "triangle"),
            Kind(REMOVED, values[CHANGE][REMOVED], KINDS[5], "cross_fill"),
        )
        title = _("{layer}: added or removed").format(layer=_name(layer))
        style = Style(_("Added or removed"), geometry, CHANGE, kinds=drawn)
        where = f"\"{CHANGE}\" <> '{CHANGED}'"
        found.append(MapLayer(title, MAP, table, style, aliases, name, where, values))
    for indicator in layer.indicators:
        column = indicator.name + DIFFERENCE
        scale = layer.difference_scale(indicator)
        if (frame[column].abs() > scale.least).any():
            style = graduated(geometry, column, scale, legend_title(indicator, scale))
            where = f'abs("{column}") > {scale.least:g}'
            found.append(MapLayer(_title(layer, indicator), MAP, table, style, aliases, name, where, values))
    return found


def _devices(run: OpenRun, network: str, situation: str, frames: Frames) -> list[MapLayer]:
    """Return what a situation installs, in the words of the current language."""
    table = asset_table(network, DEVICES, situation)
    if table not in run.tables:
        return []
    devices = read_layer(run.assets, table)
    for column in ("label", "observes"):
        devices[column] = [_(text) if isinstance(text, str) else "" for text in devices[column]]
    frames[table] = devices
    labels = dict(zip(devices["kind"], devices["label"], strict=True))
    return [
        MapLayer(
            title=_("Devices installed"),
            file=MAP,
            table=table,
            style=Style(_("Devices installed"), "Point", "kind", kinds=kinds(labels)),
            aliases=_device_aliases(),
            label_column="label",
        )
    ]


def _territory(run: OpenRun, frames: Frames) -> Group:
    """Return what lies under the networks: streets, buildings, green areas and water, as pictures colour them."""
    drawn: tuple[tuple[str, str, Geometry], ...] = (
        ("buildings", _("Buildings"), "Polygon"),
        ("streets", _("Streets"), "Line"),
        ("green", _("Green areas"), "Polygon"),
        ("water", _("Rivers and ponds"), "Polygon"),
    )
    found = []
    for name, title, geometry in drawn:
        layer = run.territory.layers.get(name)
        if layer is None or not len(layer):
            continue
        aliases = {row.attribute: _said(row) for row in SHARED.of(name) if row.type != "geometry"}
        frame = layer.copy()
        width = ""
        if name == "streets":
            width, frame[DRAWN_WIDTH] = DRAWN_WIDTH, street_widths(layer)
            aliases[DRAWN_WIDTH] = f"{_('Width drawn')} [m]"
        frames[name] = frame
        style = Style(title, geometry, colour=NIGHT["roofs" if name == "buildings" else name], width_column=width)
        found.append(MapLayer(title, MAP, name, style, aliases, label_column=SHARED.identifier(name), shown=True))
    return Group(_("Territory"), tuple(found), open=True)


def geometry_of(layer: AssetLayer) -> Geometry:
    """Return what QGIS calls the shapes of a layer."""
    return "Line" if layer.appearance.geometry == "line" else "Point"


def column_aliases(layer: AssetLayer) -> dict[str, str]:
    """Return what the columns of a layer of assets hold, as `attributes.csv` and the page say."""
    table = discover()[layer.network].attributes
    rows = [*table.of(layer.appearance.layer), *table.outputs(layer.appearance.layer)]
    said = {row.attribute: _said(row) for row in rows if row.type != "geometry"}
    return {**said, **{item.name: with_unit(item) for item in layer.indicators}}


def _change_aliases(layer: AssetLayer) -> dict[str, str]:
    said = {layer.appearance.label_column: column_aliases(layer).get(layer.appearance.label_column, "")}
    said[CHANGE] = _("What the variant does to it")
    for item in layer.indicators:
        name = with_unit(item)
        said[item.name + BEFORE] = _("Before: {variant}").format(variant=name)
        said[item.name + AFTER] = _("After: {variant}").format(variant=name)
        said[item.name + DIFFERENCE] = _("Difference, after minus before: {variant}").format(variant=name)
    return {column: text for column, text in said.items() if text}


def _device_aliases() -> dict[str, str]:
    return {
        "device_id": _("Identifier of the device"),
        "kind": _("Kind of device"),
        "label": _("Device"),
        "observes": _("What it observes, and why"),
        "measure": _("Measure of the scenario"),
        "layer": _("Layer of what carries it"),
        "asset_id": _("Identifier of what carries it"),
        "messages_per_day": _("Messages a day"),
        "power": f"{_('Own electrical power')} [W]",
    }


def change_words() -> dict[str, str]:
    """Return how the values of the column `change` are called in the current language."""
    return {CHANGED: _("changed"), ADDED: _("added"), REMOVED: _("removed")}


def _title(layer: AssetLayer, indicator: Indicator) -> str:
    return _("{layer}: {indicator}").format(layer=_name(layer), indicator=with_unit(indicator))


def _name(layer: AssetLayer) -> str:
    return local(layer.appearance.label or layer.appearance.layer)


def _said(row: Attribute) -> str:
    """Return what a column holds, with its unit."""
    text, unit = _(row.description), unit_label(row.unit)
    return f"{text} [{unit}]" if unit and row.type in ("float", "integer") else text
