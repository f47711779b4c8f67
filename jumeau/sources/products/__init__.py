"""What a territory's own layers (streets, buildings, people ...) can be imported from, by the name of a product.

Each product has a module here that reads it into the layers of `territory/attributes.csv`, or of a network.
"""

from __future__ import annotations

from jumeau.sources.format import by_name
from jumeau.sources.products.osm import OSM

#: The products, by the name that `imports` gives them.
PRODUCTS = by_name(
    OSM,
)
