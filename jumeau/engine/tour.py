"""The tour that a scenario writes: stops with a place, a layer, a variant, one sentence and one large figure.

It is words about results, not an input of runs: it is kept in the provenance and has no part in the key of any run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from jumeau.accounts import FIGURES, LINES, TOTAL
from jumeau.engine.places import asset_parts, find_place
from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.evaluation.criteria import CRITERIA
from jumeau.i18n import _
from jumeau.network import account_specs, discover
from jumeau.results.comparison import BASELINE
from jumeau.territory.model import Territory
from jumeau.yaml_types import Block, Text

if TYPE_CHECKING:
    from jumeau.engine.scenario import Scenario

#: Stops of the longest tour: more than any audience sits through.
MOST_STOPS = 40

#: Key path inside a stop, message, what to do, value.
Fault = tuple[tuple[str | int, ...], str, str, str]


class TourFigure(Block):
    """One figure of the results, shown large."""

    network: str | None = None
    """Network that the figure is of, or `total`; that of the stop when absent."""
    figure: Literal["energy", "fuel", "carbon", "cost"] | None = None
    """One of the four figures: the level before where the stop shows the baseline, else the change."""
    indicator: str | None = None
    """An indicator of the network, as reference/indicators.md lists them."""
    criterion: str | None = None
    """A criterion of the evaluation, such as `collective_value`."""

    @model_validator(mode="after")
    def _one(self) -> TourFigure:
        if sum(item is not None for item in (self.figure, self.indicator, self.criterion)) != 1:
            raise ValueError(_("give one of: figure, indicator, criterion"))
        return self


class TourStop(Block):
    """One stop of the guided tour."""

    title: Text
    """Title of the stop, or titles by language."""
    place: str | tuple[float, float] | None = None
    """A quarter, a street, an asset as `network/layer/id`, or `[x, y]` in the territory's CRS; else the whole town."""
    network: str | None = None
    """Network shown; that of the stop before when absent."""
    layer: str | None = None
    """Layer of the network that is shown; its main one when absent."""
    variant: str | None = None
    """Variant shown, or `baseline`; the baseline when absent."""
    change: bool = False
    """Whether the change from before is shown."""
    text: Text = ""
    """One sentence, or one by language."""
    figure: TourFigure | None = None
    """One large figure from the results."""
    when: Literal["day", "night"] | Annotated[int, Field(ge=0, le=23)] | None = None
    """Light of the view: `day`, `night` or an hour from 0 to 23; absent, as it is."""
    note: Text = ""
    """Note for who presents: the public does not see it."""

    @field_validator("title")
    @classmethod
    def _said(cls, value: Any) -> Any:
        texts = [value] if isinstance(value, str) else list(value.values())
        if not texts or not all(text.strip() for text in texts):
            raise ValueError(_("a stop needs a title"))
        return value

    @field_validator("place", mode="before")
    @classmethod
    def _placed(cls, value: Any) -> Any:
        pair = isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))
        if value is None or isinstance(value, str) or pair:
            return value
        raise ValueError(_("a place is a name, « network/layer/id », or [x, y] in the territory's CRS"))

    @field_validator("when", mode="before")
    @classmethod
    def _timed(cls, value: Any) -> Any:
        if value in (None, "day", "night") or (
            isinstance(value, int) and 0 <= value <= 23 and not isinstance(value, bool)
        ):
            return value
        raise ValueError(_("« day », « night » or an hour from 0 to 23 is expected"))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@cache
def drawn_layers(network: str) -> tuple[str, ...]:
    """Return the layers of a network that the page draws, its main one first."""
    file = discover()[network].folder / "appearance.yaml"
    if not file.is_file():
        return ()
    found = yaml.safe_load_all(file.read_text(encoding="utf-8"))
    return tuple(str(item["layer"]) for item in found if isinstance(item, dict) and "layer" in item)


def check_tour(scenario: Scenario) -> None:
    """Refuse a tour of things that do not exist, as far as the scenario alone tells.

    Raises
    ------
    InputError
        With line, key, value and the nearest name, for every problem at once.
    """
    problems = []
    for number, stop in enumerate(scenario.data.tour):
        for path, message, hint, value in (*_names(stop, scenario), *_figure_faults(stop)):
            found = scenario.problem(("tour", number, *path), message, hint)
            problems.append(replace(found, value=value))
    if problems:
        raise InputError(*problems)


