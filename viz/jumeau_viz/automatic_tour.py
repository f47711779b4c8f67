"""The tour that results suggest: the town before, networks under their best variant, where most changes, the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.i18n import _, format_number, local
from jumeau.report.numbers import share_percent
from jumeau_viz.assets import AssetLayer
from jumeau_viz.camera import Camera
from jumeau_viz.captions import BASELINE, with_unit
from jumeau_viz.facts import NO_FACT, Fact, Facts
from jumeau_viz.frame import Floats
from jumeau_viz.scene import Scene
from jumeau_viz.stops import Stop, framed, whole_town

#: A session has time for so many, and is worth so many.
FEWEST_STOPS, MOST_STOPS = 5, 8
#: Stops that every tour has beside those of networks: the town before, the quarter where most changes, the total.
OTHERS = 3
#: Assets below which a quarter says nothing.
FEWEST_ASSETS = 5

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _Shown:
    """A layer under a variant that changes it."""

    place: int
    layer: AssetLayer
    variant: str

    @property
    def indicator(self) -> int:
        """The first indicator that the variant changes."""
        return next(iter(self.layer.moved(self.variant)), 0)

    def gaps(self) -> Floats:
        """Return how much each asset changes, shape (n,); what is not known or not there counts as nothing."""
        name = self.layer.indicators[self.indicator].name
        return np.abs(np.nan_to_num(self.layer.difference(name, self.variant)))


def automatic_tour(
    layers: Sequence[AssetLayer], scene: Scene, facts: Facts, zones: gpd.GeoDataFrame | None
) -> list[Stop]:
    """Return the stops, in the current language.

    Each has one large figure, taken with its label from one row of the summary.

    Parameters
    ----------
    layers : sequence of AssetLayer
        Those of the page.
    scene : Scene
    facts : Facts
    zones : GeoDataFrame or None
        Layer `zones` with a column `name`.
    """
    order = [name for name in facts.ranking() if any(name in layer.scenarios for layer in layers)]
    shown = _by_network(layers, order)[: MOST_STOPS - OTHERS]
    stops = [_before(layers, facts, shown)]
    stops += [_network(item, facts) for item in shown]
    if not shown:
        return [*stops, *([_total(layers, order[0], shown, facts)] if order else [])]
    quarters = _quarters(shown, scene, zones)
    missing = FEWEST_STOPS - len(stops) - 1 - len(quarters[:1])
    more = _other_variants(shown, order)[: max(missing, 0)]
    stops += [_network(item, facts) for item in more]
    missing -= len(more)
    stops += [
        _quarter(name, item, chosen, facts, first=not rank)
        for rank, (name, item, chosen) in enumerate(quarters[: 1 + max(missing, 0)])
    ]
    return [*stops, _total(layers, order[0], shown, facts)]


def _by_network(layers: Sequence[AssetLayer], order: Sequence[str]) -> list[_Shown]:
    """Return, for each network with a layer that changes, the first such layer under the best variant that does."""
    found: dict[str, _Shown] = {}
    for place, layer in enumerate(layers):
        changing = layer.changing
        best = next((name for name in order if name in changing), None)
        if best is not None and layer.network not in found and len(layer.ids):
            found[layer.network] = _Shown(place, layer, best)
    return list(found.values())


def _other_variants(shown: Sequence[_Shown], order: Sequence[str]) -> list[_Shown]:
    """Return the same layers under the variants that come next."""
    return [
        _Shown(item.place, item.layer, name)
        for item in shown
        for name in order
        if name in item.layer.changing and name != item.variant
    ]


def _before(layers: Sequence[AssetLayer], facts: Facts, shown: Sequence[_Shown]) -> Stop:
    place = shown[0].place if shown else 0
    fact = facts.figure(None, "energy", BASELINE) or NO_FACT
    return Stop(
        title=_("Whole town"),
        text=_("The situation before, over the period: {list}.").format(list=facts.list_of_figures(None, BASELINE)),
        camera=whole_town(layers, place),
        figure=fact.value,
        figure_label=fact.label,
        note=facts.captions.period(),
        layer=place,
        indicator=shown[0].indicator if shown else 0,
    )


def _network(item: _Shown, facts: Facts) -> Stop:
    network, variant = item.layer.network, item.variant
    fact = facts.figure(network, facts.speaking(network, variant), variant) or NO_FACT
    changed = item.gaps() > 0
    heads = item.layer.heads[changed] if changed.sum() >= FEWEST_ASSETS else item.layer.heads
    low, high = np.quantile(heads, [0.005, 0.995], axis=0)
    kept = heads[np.all((heads >= low) & (heads <= high), axis=1)]
    camera = framed(kept if len(kept) > 1 else heads)
    return _stop(item, fact, facts.captions.network(network), _sentence(facts, network, variant), camera)


def _sentence(facts: Facts, network: str | None, variant: str) -> str:
    title, told = facts.captions.variant(variant), facts.list_of_figures(network, variant)
    if not told:
        return _("With “{variant}”, none of the four figures is seen to change.").format(variant=title)
    return _("With “{variant}”: {list}.").format(variant=title, list=told)


def _quarters(shown: Sequence[_Shown], scene: Scene, zones: gpd.GeoDataFrame | None) -> list[tuple[str, _Shown, Mask]]:
    """Return the quarters, the one where most changes first, each with the layer that changes most there.

    Layers count alike, whatever their units: by the share of each one's change that lies in the quarter.
    """
    if zones is None or "name" not in zones or not len(zones):
        return []
    found = []
    for name, area in zip(zones["name"].astype(str), zones.geometry, strict=True):
        inside = [(item, *_inside(item, area, scene)) for item in shown]
        known = [(share, item, chosen) for item, chosen, share in inside if chosen.sum() >= FEWEST_ASSETS]
        if known:
            _most, item, chosen = max(known, key=lambda entry: entry[0])
            found.append((sum(entry[0] for entry in known) / len(shown), name, item, chosen))
    found.sort(key=lambda entry: -entry[0])
    return [(name, item, chosen) for share, name, item, chosen in found if share > 0.0]


def _inside(item: _Shown, area: shapely.Geometry, scene: Scene) -> tuple[Mask, float]:
    """Return which assets of a layer lie in an area, and the share of the layer's change that they hold."""
    places = scene.frame.to_world(item.layer.feet)[:, :2]
    shapely.prepare(area)
    chosen = np.asarray(shapely.contains_xy(area, places[:, 0], places[:, 1]))
    return chosen, _share(item, chosen)


