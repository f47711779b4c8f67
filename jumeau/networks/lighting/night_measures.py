"""The measures that change when lamps give light: dimming, switching off, lighting again, corridors, curfews."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.bill import Bill
from jumeau.columns import changed, numbers, texts
from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.network import Layers, MeasureContext, Measured
from jumeau.networks.lighting import certificates, devices
from jumeau.networks.lighting.formats.windows import Window, join, read_profile
from jumeau.networks.lighting.parameters import Curfew, DarkCorridor, Dimming, LedRetrofit, Relighting, SwitchOff
from jumeau.networks.lighting.perimeters import corridor
from jumeau.networks.lighting.physics.inventory import DISCHARGE
from jumeau.networks.lighting.retrofit import new_luminaires, renegotiated, replaced
from jumeau.networks.lighting.selected import cabinets_of, left_out, names_of

Bools = NDArray[np.bool_]


def dimming(layers: Layers, selected: Bools, parameters: Dimming, context: MeasureContext) -> Measured:
    """Give the selected lamps windows of reduced output; those of their present profile stay in force."""
    return _dimmed(layers, selected, "dimming", parameters, context)


def _dimmed(layers: Layers, selected: Bools, measure: str, parameters: Dimming, context: MeasureContext) -> Measured:
    technology = texts(layers["lamps"], "technology")
    led, discharge = technology == "LED", np.isin(technology, DISCHARGE)
    done = selected & (led | discharge)
    windows = join(*(block.window().text for block in parameters.profile))
    new = _with_windows(layers, done, measure, windows)
    bill = tuple(
        item
        for device, chosen in ((devices.DRIVER_PROFILE, done & led), (devices.BALLAST, done & discharge))
        for item in device.bill(
            measure,
            "lamps",
            names_of(layers, chosen),
            context.factors,
            price=parameters.unit_cost,
            certificates=certificates.of_dimming(layers["lamps"], chosen, context.factors),
        )
    )
    notes = left_out(selected, done, _("{count} lamp(s) cannot be dimmed and stay at full output"))
    floor = context.factors.value("bipower_level")
    if (done & discharge).any() and min(block.level for block in parameters.profile) < floor:
        notes += (
            _("{count} discharge lamp(s) go no lower than {level} % of their flux").format(
                count=int((done & discharge).sum()), level=round(100 * floor)
            ),
        )
    return Measured(new, bill, notes)


def _with_windows(layers: Layers, selected: Bools, measure: str, windows: str) -> dict[str, gpd.GeoDataFrame]:
    profile = np.array([join(text, windows) for text in texts(layers["lamps"], "profile")], dtype=object)
    return changed(layers, "lamps", selected, measure, {"profile": profile})


def switch_off(layers: Layers, selected: Bools, parameters: SwitchOff, context: MeasureContext) -> Measured:
    """Switch the selected lamps off in a part of the night; cabinets without a clock get one."""
    new, bill = _switched_off(layers, selected, "switch_off", parameters.window(), context, parameters.unit_cost)
    return Measured(new, bill)


def _switched_off(
    layers: Layers, selected: Bools, measure: str, window: Window, context: MeasureContext, price: float | None
) -> tuple[Layers, Bill]:
    new = _with_windows(layers, selected, measure, window.text)
    control = texts(layers["cabinets"], "control")
    without = cabinets_of(layers, selected) & (control != "astronomical")
    new = changed(new, "cabinets", without, measure, {"control": "astronomical"})
    return new, devices.CLOCK.bill(
        measure, "cabinets", names_of(layers, without, "cabinets"), context.factors, price=price
    )


def _shared(layers: Layers, selected: Bools) -> tuple[str, ...]:
    """Return a note where a cabinet that switches the selected lamps off feeds others too."""
    count = int((cabinets_of(layers, selected) & cabinets_of(layers, ~selected)).sum())
    told = _(
        "{count} cabinet(s) also feed lamps that stay lit: these would need a feeder of their own, which is not priced"
    )
    return (told.format(count=count),) if count else ()


def relighting(layers: Layers, selected: Bools, parameters: Relighting, context: MeasureContext) -> Measured:
    """Light the selected lamps again where a profile switches them off; clocks of their cabinets are set anew."""
    lamps = layers["lamps"]
    # Named profiles are known to the assumptions alone: a lamp that has one may be switched off by it.
    profile = texts(lamps, "profile")
    dark = {text for text in set(profile) if _may_switch_off(text)}
    off = np.array([text in dark for text in profile], dtype=bool)
    done = selected & off
    new = _with_windows(layers, done, "relighting", parameters.window().text)
    concerned = cabinets_of(layers, done)
    bill = devices.CLOCK_SETTING.bill(
        "relighting", "cabinets", names_of(layers, concerned, "cabinets"), context.factors, price=parameters.unit_cost
    )
    return Measured(new, bill, left_out(selected, done, _("{count} lamp(s) are not switched off and stay as they are")))


def _may_switch_off(profile: str) -> bool:
    try:
        return any(window.level == 0.0 for window in read_profile(profile, {}))
    except InputError:
        return True


def dark_corridor(layers: Layers, selected: Bools, parameters: DarkCorridor, context: MeasureContext) -> Measured:
    """Make the selected lamps of dark corridors warm, dim them or switch them off.

    Where the territory says which lamps stand on corridors only these are concerned; else the selected ones are.
    """
    known = corridor(layers, context.factors)
    done = selected & known if known.any() else selected
    notes = left_out(selected, done, _("{count} lamp(s) off the dark corridors stay as they are"))
    new: Layers = changed(layers, "lamps", done, "dark_corridor", {"dark_corridor": True})
    bill: Bill = ()
    if parameters.cct is not None:
        new, bought, told = _warmed(new, done, parameters, parameters.cct, context)
        bill, notes = bill + bought, notes + told
    if parameters.dimming:
        dimmed = _dimmed(new, done, "dark_corridor", Dimming(profile=parameters.dimming), context)
        new, bill, notes = dimmed.layers, bill + dimmed.bill, notes + dimmed.notes
    if parameters.switch_off is not None:
        new, clocks = _switched_off(new, done, "dark_corridor", parameters.switch_off.window(), context, None)
        bill, notes = bill + clocks, notes + _shared(layers, done)
    return Measured(new, bill, notes)


def _warmed(
    layers: Layers, done: Bools, parameters: DarkCorridor, warmest: float, context: MeasureContext
) -> tuple[Layers, Bill, tuple[str, ...]]:
    """Replace luminaires whose light is colder than wanted."""
    lamps, factors = layers["lamps"], context.factors
    cct = numbers(lamps, "cct")
    with np.errstate(invalid="ignore"):  # an unknown colour is not colder
        cold = done & (cct > warmest)
    wanted = LedRetrofit().model_copy(update={"cct": warmest, "illuminance": parameters.illuminance})
    made = new_luminaires(layers, cold, wanted, factors)
    new = renegotiated(layers, replaced(layers, cold, "dark_corridor", made, wanted, factors), context)
    bill = devices.LED.bill("dark_corridor", "lamps", names_of(layers, cold), factors, price=parameters.luminaire_cost)
    told = left_out(
        done, done & ~np.isnan(cct), _("{count} lamp(s) of unknown colour temperature keep their light source")
    )
    return new, bill, (*told, *made.notes)


def curfew(layers: Layers, selected: Bools, parameters: Curfew, context: MeasureContext) -> Measured:
    """Switch the selected lamps off at the hours that the order sets for their category."""
    factors = context.factors
    category = texts(layers["lamps"], "legal_category")
    show, parking = selected & (category == "b"), selected & (category == "e")
    last = factors.value("curfew_heritage")
    if parameters.closing is not None:
        last = _earlier(last, parameters.closing + factors.value("curfew_park_delay"))
    # Lit again at sunset at the earliest: off for all that is left of the night.
    new, bill = _switched_off(layers, show, "curfew", Window(last % 24.0, 12.0, 0.0), context, parameters.unit_cost)
    notes = left_out(
        selected,
        show | parking,
        _("{count} lamp(s) have no curfew in the order (roads, sports grounds, unknown category)"),
    )
    off = show
    if parameters.closing is None:
        told = _("{count} lamp(s) of car parks: state `closing`, the end of the activity, to switch them off")
        notes += left_out(parking, show, told)
    else:
        end = factors.value("curfew_reopen")
        if parameters.opening is not None:
            end = min(end, parameters.opening - factors.value("curfew_reopen_lead"))
        start = (parameters.closing + factors.value("curfew_parking_delay")) % 24.0
        new, more = _switched_off(new, parking, "curfew", Window(start, end % 24.0, 0.0), context, parameters.unit_cost)
        bill, off = bill + more, show | parking
    return Measured(new, bill, notes + _shared(layers, off))


def _earlier(first: float, second: float) -> float:
    """Return the earlier in the night of two clock times [h]; the night begins at noon."""
    return min(first, second, key=lambda hour: (hour - 12.0) % 24.0)
