"""The text of the short scenario, and the same with fewer networks: for what concerns the machinery alone."""

SHORT = """
name: short
title: {fr: Essai, en: Trial}
question: {fr: "Et alors ?", en: "So what?"}
territory: bourg_exemple
period: {start: 2025-01-01, end: 2025-01-31}
warmup: 20 days
seed: 42
replications: 4
assumptions: {waste: {streams: [glass]}, mobility: {parking_days: 1}}
variants:
  nothing: {}
  led:
    measures:
      - measure: lighting.led_retrofit
        where: {attributes: {technology: [HPS, MERCURY]}}
  alarms:
    measures:
      - measure: lighting.remote_management
"""

_ASSUMPTIONS = "assumptions: {waste: {streams: [glass]}, mobility: {parking_days: 1}}\n"
#: A tenth of the time of all four networks.
LIGHTING = SHORT.replace(_ASSUMPTIONS, "networks: [lighting]\n")
#: A network that a variant changes, and one that none does.
TWO_NETWORKS = SHORT.replace(_ASSUMPTIONS, "networks: [lighting, waste]\nassumptions: {waste: {streams: [glass]}}\n")
