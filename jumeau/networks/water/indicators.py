"""What the water network says about a year: the indicators of the report and of `summary.json`."""

from __future__ import annotations

from jumeau.network import IndicatorSpec

_SUM = "time: sum"
_POINT = "time: point"
_MEAN = "time: mean"

INDICATORS = (
    IndicatorSpec("input_volume", "Water put into the network", "m3", _SUM, group="water", key=True),
    IndicatorSpec("consumption", "Water consumed by customers", "m3", _SUM, "neutral", "water"),
    IndicatorSpec("metered_volume", "Water billed to customers", "m3", _SUM, "higher", "water"),
    IndicatorSpec("authorised_volume", "Authorised consumption", "m3", _SUM, "neutral", "water"),
    IndicatorSpec("apparent_losses", "Apparent losses (meters, unauthorised use)", "m3", _SUM, group="water"),
    IndicatorSpec("real_losses", "Real losses", "m3", _SUM, group="water", key=True),
    IndicatorSpec("background_losses", "Real losses: background leakage", "m3", _SUM, group="water"),
    IndicatorSpec("visible_losses", "Real losses: leaks that show at the surface", "m3", _SUM, group="water"),
    IndicatorSpec("hidden_losses", "Real losses: hidden leaks", "m3", _SUM, group="water"),
    IndicatorSpec("customer_losses", "Leaks after the meter", "m3", _SUM, group="water"),
    IndicatorSpec("network_yield", "Yield of the network (P104.3)", "%", _MEAN, "higher", "water", key=True),
    IndicatorSpec(
        "unaccounted_index", "Linear index of volumes not metered (P105.3)", "m3/km/day", _MEAN, group="water"
    ),
    IndicatorSpec("loss_index", "Linear index of losses (P106.3)", "m3/km/day", _MEAN, group="water", key=True),
    IndicatorSpec("leakage_index", "Infrastructure leakage index (ILI)", "1", _MEAN, group="water"),
    IndicatorSpec(
        "decree_margin",
        "Yield above the threshold of decree 2012-97 (of 27 January 2012)",
        "%",
        _MEAN,
        "higher",
        "compliance",
        key=True,
    ),
    IndicatorSpec("leaks", "New leaks", "failure", _SUM, group="service"),
    IndicatorSpec("repairs", "Leaks mended", "failure", _SUM, "neutral", "service"),
    IndicatorSpec("awareness_days", "Mean time until a hidden leak is known", "day", _MEAN, group="service", key=True),
    IndicatorSpec("location_days", "Mean time to locate a known hidden leak", "day", _MEAN, group="service", key=True),
    IndicatorSpec("repair_days", "Mean time from location to repair", "day", _MEAN, group="service"),
    IndicatorSpec("found_by_report", "Leaks found by report", "failure", _SUM, "neutral", "service"),
    IndicatorSpec("found_by_survey", "Leaks found by survey", "failure", _SUM, "neutral", "service"),
    IndicatorSpec("found_by_logger", "Leaks found by acoustic loggers", "failure", _SUM, "neutral", "service"),
    IndicatorSpec("found_by_sector", "Leaks found by sector meters", "failure", _SUM, "neutral", "service"),
    IndicatorSpec("mean_pressure", "Mean pressure at connections", "m", _MEAN, "neutral", "service"),
    IndicatorSpec("low_pressure_customers", "Customers below the minimum pressure", "customer", _MEAN, group="service"),
    IndicatorSpec("interruption_hours", "Customer-hours without water", "customer*h", _SUM, group="service"),
    IndicatorSpec("street_closures", "Hours of streets closed by repairs", "h", _SUM, group="service"),
    IndicatorSpec(
        "energy", "Electricity for production and pumping", "kWh", _SUM, group="energy", additive=True, key=True
    ),
    IndicatorSpec("energy_carbon", "Emissions of electricity", "kgCO2e", _SUM, group="carbon"),
    IndicatorSpec("crew_fuel_carbon", "Emissions of the crews' fuel", "kgCO2e", _SUM, group="carbon"),
    IndicatorSpec("carbon_total", "Operating emissions", "kgCO2e", _SUM, group="carbon", additive=True, key=True),
    IndicatorSpec("embodied_carbon", "Embodied carbon of devices", "kgCO2e", _POINT, group="carbon", additive=True),
    IndicatorSpec("energy_cost", "Cost of electricity (within the marginal cost)", "EUR", _SUM, group="money"),
    IndicatorSpec("production_cost", "Marginal cost of the water put into the network", "EUR", _SUM, group="money"),
    IndicatorSpec("loss_cost", "Real losses at marginal cost", "EUR", _SUM, group="money"),
    IndicatorSpec("loss_retail", "Real losses at retail price, for comparison only", "EUR", _SUM, group="money"),
    IndicatorSpec("maintenance_cost", "Search, repairs, meter reading and fees", "EUR", _SUM, group="money"),
    IndicatorSpec("performance_fee", "Network performance fee (rule of 2025)", "EUR", _SUM, group="money"),
    IndicatorSpec("operating_cost", "Operating cost", "EUR", _SUM, group="money", additive=True, key=True),
    IndicatorSpec("investment", "Investment", "EUR", _POINT, "neutral", "money", additive=True, key=True),
    IndicatorSpec("crew_hours", "Work of crews", "h", _SUM, group="work", additive=True),
    IndicatorSpec("crew_km", "Way of crews", "km", _SUM, group="work", additive=True),
    IndicatorSpec("crew_fuel", "Diesel of crews", "l", _SUM, group="work", additive=True, key=True),
    IndicatorSpec("reading_hours", "Hours of meter reading", "h", _SUM, group="work"),
    IndicatorSpec(
        "superposition_gap",
        "Leak flow, gap to EPANET with all leaks at once at month ends",
        "%",
        _MEAN,
        "neutral",
        "quality",
    ),
)
