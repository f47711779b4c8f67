"""The devices and works of mobility measures: price, life and messages, by the names of their factors."""

from __future__ import annotations

from jumeau.device import Device, Reliability

NETWORK = "mobility"

SENSOR = Device(
    NETWORK,
    "parking_sensor",
    "Parking sensor, per space",
    "sensor_price",
    "sensor_life",
    fee="sensor_fee",
    messages="sensor_messages",
    carbon="sensor_carbon",
    observes="Whether the space is free, so that drivers go straight to a free one",
    reliability=Reliability(
        "sensor_failures",
        "sensor_first_year_failures",
        vandalism="sensor_vandalism",
        battery="sensor_battery_life",
    ),
)
PRICE = Device(NETWORK, "parking_price", "Change of parking tariff, per space", "meter_price", "control_life")
CONTROL = Device(
    NETWORK, "parking_control", "Control of paid parking, per space", "meter_price", "control_life", fee="control_fee"
)
ADAPTIVE = Device(
    NETWORK,
    "adaptive_signals",
    "Adaptive control of a crossing",
    "adaptive_price",
    "adaptive_life",
    power="adaptive_power",
    fee="adaptive_fee",
    messages="adaptive_messages",
    carbon="adaptive_carbon",
    observes="Traffic on each approach, so that green goes where it is needed",
)
LOOP = Device(
    NETWORK,
    "traffic_loop",
    "Counting station of a street, both directions",
    "loop_price",
    "loop_life",
    fee="loop_fee",
    messages="loop_messages",
    carbon="loop_carbon",
    observes="Vehicles that pass, by direction and hour, so that demand between zones is known",
)
RETIMING = Device(NETWORK, "retiming", "New timing plan of a crossing", "retiming_price", "retiming_life")
LIMIT = Device(NETWORK, "speed_limit", "Lower speed limit, per metre", "limit_price", "limit_life")
CYCLEWAY = Device(NETWORK, "cycleway", "Cycleway, per metre", "cycleway_price", "cycleway_life")
CARPOOL = Device(NETWORK, "carpool", "Car-pooling service", "carpool_price", "carpool_life", fee="carpool_fee")
CHARGER = Device(
    NETWORK, "charger", "Charge point", "charger_price", "charger_life", fee="charger_fee", carbon="charger_carbon"
)
VEHICLE = Device(
    NETWORK,
    "electric_vehicle",
    "Electric vehicle (beyond one with an engine)",
    "electric_surcharge",
    "electric_life",
    carbon="electric_carbon",
)
