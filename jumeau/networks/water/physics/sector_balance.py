"""The water balance of a sector from what its meters say, with the range that their errors leave.

References
----------
IWA water balance and its 95 % limits: variances of independent terms add up (A. Lambert and W. Hirner, IWA Blue Pages,
2000). Ranges of factors are taken as tenth and ninetieth percentiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Of the normal law: half of the width between its tenth and ninetieth percentiles.
DECILE = 1.2815515655446004


@dataclass(frozen=True)
class Term:
    """A factor of the balance.

    Attributes
    ----------
    value, low, high : float
    """

    value: float
    low: float
    high: float

    @property
    def deviation(self) -> float:
        """Standard deviation that the range stands for."""
        return (self.high - self.low) / (2.0 * DECILE)


@dataclass(frozen=True)
class Losses:
    """Real losses of a period [m3].

    Attributes
    ----------
    value, low, high : float
        Tenth and ninetieth percentiles.
    consumption : float
        What customers really take.
    """

    value: float
    low: float
    high: float
    consumption: float


def real_losses(
    water_input: float,
    input_deviation: float,
    metered: float,
    *,
    meter_error: Term,
    unauthorised: Term,
    unmetered: Term,
    service: Term,
) -> Losses:
    """Return what leaks: input less consumption C = metered / (1 - error), and less what is taken without a meter.

    Parameters
    ----------
    water_input : float
        Net inflow [m3].
    input_deviation : float
        Standard deviation of what network meters make of it [m3].
    metered : float
        What customers' meters count [m3].
    meter_error : Term
        Share that customers' meters miss.
    unauthorised, unmetered, service : Term
        Uses as shares of C.
    """
    seen = 1.0 - meter_error.value
    consumption = metered / seen
    uses = 1.0 + unauthorised.value + unmetered.value + service.value
    value = water_input - consumption * uses
    terms = [
        input_deviation,
        metered * uses / seen**2 * meter_error.deviation,
        *(consumption * item.deviation for item in (unauthorised, unmetered, service)),
    ]
    spread = DECILE * float(np.sqrt(np.square(terms).sum()))
    return Losses(value, value - spread, value + spread, consumption)


def night_losses(night_flow: float, connections: float, use: float, hours: float) -> float:
    """Return the losses of a day that a night flow tells [m3/day].

    Parameters
    ----------
    night_flow : float
        Least inflow of the night [m3/h].
    connections : float
    use : float
        What a connection uses at night [m3/h].
    hours : float
        Hours of the night flow of leaks that make up their day [h/day]: fewer than 24 where pressure is higher at
        night.
    """
    return max(night_flow - connections * use, 0.0) * hours
