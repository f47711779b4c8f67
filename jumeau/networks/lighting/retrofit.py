"""LED luminaires in place of lamps: chosen by the flux that the street needs and the order allows, or imposed."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import changed, numbers, texts
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.network import Layers, MeasureContext, Measured
from jumeau.networks.lighting import certificates, devices
from jumeau.networks.lighting.luminaires import Luminaires, colour_share
from jumeau.networks.lighting.parameters import LedRetrofit
from jumeau.networks.lighting.perimeters import legal_caps, surroundings
from jumeau.networks.lighting.physics import legal, sizing
from jumeau.networks.lighting.physics.inventory import by_technology, cabinet_rows, system_power
from jumeau.networks.lighting.supports import renewed

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Uses whose lit area is a street's; the others have no class of lighting.
OF_STREETS = ("road", "ambience")


@dataclass(frozen=True)
class New:
    """New luminaires, one per lamp; arrays of shape (n,).

    Attributes
    ----------
    power, flux, cct : ndarray
        [W], [lm], [K].
    notes : tuple of str
    """

    power: Floats
    flux: Floats
    cct: Floats
    notes: tuple[str, ...] = ()


def led_retrofit(layers: Layers, selected: Bools, parameters: LedRetrofit, context: MeasureContext) -> Measured:
    """Replace the selected lamps by LED luminaires; power, flux, colour, upward light, gear and age change."""
    lamps, factors = layers["lamps"], context.factors
    done = selected & ((texts(lamps, "technology") != "LED") | parameters.replace_led)
    made = new_luminaires(layers, done, parameters, factors)
    new = replaced(layers, done, "led_retrofit", made, parameters, factors)
    if parameters.renegotiate_subscription:
        new = renegotiated(layers, new, context)
    names = list(texts(lamps, "lamp_id")[done])
    lit = done & (made.power > 0.0)
    bill = devices.LED.bill(
        "led_retrofit",
        "lamps",
        names,
        factors,
        price=parameters.unit_cost,
        certificates=certificates.of_luminaires(made.flux[lit] / made.power[lit], parameters.ulr, factors),
    )
    new, supports, unknown = renewed(new, done, parameters, context)
    stay = int((selected & ~done).sum())
    left = (_("{count} lamp(s) are LED already and stay").format(count=stay),) if stay else ()
    return Measured(new, bill + supports, (*left, *made.notes, *filter(None, [unknown])))


def replaced(
    layers: Layers, done: Bools, measure: str, made: New, parameters: LedRetrofit, factors: FactorTable
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with new luminaires in the rows `done`."""
    year = np.nan if parameters.installed_year is None else float(parameters.installed_year)
    return changed(
        layers,
        "lamps",
        done,
        measure,
        {
            "technology": "LED",
            "power": made.power,
            "gear_loss": factors.value("gear_loss_led"),
            "flux": made.flux,
            "cct": made.cct,
            "ulr": parameters.ulr,
            "installed_year": year,
        },
    )


def new_luminaires(layers: Layers, done: Bools, parameters: LedRetrofit, factors: FactorTable) -> New:
    """Return the luminaires that would take the place of each lamp, and what is to be told of those in `done`."""
    lamps = layers["lamps"]
    around, caps = surroundings(layers, factors), legal_caps(factors)
    category = texts(lamps, "legal_category")
    warmest = legal.colour_limit(category, around, caps)
    # Where no limit holds the usual colour is that of roads.
    usual = np.where(np.isfinite(warmest), warmest, caps.cct)
    cct = usual if parameters.cct is None else np.full(len(lamps), parameters.cct)
    area = numbers(lamps, "lit_area")
    limit = legal.density_limit(category, around, caps)
    by_need = parameters.by_need & np.isin(texts(lamps, "usage"), OF_STREETS) & (area > 0)
    if parameters.efficacy is None:
        efficacy = factors.value("efficacy_led") * colour_share(cct, factors)
    else:
        efficacy = np.full(len(lamps), parameters.efficacy)
    power = _imposed_power(lamps, parameters, by_technology("led_power_ratio_", texts(lamps, "technology"), factors))
    flux = power * efficacy
    notes: list[str] = []
    if by_need.any():
        needed = _needed(lamps, parameters, factors)
        cap = np.where(np.isnan(limit), np.inf, limit * area)
        rows = np.flatnonzero(by_need)
        shop, share = _range(parameters, efficacy[rows], factors)
        product, short, _over = sizing.chosen(shop.flux, needed[rows], cap[rows])
        flux[rows] = shop.flux[product]
        power[rows] = shop.flux[product] / (shop.efficacy[product] * share)
        missed = int(short[done[rows]].sum())
        if missed:
            told = _(
                "{count} luminaire(s) give less than the lighting class asks: the order or the range of products stops"
            )
            notes.append(told.format(count=missed))
        rest = int((done & ~by_need).sum())
        if rest:
            told = _("{count} lamp(s) without a street or a lit area: the new power is a share of the old")
            notes.append(told.format(count=rest))
    return New(power, flux, cct, (*notes, *_beyond(done, category, cct, flux, area, around, caps, parameters)))


