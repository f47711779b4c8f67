"""The indicators of lighting."""

from __future__ import annotations

from jumeau.network import IndicatorSpec

SUM = "time: sum"
POINT = "time: point"
MEAN = "time: mean"

INDICATORS = (
    IndicatorSpec("energy", "Electricity", "kWh", SUM, group="energy", additive=True, key=True),
    IndicatorSpec("installed_power", "Installed power, gear included", "kW", POINT, group="energy"),
    IndicatorSpec("subscribed_power", "Subscribed power", "kVA", POINT, group="energy", key=True),
    IndicatorSpec("burning_hours", "Burning hours per lamp", "h", "time: sum area: mean", group="energy"),
    IndicatorSpec(
        "energy_density", "Annual energy consumption indicator (EN 13201-5)", "Wh/m2", MEAN, group="energy"
    ),
    IndicatorSpec("power_density", "Power density indicator (EN 13201-5)", "W/lx/m2", POINT, group="energy"),
    IndicatorSpec("energy_cost_variable", "Electricity, variable part", "EUR", SUM, group="money"),
    IndicatorSpec("energy_cost_fixed", "Electricity, fixed part", "EUR", SUM, group="money"),
    IndicatorSpec("energy_cost", "Electricity bill", "EUR", SUM, group="money", key=True),
    IndicatorSpec("maintenance_cost", "Maintenance", "EUR", SUM, group="money", key=True),
    IndicatorSpec("operating_cost", "Operating cost", "EUR", SUM, group="money", additive=True, key=True),
    IndicatorSpec("investment", "Investment", "EUR", POINT, "neutral", "money", additive=True, key=True),
    IndicatorSpec("energy_carbon", "Emissions of electricity", "kgCO2e", SUM, group="carbon"),
    IndicatorSpec("crew_fuel_carbon", "Emissions of the crews' fuel", "kgCO2e", SUM, group="carbon"),
    IndicatorSpec("carbon_total", "Operating emissions", "kgCO2e", SUM, group="carbon", additive=True, key=True),
    IndicatorSpec("embodied_carbon", "Embodied carbon of devices", "kgCO2e", POINT, group="carbon", additive=True),
    IndicatorSpec("failures", "Failures", "failure", SUM, group="service", key=True),
    IndicatorSpec("repairs", "Repairs", "item", SUM, better="neutral", group="service"),
    IndicatorSpec("dark_lamp_nights", "Nights without light through failures", "night", SUM, group="service", key=True),
    IndicatorSpec("detection_days", "Time from failure to detection", "day", MEAN, group="service"),
    IndicatorSpec("days_to_repair", "Time from failure to repair", "day", MEAN, group="service", key=True),
    IndicatorSpec("crew_hours", "Work of crews", "h", SUM, group="work", additive=True, key=True),
    IndicatorSpec("crew_km", "Way of crews", "km", SUM, group="work", additive=True),
    IndicatorSpec("crew_fuel", "Diesel of crews", "l", SUM, group="work", additive=True),
    IndicatorSpec("flux_noncompliant", "Lamps above the flux cap for new ones", "lamp", POINT, group="compliance"),
    IndicatorSpec("cct_noncompliant", "Lamps above the colour cap for new ones", "lamp", POINT, group="compliance"),
    IndicatorSpec("ulr_noncompliant", "Lamps above the sky cap for new ones", "lamp", POINT, group="compliance"),
    IndicatorSpec("legal_unknown", "Lamps of which too little is known to judge", "lamp", POINT, group="compliance"),
)  # fmt: skip
