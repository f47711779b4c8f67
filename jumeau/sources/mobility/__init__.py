"""Readers of traffic networks and demand."""
