"""Readers of foreign data, each returning tables or layers; with the formats of networks, all that opens such files."""
