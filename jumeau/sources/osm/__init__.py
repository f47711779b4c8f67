"""OpenStreetMap files: their tags read into the layers of a territory."""
