"""The yardsticks of water services: balance of volumes, French indicators, unavoidable losses, rule and fee.

References
----------
IWA water balance; P104.3, P105.3 and P106.3: order of 2 May 2007; unavoidable annual real losses (UARL): A. Lambert et
al., AQUA 48(6), 1999; threshold of yield: decree 2012-97 of 27 January 2012; network performance fee: law 2023-1322 and
decree 2024-787 of 9 July 2024.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Components of the UARL per metre of pressure: mains [l/km/day], connections [l/connection/day], private [l/km/day].
UARL_MAINS, UARL_CONNECTION, UARL_PRIVATE = 18.0, 0.8, 25.0

#: The performance coefficient of the fee: slope per point of yield, start [%], and highest value.
FEE_SLOPE, FEE_START, FEE_MOST = 0.0275, 65.0, 0.55


@dataclass(frozen=True)
class Volumes:
    """A water balance [m3].

    Attributes
    ----------
    input : float
        Put into the network.
    metered : float
        Billed on meters.
    authorised : float
        Metered, unmetered and the service's own.
    apparent_losses : float
        Under-registration of meters and unauthorised use.
    real_losses : float
        Leaks.
    """

    input: float
    metered: float
    authorised: float
    apparent_losses: float
    real_losses: float


def water_balance(
    consumption: float, meter_error: float, unauthorised: float, unmetered: float, service: float, real_losses: float
) -> Volumes:
    """Return the balance of a period.

    Parameters
    ----------
    consumption : float
        What customers with a meter really take, leaks after the meter included [m3].
    meter_error : float
        Share that meters miss.
    unauthorised, unmetered, service : float
        Taken without right, with right but without a meter, by the service itself [m3].
    real_losses : float
        [m3].
    """
    metered = consumption * (1.0 - meter_error)
    apparent = consumption * meter_error + unauthorised
    authorised = metered + unmetered + service
    return Volumes(authorised + apparent + real_losses, metered, authorised, apparent, real_losses)


def unavoidable_losses(mains: float, connections: float, private: float, pressure: float) -> float:
    """Return the unavoidable real losses [l/day].

    Parameters
    ----------
    mains, private : float
        Length of mains, and of private pipes before the meter [km].
    connections : float
    pressure : float
        Mean [m].
    """
    return (UARL_MAINS * mains + UARL_CONNECTION * connections + UARL_PRIVATE * private) * pressure


def decree_threshold(consumption_index: float, enough: float, base: float) -> float:
    """Return the yield that decree 2012-97 asks for [%]: `enough`, or `base` and a fifth of the index where lower.

    Parameters
    ----------
    consumption_index : float
        Linear index of consumption [m3/km/day].
    enough, base : float
        85, and 65 (70 where more than 2 Mm3 a year come from scarce water) [%].
    """
    return min(enough, base + consumption_index / 5.0)


def performance_fee_volume(billed: float, network_yield: float) -> float:
    """Return the volume that bears the network performance fee [m3], under the rule in force since 1 January 2025.

    The fee is this volume times its rate: what performance takes off is taken off the volume. The part that rewards
    asset management is left out, as is the term that the rule takes from the yield.

    Parameters
    ----------
    billed : float
        [m3].
    network_yield : float
        Metered over entering volume [%].
    """
    coefficient = min(max(FEE_SLOPE * (network_yield - FEE_START), 0.0), FEE_MOST)
    return billed * (1.0 - coefficient)
