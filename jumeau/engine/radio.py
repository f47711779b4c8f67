"""The radio of a situation: its devices and gateways, one delivery per kind of device, and what the network costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.bill import Bill, BillItem
from jumeau.engine.carriers import device_rows
from jumeau.engine.radio_block import RadioBase
from jumeau.errors import InputError, Problem, nearest
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.radio.coverage import LORAWAN, Links, bearable, find_links
from jumeau.radio.path_loss import loss_model
from jumeau.radio.places import Devices, Sites, all_devices, places_of
from jumeau.radio.plan import radio_plan
from jumeau.radio.relief import Relief
from jumeau.radio.site_file import read_sites
from jumeau.radio.tables import FACTORS, device_models
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.delivery import Delivery
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]

MEASURE = "radio"


@dataclass(frozen=True)
class Radio:
    """What the radio network of a situation gives.

    Attributes
    ----------
    delivery : mapping of str to mapping of str to Delivery
        By network and kind of device.
    bills : mapping of str to tuple of BillItem
        What each network pays of it, by its share of the devices.
    notes : tuple of str
        For the log.
    """

    delivery: Mapping[str, Mapping[str, Delivery]]
    bills: Mapping[str, Bill]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Kind:
    network: str
    name: str
    assets: NDArray[np.object_]
    devices: Devices


def radio_of(
    block: RadioBase,
    carriers: Mapping[str, tuple[Bill, Mapping[str, gpd.GeoDataFrame]]],
    territory: Territory,
    clock: Clock,
    folder: Path,
) -> Radio:
    """Return what the radio network of a situation gives to the devices of its bills.

    Parameters
    ----------
    block : RadioBase
    carriers : mapping of str to (bill, layers)
        By network.
    territory : Territory
    clock : Clock
    folder : Path
        What the path of a file of gateways starts from.

    Raises
    ------
    InputError
        When a gateway is outside the relief, an outage speaks of none, or the file cannot be used.
    """
    factors = _factors(block)
    kinds = _kinds(block, carriers)
    if not kinds:
        return Radio({}, {}, (_("no device of the measures speaks by radio"),))
    devices = all_devices([item.devices for item in kinds])
    sites = _sites(block, territory, folder, factors)
    times, alive = _epochs(block, sites, clock)
    reach, success, battery = _figures(block, devices, sites, alive, territory, factors)
    found: dict[str, dict[str, Delivery]] = {}
    first = 0
    for item in kinds:
        rows = slice(first, first + len(item.devices))
        first += len(item.devices)
        made = Delivery(
            item.assets,
            item.devices.xy,
            DAY / float(item.devices.messages[0]),
            times,
            reach[:, rows],
            success[:, rows],
            battery[rows],
        )
        found.setdefault(item.network, {})[item.name] = made
    bills = _bills(block, kinds, 0 if sites is None else len(sites), carriers, factors)
    return Radio(found, bills, _notes(kinds, reach, success, sites))


def _factors(block: RadioBase) -> FactorTable:
    given = getattr(block, "assumptions", None)
    values = {} if given is None else given.model_dump(exclude_none=True)
    return FACTORS.override(values, "scenario") if values else FACTORS


def _kinds(block: RadioBase, carriers: Mapping[str, tuple[Bill, Mapping[str, gpd.GeoDataFrame]]]) -> list[_Kind]:
    """Return the devices of the bills that speak by radio, by network and kind."""
    models, found = device_models(), []
    for network, (bill, layers) in carriers.items():
        for name in dict.fromkeys(item.kind for item in bill if item.kind in models and item.messages_per_day > 0.0):
            items = [item for item in bill if item.kind == name]
            places = [device_rows(network, item, layers) for item in items]
            assets = np.concatenate([place.index.to_numpy(dtype=object) for place in places])
            if not len(assets):
                continue
            xy = np.concatenate([places_of(place) for place in places if len(place)])
            count = len(assets)
            # An asset may carry several devices, such as a block of parking one per space.
            each = sum(item.count for item in items) / count
            messages = items[0].messages_per_day
            setting = block.settings.get(name, models[name].setting)
            made = Devices(
                np.array([f"{name}:{asset}" for asset in assets], dtype=object),
                xy,
                np.full(count, setting, dtype=object),
                np.full(count, messages),
                np.full(count, float(models[name].payload)),
            )
            found.append(_Kind(network, name, assets, replace(made, counts=np.full(count, each))))
    return found


def _sites(block: RadioBase, territory: Territory, folder: Path, factors: FactorTable) -> Sites | None:
    if block.gateways is None:
        return None
    if isinstance(block.gateways, str):
        return read_sites(folder / block.gateways, territory.crs, factors)
    usual = factors.value("gateway_height")
    return Sites(
        np.array([item.name for item in block.gateways], dtype=object),
        np.array([[item.x, item.y] for item in block.gateways], dtype=np.float64),
        np.array([usual if item.height is None else item.height for item in block.gateways]),
        np.full(len(block.gateways), "", dtype=object),
    )


def _epochs(block: RadioBase, sites: Sites | None, clock: Clock) -> tuple[Floats, NDArray[np.bool_]]:
    """Return from when each epoch holds [s], and which gateways are alive in it, shape (epochs, gateways).

    Where there are no gateways, one column says whether the operator serves.
    """
    names = ["" if sites is None else str(name) for name in ([""] if sites is None else sites.ids)]
    spans: list[tuple[int | None, date, date | None]] = []
    for item in block.outages:
        if item.gateway not in names:
            near = nearest(item.gateway, names)
            hint = _("did you mean « {near} »?").format(near=near) if near else ""
            raise InputError(Problem(_("outages: there is no gateway of that name"), value=item.gateway, hint=hint))
        spans.append(
            (names.index(item.gateway), item.start, None if item.end is None else item.end + timedelta(days=1))
        )
    if block.end_of_service is not None:
        spans.append((None, block.end_of_service, None))
    days = sorted({day for _name, start, end in spans for day in (start, end) if day is not None})
    times = np.array([-np.inf, *(clock.seconds((day - clock.start).days, 0.0) for day in days)])
    alive = np.ones((len(times), len(names)), dtype=bool)
    for place, start, end in spans:
        for number, day in enumerate(days, start=1):
            if start <= day and (end is None or day < end):
                alive[number, slice(None) if place is None else place] = False
    return times, alive


def _figures(
    block: RadioBase,
    devices: Devices,
    sites: Sites | None,
    alive: NDArray[np.bool_],
    territory: Territory,
    factors: FactorTable,
) -> tuple[Floats, Floats, Floats]:
    """Return reach and success of each device in each epoch, shapes (epochs, devices), and lives of batteries [year].

    Batteries are those of the first epoch: no number where masts are not known, or where nothing is in reach.
    """
    count = len(devices)
    if sites is None:
        served = np.where(alive[:, :1], float(block.coverage or 0.0), 0.0)
        return np.repeat(served, count, axis=1), np.ones((len(alive), count)), np.full(count, np.nan)
    relief = Relief.of(territory.layers.get("relief"))
    largest = bearable(block.technology, block.spreading, factors)
    links = find_links(devices, sites, loss_model(block.model), largest, relief, factors)
    plans: dict[bytes, tuple[Floats, Floats, Floats]] = {}
    for row in alive:
        if row.tobytes() not in plans:
            plans[row.tobytes()] = _plan(block, devices, links.of(np.flatnonzero(row)), factors)
    reach, success, battery = zip(*(plans[row.tobytes()] for row in alive), strict=True)
    return np.stack(reach), np.stack(success), battery[0]


def _plan(block: RadioBase, devices: Devices, links: Links, factors: FactorTable) -> tuple[Floats, Floats, Floats]:
    plan = radio_plan(devices, links, block.technology, block.spreading, factors)
    # What a message asks of a battery is known of LoRaWAN alone.
    known = (plan.reach > 0.0) & (block.technology == LORAWAN)
    return plan.reach, plan.success, np.where(known, plan.battery, np.nan)


def _bills(
    block: RadioBase,
    kinds: list[_Kind],
    gateways: int,
    carriers: Mapping[str, tuple[Bill, Mapping[str, gpd.GeoDataFrame]]],
    factors: FactorTable,
) -> dict[str, Bill]:
    """Return what each network pays: devices by their number, gateways by its share of the devices."""
    number = dict.fromkeys(carriers, 0.0)
    for item in kinds:
        number[item.network] += float(item.devices.number.sum())
    total = sum(number.values())
    value = factors.value

    def bought(network: str, kind: str, label: str, count: float, **amounts: float) -> BillItem:
        return BillItem(
            network=network,
            measure=MEASURE,
            kind=kind,
            label=label,
            count=count,
            unit_cost=amounts.get("price", 0.0),
            annual_cost=amounts["fee"],
            life=value("gateway_life"),
            power=amounts.get("power", 0.0),
            messages_per_day=0.0,
            embodied_carbon=amounts.get("carbon", 0.0),
            observes="",
            assets=(),
            layer="",
            source=factors["operator_fee" if block.paid_by_device else "gateway_price"].source,
        )

    bills: dict[str, Bill] = {}
    for network, devices in number.items():
        if not devices:
            continue
        if block.paid_by_device:
            bills[network] = (
                bought(
                    network, "radio_subscription", "Radio subscription of a device", devices, fee=value("operator_fee")
                ),
            )
            continue
        bills[network] = (
            bought(
                network,
                "radio_gateway",
                "Radio gateway and its mast",
                gateways * devices / total,
                price=value("gateway_price") + value("mast_price"),
                fee=value("backhaul_fee"),
                power=value("gateway_power"),
                carbon=value("gateway_carbon"),
            ),
            bought(network, "network_server", "Network server, per device", devices, fee=value("server_fee")),
        )
    return bills


def _notes(kinds: list[_Kind], reach: Floats, success: Floats, sites: Sites | None) -> tuple[str, ...]:
    """Return the mean delivery of each kind of device in the first epoch."""
    told, first = [], 0
    for item in kinds:
        rows = slice(first, first + len(item.devices))
        first += len(item.devices)
        text = _("radio: {network}.{kind}: {count} places, in reach {reach} %, messages that arrive {share} %")
        told.append(
            text.format(
                network=item.network,
                kind=item.name,
                count=format_number(len(item.devices)),
                reach=format_number(100.0 * float(reach[0, rows].mean()), 1),
                share=format_number(100.0 * float((reach[0, rows] * success[0, rows]).mean()), 1),
            )
        )
    if sites is not None:
        told.append(_("radio: {count} gateway(s)").format(count=format_number(len(sites))))
    return tuple(told)
