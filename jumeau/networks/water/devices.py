"""The devices and works of water measures: price, life and messages, by the names of their factors."""

from __future__ import annotations

from jumeau.device import Device

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
)
SECTOR_METER = Device(
    NETWORK,
    "sector_meter",
    "Sector flow meter",
    "sector_meter_price",
    "sector_meter_life",
    fee="sector_meter_fee",
    messages="sector_meter_messages",
    carbon="sector_meter_embodied_carbon",
    observes="Flow into the sector, so that a rise of the night flow is seen",
)
CONTROLLER = Device(
    NETWORK,
    "valve_controller",
    "Controller of a reducing valve",
    "controller_price",
    "controller_life",
    messages="controller_messages",
    carbon="controller_embodied_carbon",
    observes="Pressure behind the valve, so that it can be lowered at night",
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
