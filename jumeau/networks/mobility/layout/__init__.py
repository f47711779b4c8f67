"""Laying out what the territory lacks: synthesis, and values imputed by stated rules."""
