"""The devices of lighting measures: price, life, power and embodied carbon, by the names of their factors."""

from __future__ import annotations

from jumeau.device import Device, Reliability

NETWORK = "lighting"

# A luminaire draws what the lamps layer says: its power on the bill stays zero, so that nothing is counted twice.
LED = Device(NETWORK, "led_luminaire", "LED luminaire", "led_price", "led_life", carbon="led_embodied_carbon")
NODE = Device(
    NETWORK,
    "lighting_node",
    "Remote management node",
    "node_price",
    "node_life",
    power="node_standby",
    fee="node_fee",
    messages="node_messages",
    carbon="node_embodied_carbon",
    observes="State and power of the lamp, so that a fault is known without a patrol",
    reliability=Reliability("node_failures", "node_first_year_failures", false_alarms="node_false_alarms"),
)
MOTION = Device(
    NETWORK,
    "motion_sensor",
    "Motion sensor",
    "motion_price",
    "motion_life",
    power="motion_standby",
    messages="motion_messages",
    carbon="motion_embodied_carbon",
    observes="Passages under the lamp, so that light follows people and vehicles",
)
DRIVER_PROFILE = Device(
    NETWORK, "driver_profile", "Dimming profile of an LED driver", "dimming_cost_led", "dimming_life"
)
BALLAST = Device(
    NETWORK,
    "bipower_ballast",
    "Bi-power ballast",
    "dimming_cost_discharge",
    "dimming_life",
    carbon="ballast_embodied_carbon",
)
CLOCK = Device(
    NETWORK, "astronomical_clock", "Astronomical clock", "clock_price", "clock_life", carbon="clock_embodied_carbon"
)
CLO = Device(NETWORK, "constant_light_output", "Constant light output of an LED driver", "clo_cost", "led_life")
# The work that it is lasts as long as the clock that is set.
CLOCK_SETTING = Device(NETWORK, "clock_setting", "Setting of a cabinet's clock", "clock_setting_price", "clock_life")

MAST = Device(NETWORK, "mast", "Mast", "mast_price", "mast_life", carbon="mast_embodied_carbon")
BRACKET = Device(NETWORK, "bracket", "Bracket", "bracket_price", "bracket_life", carbon="bracket_embodied_carbon")
CONNECTED_CLOCK = Device(
    NETWORK,
    "connected_clock",
    "Connected clock",
    "connected_clock_price",
    "connected_clock_life",
    fee="connected_clock_fee",
    messages="connected_clock_messages",
    carbon="connected_clock_embodied_carbon",
    observes="State of the cabinet, so that its hours are set and its failures told without a visit",
)
FEEDER_SWITCH = Device(NETWORK, "feeder_switch", "Contactor of a feeder", "feeder_switch_price", "feeder_switch_life")
FUSE = Device(NETWORK, "pulled_fuse", "Lamp put out by its fuse", "fuse_price", "fuse_life")