def check_places(scenario: Scenario, territory: Territory) -> None:
    """Refuse a tour of places that the territory does not have, or of networks that are not simulated on it.

    Raises
    ------
    InputError
        With line, key, value and the nearest name, for every problem at once.
    """
    problems: list[Problem] = []
    simulated = scenario.networks()
    for number, stop in enumerate(scenario.data.tour):
        shown: list[tuple[tuple[str, ...], str | None]] = [(("network",), stop.network)]
        if stop.figure is not None:
            shown.append((("figure", "network"), stop.figure.network))
        for path, name in shown:
            if name not in (None, TOTAL, *simulated):
                text = _("the network « {name} » is not simulated here").format(name=name)
                found = scenario.problem(("tour", number, *path), text, _one_of(str(name), simulated))
                problems.append(replace(found, value=str(name)))
        if stop.place is None:
            continue
        try:
            find_place(stop.place, territory)
        except InputError as error:
            for item in error.problems:
                found = scenario.problem(("tour", number, "place"), item.message, item.hint)
                problems.append(replace(found, value=item.value))
    if problems:
        raise InputError(*problems)


def _names(stop: TourStop, scenario: Scenario) -> Iterator[Fault]:
    """Yield what is wrong with the names of network, layer, variant and asset."""
    networks = scenario.data.networks or list(discover())
    if stop.network is not None and stop.network not in networks:
        yield (("network",), _("unknown network"), _one_of(stop.network, networks), stop.network)
    if stop.layer is not None and stop.network is None:
        yield (("layer",), _("a layer is one of a network: add « network: … »"), "", stop.layer)
    elif stop.layer is not None and stop.network in networks:
        layers = drawn_layers(str(stop.network))
        if stop.layer not in layers:
            text = _("the page draws no such layer of « {network} »").format(network=stop.network)
            yield (("layer",), text, _one_of(stop.layer, layers), stop.layer)
    variants = [BASELINE, *scenario.data.variants]
    if stop.variant is not None and stop.variant not in variants:
        yield (("variant",), _("unknown variant"), _one_of(stop.variant, variants), stop.variant)
    if stop.change and stop.variant in (None, BASELINE):
        yield (("change",), _("a change is that of a variant: add « variant: … »"), "", "true")
    yield from _asset_faults(stop)


def _asset_faults(stop: TourStop) -> Iterator[Fault]:
    """Yield what is wrong with a place that can only be an asset."""
    if not isinstance(stop.place, str):
        return
    if not stop.place.strip():
        yield (("place",), _("a place cannot be empty: leave the key out for the whole town"), "", "")
    parts = asset_parts(stop.place)
    if parts is None:
        first, slash, _rest = stop.place.partition("/")
        # What begins with a network's name was meant for one of its assets; streets have slashes too.
        if slash and first in discover():
            yield (("place",), _("an asset is written « network/layer/id »"), "", stop.place)
        return
    network, layer, identifier = parts
    layers = discover()[network].attributes.layers
    if layer not in layers:
        text = _("the network « {network} » has no layer « {layer} »").format(network=network, layer=layer)
        yield (("place",), text, _one_of(layer, layers), stop.place)
    elif not identifier.strip():
        yield (("place",), _("an asset is written « network/layer/id »"), "", stop.place)


def _figure_faults(stop: TourStop) -> Iterator[Fault]:
    """Yield what is wrong with the large figure."""
    figure = stop.figure
    if figure is None:
        return
    network = figure.network or stop.network or TOTAL
    known = [*discover(), TOTAL]
    if figure.network is not None and figure.network not in known:
        yield (("figure", "network"), _("unknown network"), _one_of(figure.network, known), figure.network)
    if figure.criterion is not None:
        if figure.criterion not in CRITERIA:
            hint = _one_of(figure.criterion, list(CRITERIA))
            yield (("figure", "criterion"), _("unknown criterion"), hint, figure.criterion)
        if stop.variant in (None, BASELINE):
            text = _("a criterion is that of a variant: add « variant: … »")
            yield (("figure", "criterion"), text, "", figure.criterion)
        return
    if network not in known:
        return
    said = account_specs(LINES) if network == TOTAL else discover()[network].said
    names = [item.name for item in said]
    key, name = ("figure", figure.figure) if figure.figure is not None else ("indicator", str(figure.indicator))
    if name not in names:
        text = _("« {network} » says nothing of that name").format(network=network)
        offered = [item for item in FIGURES if item in names] if key == "figure" else names
        yield (("figure", key), text, _one_of(name, offered), name)


def _one_of(word: str, known: Iterable[str]) -> str:
    names = list(known)
    near = nearest(word, names)
    if near:
        return _("did you mean « {near} »?").format(near=near)
    return _("one of: {names}").format(names=shorten(names, 12))
