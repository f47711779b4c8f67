"""Digests of layers, each computed once for as long as the layer lives."""

from __future__ import annotations

from weakref import ref

import geopandas as gpd

from jumeau.territory.model import layer_digest


class LayerDigests:
    """Digests by table: situations, draws and networks ask again and again for those of the same ones.

    For those alone who change no table in place, as engine and networks never do. A pickle leaves it empty: tables are
    other ones elsewhere.
    """

    def __init__(self) -> None:
        # No table is kept alive; one that comes to lie where another one was is not taken for it.
        self._known: dict[tuple[int, tuple[str, ...]], tuple[ref[gpd.GeoDataFrame], bytes]] = {}

    def __reduce__(self) -> tuple[type[LayerDigests], tuple[()]]:
        """Leave behind what is known."""
        return LayerDigests, ()

    def __call__(self, layer: gpd.GeoDataFrame, without: tuple[str, ...] = ()) -> bytes:
        """Return the digest of a layer.

        Parameters
        ----------
        layer : GeoDataFrame
        without : tuple of str
            Columns that do not count.
        """
        key = id(layer), without
        found = self._known.get(key)
        if found is None or found[0]() is not layer:
            kept = layer.drop(columns=list(without), errors="ignore") if without else layer
            found = self._known[key] = (ref(layer, lambda _gone: self._known.pop(key, None)), layer_digest(kept))
        return found[1]
