"""Radio of devices: airtime, links, coverage of a territory, gateways and what they carry. Knows no network."""