def _share(item: _Shown, chosen: Mask) -> float:
    gaps = item.gaps()
    whole = float(gaps.sum())
    return float(gaps[chosen].sum()) / whole if whole else 0.0


def _quarter(name: str, item: _Shown, chosen: Mask, facts: Facts, *, first: bool) -> Stop:
    network, variant = item.layer.network, item.variant
    other = facts.other_indicator(network, variant)
    fact = facts.indicator(network, other, variant) if other else None
    fact = _whole_network(fact or facts.figure(network, facts.speaking(network, variant), variant))
    text = (
        _("Here most changes: {share} of what changes in “{indicator}” with “{variant}” ({layer}: {count} here).")
        if first
        else _("{share} of what changes in “{indicator}” with “{variant}” lies here ({layer}: {count} here).")
    )
    appearance = item.layer.appearance
    told = text.format(
        share=share_percent(_share(item, chosen)),
        indicator=with_unit(item.layer.indicators[item.indicator]),
        variant=facts.captions.variant(variant),
        layer=local(appearance.label or appearance.layer),
        count=format_number(int(chosen.sum())),
    )
    return _stop(item, fact, name, told, framed(item.layer.heads[chosen]))


def _stop(item: _Shown, fact: Fact, title: str, text: str, camera: Camera) -> Stop:
    """Return a stop that shows the change of a layer."""
    return Stop(
        title=title,
        text=text,
        camera=camera,
        figure=fact.value,
        figure_label=fact.label,
        note=fact.note,
        layer=item.place,
        indicator=item.indicator,
        scenario=item.variant,
        change=True,
    )


def _whole_network(fact: Fact | None) -> Fact:
    """Return a fact whose label says that it is not of the quarter alone: summaries have no figures by quarter."""
    if fact is None:
        return NO_FACT
    return Fact(_("{label} (whole network)").format(label=fact.label), fact.value, fact.note)


def _total(layers: Sequence[AssetLayer], variant: str, shown: Sequence[_Shown], facts: Facts) -> Stop:
    """Return the last stop: all networks together under the variant that comes first."""
    own = next((item for item in shown if item.variant == variant), None)
    place = own.place if own is not None else 0
    fact = facts.figure(None, facts.speaking(None, variant), variant) or NO_FACT
    worth = facts.criterion("collective_value", variant)
    notes = [fact.note, _("{criterion}: {value}.").format(criterion=worth.label, value=worth.value) if worth else ""]
    return Stop(
        title=_("All together"),
        text=_sentence(facts, None, variant),
        camera=whole_town(layers, place),
        figure=fact.value,
        figure_label=fact.label,
        note=" ".join(note for note in notes if note),
        layer=place,
        indicator=own.indicator if own is not None else 0,
        scenario=variant,
        change=own is not None,
    )
