"""What the mobility network says about a period: the indicators of the report and of `summary.json`."""

from __future__ import annotations

from jumeau.network import IndicatorSpec

_SUM = "time: sum"
_POINT = "time: point"
_MEAN = "time: mean"

INDICATORS = (
    IndicatorSpec("distance", "Distance driven", "km", _SUM, group="service", key=True),
    IndicatorSpec("heavy_distance", "Distance driven by trucks", "km", _SUM, group="service"),
    IndicatorSpec("hours", "Time spent driving", "h", _SUM, group="service", key=True),
    IndicatorSpec("delay", "Delay in traffic and at lights", "h", _SUM, group="service", key=True),
    IndicatorSpec("light_delay", "Mean wait at traffic lights", "s", _MEAN, group="service", key=True),
    IndicatorSpec("detour_hours", "Time lost to streets closed by repairs", "h", _SUM, group="service"),
    IndicatorSpec("detour_distance", "Detours round streets closed by repairs", "km", _SUM, group="service"),
    IndicatorSpec("car_trips", "Trips by car", "trip", _SUM, group="service"),
    IndicatorSpec("access", "Jobs that a resident reaches by car", "job", _MEAN, "higher", "service"),
    IndicatorSpec(
        "access_worst", "Jobs reached by the tenth of residents who reach the fewest", "job", _MEAN, "higher", "service"
    ),
    IndicatorSpec("search_time", "Mean search time for a space", "min", _MEAN, group="service", key=True),
    IndicatorSpec("search_unguided", "Mean search time for a space, without guidance", "min", _MEAN, group="service"),
    IndicatorSpec("search_guided", "Mean search time for a space, with guidance", "min", _MEAN, group="service"),
    IndicatorSpec("search_peak", "Mean search time for a space at the worst hour", "min", _MEAN, group="service"),
    IndicatorSpec("cruising", "Distance cruising for a space", "km", _SUM, group="service", key=True),
    IndicatorSpec("turned_away", "Drivers who found no space", "vehicle", _SUM, group="service"),
    IndicatorSpec("walk", "Mean walking distance from the space", "m", _MEAN, group="service"),
    IndicatorSpec("occupancy", "Occupancy of spaces from 9 to 19 h", "%", _MEAN, "neutral", "service", key=True),
    IndicatorSpec("charges", "Charges of electric vehicles", "1", _SUM, "neutral", "service"),
    IndicatorSpec("charging_wait", "Mean wait for a charge point", "min", _MEAN, group="service"),
    IndicatorSpec("charges_missed", "Drivers who found no free charge point", "vehicle", _SUM, group="service"),
    IndicatorSpec("unready", "Municipal vehicles not full in the morning", "vehicle", _SUM, group="service"),
    IndicatorSpec("count_r2", "Fit of daily flows on counts held out: R2", "1", _MEAN, "neutral", "service"),
    IndicatorSpec(
        "count_geh", "Counts held out whose GEH is below 5 at the morning peak", "%", _MEAN, "neutral", "service"
    ),
    IndicatorSpec("petrol", "Petrol", "l", _SUM, group="energy"),
    IndicatorSpec("diesel", "Diesel of traffic", "l", _SUM, group="energy"),
    IndicatorSpec("electricity", "Electricity of vehicles", "kWh", _SUM, group="energy"),
    IndicatorSpec("energy", "Energy of vehicles, all kinds", "kWh", _SUM, group="energy", additive=True, key=True),
    IndicatorSpec("fleet_fuel", "Fuel of the municipal fleet", "l", _SUM, group="energy"),
    IndicatorSpec("fleet_electricity", "Electricity of the municipal fleet", "kWh", _SUM, "neutral", "energy"),
    IndicatorSpec("charged", "Energy drawn at charge points", "kWh", _SUM, "neutral", "energy"),
    IndicatorSpec("carbon_total", "Operating emissions", "kgCO2e", _SUM, group="carbon", additive=True, key=True),
    IndicatorSpec("carbon_cruising", "Emissions of cruising for a space", "kgCO2e", _SUM, group="carbon"),
    IndicatorSpec("nox", "Nitrogen oxides", "kg", _SUM, group="carbon"),
    IndicatorSpec("particles", "Particles at the exhaust", "kg", _SUM, group="carbon"),
    IndicatorSpec("embodied_carbon", "Embodied carbon of devices", "kgCO2e", _POINT, group="carbon", additive=True),
    IndicatorSpec("user_fuel_cost", "Users: fuel and electricity", "EUR", _SUM, group="money"),
    IndicatorSpec("user_time_cost", "Users: value of the time spent", "EUR", _SUM, group="money"),
    IndicatorSpec("user_parking_cost", "Users: parking", "EUR", _SUM, "neutral", "money"),
    IndicatorSpec("receipts", "Town: receipts of parking", "EUR", _SUM, "higher", "money", key=True),
    IndicatorSpec("fleet_cost", "Town: energy of the fleet", "EUR", _SUM, group="money"),
    IndicatorSpec("upkeep_cost", "Town: fees and upkeep of devices", "EUR", _SUM, group="money"),
    IndicatorSpec("operating_cost", "Operating cost", "EUR", _SUM, group="money", additive=True, key=True),
    IndicatorSpec("investment", "Investment", "EUR", _POINT, "neutral", "money", additive=True, key=True),
)