def _range(parameters: LedRetrofit, efficacy: Floats, factors: FactorTable) -> tuple[Luminaires, Floats]:
    """Return the products, and the efficacy of each lamp's colour over theirs."""
    if parameters.products:
        known = sorted((item.flux, item.power) for item in parameters.products)
        flux = np.array([flux for flux, _power in known])
        return Luminaires(flux, flux / np.array([power for _flux, power in known])), np.ones(len(efficacy))
    middle = factors.value("efficacy_led") if parameters.efficacy is None else parameters.efficacy
    return Luminaires.of(middle), efficacy / middle


def _needed(lamps: gpd.GeoDataFrame, parameters: LedRetrofit, factors: FactorTable) -> Floats:
    """Return the flux that each lamp's street needs [lm]."""
    if parameters.illuminance is not None:
        wanted = np.full(len(lamps), parameters.illuminance)
    else:
        classes, roads = texts(lamps, "lighting_class"), texts(lamps, "road_class")
        known = {name: factors.value(f"class_lux_{name.lower()}") for name in set(classes) if name}
        usual = {road: factors.value(f"road_lux_{road}") for road in set(roads)}
        wanted = np.array(
            [known[name] if name else usual[road] for name, road in zip(classes, roads, strict=True)], dtype=np.float64
        )
    return sizing.needed_flux(
        wanted, numbers(lamps, "lit_area"), factors.value("led_utilance"), factors.value("led_maintenance_factor")
    )


def _imposed_power(lamps: gpd.GeoDataFrame, parameters: LedRetrofit, ratio: Floats) -> Floats:
    old = np.nan_to_num(numbers(lamps, "power"))
    if parameters.power is not None:
        return np.full(len(old), parameters.power)
    power = old * (ratio if parameters.power_ratio is None else parameters.power_ratio)
    for before, after in parameters.power_table.items():
        power[np.isclose(old, before)] = after
    return power


def _beyond(
    done: Bools,
    category: NDArray[np.object_],
    cct: Floats,
    flux: Floats,
    area: Floats,
    around: legal.Surroundings,
    caps: legal.Caps,
    parameters: LedRetrofit,
) -> tuple[str, ...]:
    """Return what new luminaires break of the order, as notes."""
    verdicts = legal.judge(category, cct, np.full(len(cct), parameters.ulr), flux, area, caps, around)
    count = {name: int((done & getattr(verdicts, name)).sum()) for name in ("flux", "cct", "ulr")}
    found = []
    if count["flux"]:
        told = _(
            "{count} of {total} new luminaires lie above the flux density that the order of 27 December 2018 allows"
        )
        if not parameters.by_need:
            told += _("; with `sizing: needed_flux` they are chosen by what the street needs, below it")
        found.append(told.format(count=count["flux"], total=int(done.sum())))
    if count["cct"]:
        told = _(
            "{count} of {total} new luminaires are of a colder light than the order of 27 December 2018 allows there"
        )
        found.append(told.format(count=count["cct"], total=int(done.sum())))
    if count["ulr"]:
        told = _("{count} of {total} new luminaires send more light upwards than the order of 27 December 2018 allows")
        found.append(told.format(count=count["ulr"], total=int(done.sum())))
    return tuple(found)


def renegotiated(old: Layers, new: Layers, context: MeasureContext) -> dict[str, gpd.GeoDataFrame]:
    """Lower known subscribed powers in proportion to the load of their cabinets."""
    cabinets = new["cabinets"].copy()
    row = cabinet_rows(old["lamps"], texts(cabinets, "cabinet_id"))
    fed = row >= 0
    loads = [
        np.bincount(row[fed], system_power(layers["lamps"], context.factors)[fed], minlength=len(cabinets))
        for layers in (old, new)
    ]
    ratio = np.divide(loads[1], loads[0], out=np.ones(len(cabinets)), where=loads[0] > 0)
    step = context.factors.value("subscription_step")
    subscribed = numbers(cabinets, "subscribed_power")
    stepped = np.ceil(subscribed * ratio / step - 1e-9) * step
    cabinets["subscribed_power"] = np.where(ratio < 1.0, np.minimum(stepped, subscribed), subscribed)
    return {**new, "cabinets": cabinets}
