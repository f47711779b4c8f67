"""The devices of lighting measures: price, life, power and embodied carbon, by the names of their factors."""

from __future__ import annotations

from jumeau.device import Device

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
