"""Readers of waste containers in other people's formats."""
