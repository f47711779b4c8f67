"""Scenario file -> plan -> runs -> datasets. Knows networks by their contract only."""
