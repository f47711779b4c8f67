"""What the waste network says about a period: the indicators of the report and of `summary.json`."""

from __future__ import annotations

from jumeau.network import IndicatorSpec

_SUM = "time: sum"
_POINT = "time: point"
_MEAN = "time: mean"
_MAX = "time: maximum"

INDICATORS = (
    IndicatorSpec("distance", "Way of trucks", "km", _SUM, group="work", key=True),
    IndicatorSpec("haul_distance", "Way of trucks: to and from the sites", "km", _SUM, group="work"),
    IndicatorSpec("collect_distance", "Way of trucks: between sites", "km", _SUM, group="work"),
    IndicatorSpec("truck_hours", "Hours of trucks on duty", "h", _SUM, group="work", key=True),
    IndicatorSpec("crew_hours", "Work of crews", "h", _SUM, group="work", additive=True),
    IndicatorSpec("rounds", "Rounds", "1", _SUM, group="work"),
    IndicatorSpec("rounds_per_day", "Rounds per day of collection", "1", _MEAN, group="work"),
    IndicatorSpec("trucks", "Trucks on the road on the busiest day", "1", _MAX, group="work", key=True),
    IndicatorSpec("visits", "Sites collected", "1", _SUM, group="work"),
    IndicatorSpec("lifts", "Containers lifted", "1", _SUM, group="work", key=True),
    IndicatorSpec("waste_volume", "Waste thrown in", "m3", _SUM, "neutral", "service"),
    IndicatorSpec("tonnes", "Waste collected", "tonne", _SUM, "neutral", "service", key=True),
    IndicatorSpec(
        "fill_at_pickup", "Fill of containers when they are emptied", "%", _MEAN, "higher", "service", key=True
    ),
    IndicatorSpec("overflow_events", "Containers found overflowing", "1", _SUM, group="service", key=True),
    IndicatorSpec("overflow_volume", "Waste left beside full containers", "m3", _SUM, group="service"),
    IndicatorSpec("service_level", "Waste that found room in its container", "%", _MEAN, "higher", "service", key=True),
    IndicatorSpec("missed_sites", "Sites not reached on the day planned", "1", _SUM, group="service"),
    IndicatorSpec("breakdowns", "Breakdowns of trucks", "failure", _SUM, group="service"),
    IndicatorSpec("night_hours", "Hours of collection at night (22-7 h)", "h", _SUM, group="service"),
    IndicatorSpec("crew_fuel", "Diesel of trucks", "l", _SUM, group="energy", additive=True, key=True),
    IndicatorSpec("gas", "Gas of trucks", "kWh", _SUM, group="energy"),
    IndicatorSpec("electricity", "Electricity of trucks", "kWh", _SUM, group="energy"),
    IndicatorSpec("energy", "Energy of trucks, all kinds", "kWh", _SUM, group="energy", additive=True),
    IndicatorSpec("energy_haul", "Energy of trucks: to and from the sites", "kWh", _SUM, group="energy"),
    IndicatorSpec("energy_collect", "Energy of trucks: between sites", "kWh", _SUM, group="energy"),
    IndicatorSpec("energy_lifts", "Energy of trucks: lifts and compaction", "kWh", _SUM, group="energy"),
    IndicatorSpec("energy_idle", "Energy of trucks: at rest", "kWh", _SUM, group="energy"),
    IndicatorSpec("fuel_per_tonne", "Diesel per tonne collected", "l/tonne", _MEAN, group="energy"),
    IndicatorSpec("distance_per_tonne", "Way per tonne collected", "km/tonne", _MEAN, group="work"),
    IndicatorSpec("carbon_total", "Operating emissions", "kgCO2e", _SUM, group="carbon", additive=True, key=True),
    IndicatorSpec("embodied_carbon", "Embodied carbon of devices", "kgCO2e", _POINT, group="carbon", additive=True),
    IndicatorSpec("energy_cost", "Cost of the trucks' energy", "EUR", _SUM, group="money"),
    IndicatorSpec("crew_cost", "Cost of crews", "EUR", _SUM, group="money"),
    IndicatorSpec("upkeep_cost", "Upkeep of trucks and fees of devices", "EUR", _SUM, group="money"),
    IndicatorSpec("operating_cost", "Operating cost", "EUR", _SUM, group="money", additive=True, key=True),
    IndicatorSpec("investment", "Investment", "EUR", _POINT, "neutral", "money", additive=True, key=True),
)
