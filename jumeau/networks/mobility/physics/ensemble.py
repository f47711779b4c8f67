"""Networks that differ a little from the one that is drawn: what is known of speeds is known roughly.

All drivers of one pair of zones on the same way is what a model makes of speeds that it takes for exact. Flows of an
ensemble are the mean over networks whose times are drawn anew, by road and by link, and their spread says how much a
flow depends on such times.

References
----------
Routes by drawn times: Y. Sheffi and W. B. Powell, "An algorithm for the equilibrium assignment problem with random link
times", Networks 12(2), 1982, doi:10.1002/net.3230120209.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jumeau.assignment import incidence, loaded
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.randomness import Streams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ensemble:
    """Networks of the same links with other times.

    Attributes
    ----------
    supply : Supply
    ratio : ndarray, shape (members, m)
        Time of each link over that of the network as drawn.
    """

    supply: Supply
    ratio: Floats

    def __len__(self) -> int:
        """Return the number of networks."""
        return len(self.ratio)

    @classmethod
    def of(cls, supply: Supply, values: Mapping[str, float], seed: int) -> Ensemble:
        """Return the ensemble of a network: the same for the same roads, links and seed, in whatever order.

        Parameters
        ----------
        supply : Supply
        values : mapping of str to float
            `ensemble_members`; `ensemble_road`, `ensemble_link` and `ensemble_access`: standard deviations of the
            logarithms of times, of whole roads, of single links, and of the ways between zones and streets.
        seed : int
        """
        members, size = max(int(values["ensemble_members"]), 1), len(supply.links)
        roads, road = np.unique(supply.road.astype(str), return_inverse=True)
        names, link = np.unique(supply.name.astype(str), return_inverse=True)
        ratio = np.ones((members, size))
        streams = Streams(seed, 0, "mobility")
        # A network without any perturbation is the one that is drawn.
        spreads = (values["ensemble_road"], values["ensemble_link"], values["ensemble_access"])
        for member in range(members):
            whole = streams.generator("road", "time", member).standard_normal(len(roads))[road.ravel()]
            single = streams.generator("link", "time", member).standard_normal(len(names))[link.ravel()]
            street = spreads[0] * whole + spreads[1] * single
            ratio[member] = np.exp(np.where(supply.connector, spreads[2] * single, street))
        return cls(supply, ratio)

    def passed(self, time: Floats, marked: Ints) -> sparse.csr_matrix:
        """Return which share of the trips between two zones passes some links, both directions of travel together.

        Parameters
        ----------
        time : ndarray, shape (m,)
            Times of the network as drawn.
        marked : ndarray of int, shape (k,)

        Returns
        -------
        csr_matrix, shape (k, zones * zones)
            Half for those who go, half for those who come back.
        """
        zones = len(self.supply.zones)
        found = sparse.csr_matrix((len(marked), zones * zones))
        for ratio in self.ratio:
            found = found + incidence(self.supply.links, time * ratio, zones, marked)
        pair = np.arange(zones * zones)
        back = found[:, (pair % zones) * zones + pair // zones]
        return sparse.csr_matrix((found + back) * (0.5 / len(self)))

    def flows(self, time: Floats, trips: Floats) -> Floats:
        """Return the flow of each link in each network, shape (members, m), at the times of the network as drawn.

        Parameters
        ----------
        time : ndarray, shape (m,)
        trips : ndarray, shape (zones, zones)
            In each direction.
        """
        return np.stack([loaded(self.supply.links, time * ratio, trips) for ratio in self.ratio])
