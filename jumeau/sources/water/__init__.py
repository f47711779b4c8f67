"""Readers and writers of water networks: EPANET, RAEPA 1.2, StaR-Eau V2024."""
