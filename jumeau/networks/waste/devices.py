"""The devices and works of waste measures: price, life and messages, by the names of their factors."""

from __future__ import annotations

from jumeau.device import Device, Reliability

NETWORK = "waste"

SENSOR = Device(
    NETWORK,
    "fill_sensor",
    "Fill sensor",
    "sensor_price",
    "sensor_life",
    fee="sensor_fee",
    messages="sensor_messages",
    carbon="sensor_embodied_carbon",
    observes="Fill of the container, so that trucks come when it is worth it and before it overflows",
    reliability=Reliability(
        "sensor_failures",
        "sensor_first_year_failures",
        vandalism="sensor_vandalism",
        fouling="sensor_fouling",
        battery="sensor_battery_life",
    ),
)
PLANNING = Device(
    NETWORK, "planning_software", "Planning of rounds, per truck", "planning_price", "planning_life", fee="planning_fee"
)
ELECTRIC_TRUCK = Device(
    NETWORK,
    "electric_truck",
    "Electric truck (beyond a diesel one)",
    "electric_surcharge",
    "electric_life",
    carbon="electric_embodied_carbon",
)
CHARGER = Device(NETWORK, "charger", "Charging point", "charger_price", "charger_life")
BIN = Device(NETWORK, "bin", "Wheeled bin", "bin_price", "container_life")
COLUMN = Device(NETWORK, "column", "Drop-off column", "column_price", "container_life")
FEE = Device(NETWORK, "incentive_fee", "Incentive fee, per bin", "fee_price", "fee_life", fee="fee_fee")
