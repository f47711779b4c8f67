"""How many gateways, where: the fewest that hear enough devices, what they carry, what they cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.radio.coverage import LORAWAN, Links, bearable, find_links
from jumeau.radio.path_loss import LossModel
from jumeau.radio.places import Devices, Sites
from jumeau.radio.plan import RadioPlan, radio_plan
from jumeau.radio.relief import Relief
from jumeau.radio.set_cover import Cover, cover
from jumeau.radio.tables import FACTORS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wanted:
    """What gateways have to give.

    Attributes
    ----------
    share : float
        Of the devices that must be covered.
    redundancy : int
        Gateways that must hear a device.
    chance : float
        With which a gateway must hear it, over the shadowing.
    spreading : int
        Slowest spreading factor allowed.
    time_limit : float
        Of the exact solver [s].
    """

    share: float = 0.95
    redundancy: int = 1
    chance: float = 0.9
    spreading: int = 12
    time_limit: float = 60.0


@dataclass(frozen=True)
class Costs:
    """What a set of gateways costs: investment [EUR] and by year [EUR/year]."""

    investment: float
    annual: float


@dataclass(frozen=True)
class Sized:
    """Gateways, and what they give.

    Attributes
    ----------
    devices : Devices
    sites : Sites
        All candidates.
    cover : Cover
        Which of them, and how sure.
    links : Links
        Towards all candidates.
    plan : RadioPlan
        Of the gateways chosen.
    covered : ndarray of bool, shape (devices,)
        Whether enough gateways hear the device.
    reachable : float
        Share of the devices that all candidates together would cover.
    costs : Costs
    wanted : Wanted
    """

    devices: Devices
    sites: Sites
    cover: Cover
    links: Links
    plan: RadioPlan
    covered: NDArray[np.bool_]
    reachable: float
    costs: Costs
    wanted: Wanted

    @property
    def gateways(self) -> Sites:
        """The sites chosen."""
        return self.sites.taken(self.cover.chosen)


def size_gateways(
    devices: Devices,
    sites: Sites,
    model: LossModel,
    wanted: Wanted,
    relief: Relief | None = None,
    factors: FactorTable = FACTORS,
) -> Sized:
    """Return the fewest gateways that cover enough devices.

    Raises
    ------
    InputError
        When there is no candidate, one stands outside the relief, or all together do not reach the target.
    """
    links = find_links(devices, sites, model, bearable(LORAWAN, wanted.spreading, factors), relief, factors)
    covers = links.chance() >= wanted.chance
    times = np.asarray(covers.sum(axis=1)).ravel()
    count, best = len(devices), int((times >= wanted.redundancy).sum())
    needed = float(np.ceil(wanted.share * count - 1e-9))
    if best < needed:
        message = _(
            "all {sites} candidate sites together cover {found} % of the devices, each by {redundancy} of them at "
            "{chance} %, where {wanted} % are asked for"
        ).format(
            sites=len(sites),
            found=format_number(100.0 * best / count, 1),
            redundancy=wanted.redundancy,
            chance=format_number(100.0 * wanted.chance, 0),
            wanted=format_number(100.0 * wanted.share, 1),
        )
        raise InputError(Problem(message, hint=_("add sites, ask for less, or leave out devices in pits")))
    chosen = cover(covers, np.ones(count), np.ones(len(sites)), needed, wanted.redundancy, time_limit=wanted.time_limit)
    near = links.of(chosen.chosen)
    plan = radio_plan(devices, near, LORAWAN, wanted.spreading, factors, wanted.chance)
    covered = np.asarray((near.chance() >= wanted.chance).sum(axis=1)).ravel() >= wanted.redundancy
    costs = costs_of(len(chosen.chosen), count, factors)
    return Sized(devices, sites, chosen, links, plan, covered, best / count, costs, wanted)


def costs_of(gateways: float, devices: float, factors: FactorTable = FACTORS) -> Costs:
    """Return what a private network costs: gateways with their masts, backhaul, network server by device."""
    value = factors.value
    return Costs(
        gateways * (value("gateway_price") + value("mast_price")),
        gateways * value("backhaul_fee") + devices * value("server_fee"),
    )


def losses_of_one(sized: Sized) -> Floats:
    """Return the mean delivery that is left when each gateway fails, shape (gateways,)."""
    chosen = sized.cover.chosen
    left = []
    for place in range(len(chosen)):
        others = np.delete(chosen, place)
        if not len(others):
            left.append(0.0)
            continue
        plan = radio_plan(sized.devices, sized.links.of(others), LORAWAN, sized.wanted.spreading)
        left.append(float(plan.delivery.mean()))
    return np.array(left)
