"""The devices and works of water measures: price, life and messages, by the names of their factors."""

from __future__ import annotations

from jumeau.device import Device, Reliability
from jumeau.networks.water.physics.sector_prices import METERS, STATION
from jumeau.networks.water.physics.sector_prices import VALVES as VALVE_PRICES

NETWORK = "water"

LOGGER = Device(
    NETWORK,
    "acoustic_logger",
    "Acoustic logger",
    "logger_price",
    "logger_life",
    fee="logger_fee",
    messages="logger_messages",
    carbon="logger_embodied_carbon",
    observes="Noise of the pipe at night, so that a hidden leak is known within days and located",
    reliability=Reliability(
        "logger_failures",
        "logger_first_year_failures",
        battery="logger_battery_life",
        false_alarms="logger_false_alarms",
    ),
)


def _sector_meter(label: str, price: str) -> Device:
    return Device(
        NETWORK,
        "sector_meter",
        label,
        price,
        "sector_meter_life",
        fee="sector_meter_fee",
        messages="sector_meter_messages",
        carbon="sector_meter_embodied_carbon",
        observes="Flow into the sector, so that a rise of the night flow is seen",
    )


def _sector_valve(label: str, price: str) -> Device:
    return Device(
        NETWORK,
        "sector_valve",
        label,
        price,
        "sector_valve_life",
        fee="sector_valve_fee",
        carbon="sector_valve_embodied_carbon",
    )


_METER_LABELS = (
    "Sector flow meter, up to DN 100",
    "Sector flow meter, up to DN 150",
    "Sector flow meter, up to DN 200",
    "Sector flow meter, up to DN 300",
    "Sector flow meter, above DN 300",
)
_VALVE_LABELS = ("Closed sector valve, up to DN 150", "Closed sector valve, above DN 150")

#: Sector meters in a chamber of their own, by the largest diameter that each is for [mm]; then closed valves.
SECTOR_METERS = tuple(
    (limit, _sector_meter(label, price)) for label, (limit, price) in zip(_METER_LABELS, METERS, strict=True)
)
SECTOR_VALVES = tuple(
    (limit, _sector_valve(label, price)) for label, (limit, price) in zip(_VALVE_LABELS, VALVE_PRICES, strict=True)
)
STATION_METER = _sector_meter("Sector flow meter in a station", STATION)
CONTROLLER = Device(
    NETWORK,
    "valve_controller",
    "Controller of a reducing valve",
    "controller_price",
    "controller_life",
    messages="controller_messages",
    carbon="controller_embodied_carbon",
    observes="Pressure behind the valve and its flow, so that the setting can follow the hour or the demand",
)
METER = Device(
    NETWORK,
    "remote_meter",
    "Meter read remotely",
    "remote_meter_price",
    "remote_meter_life",
    fee="remote_meter_fee",
    messages="remote_meter_messages",
    carbon="remote_meter_embodied_carbon",
    observes="Consumption, so that no round is needed and a leak after the meter is told to the customer",
)
RENEWAL = Device(
    NETWORK, "pipe_renewal", "Renewed pipe", "renewal_price", "renewal_life", carbon="renewal_embodied_carbon"
)

#: Nominal diameters for which a reducing valve has a price [mm]; a larger one takes the last.
VALVE_DIAMETERS = (100, 150, 200, 300)

VALVES = tuple(
    Device(
        NETWORK,
        f"reducing_valve_{diameter}",
        f"Reducing valve, DN {diameter}",
        f"reducing_valve_price_{diameter}",
        "reducing_valve_life",
        fee="reducing_valve_fee",
        carbon="reducing_valve_embodied_carbon",
    )
    for diameter in VALVE_DIAMETERS
)
CHAMBER = Device(
    NETWORK,
    "valve_chamber",
    "Chamber of a reducing valve",
    "valve_chamber_price",
    "valve_chamber_life",
    carbon="valve_chamber_embodied_carbon",
)
PRESSURE_SENSOR = Device(
    NETWORK,
    "critical_point_sensor",
    "Pressure sensor at a critical point",
    "pressure_sensor_price",
    "pressure_sensor_life",
    fee="pressure_sensor_fee",
    messages="pressure_sensor_messages",
    carbon="pressure_sensor_embodied_carbon",
    observes="Pressure of the worst served customer of a zone, so that its valve gives no more than is needed",
)
