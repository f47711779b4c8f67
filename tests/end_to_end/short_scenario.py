"""The text of the short scenario."""

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
