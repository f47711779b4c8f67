"""What rules on columns cannot make: squares of INSEE's grid, labels of addresses, places written as lists."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.attributes import ORIGIN_SUFFIX
from jumeau.i18n import _
from jumeau.sources.cells import as_numbers, as_text

#: Takes the rows by keys and where notes go; returns them with what was made.
Prepare = Callable[[pd.DataFrame, list[str]], pd.DataFrame]

#: Identifier of a cell of INSEE: size [m], north before east, of its south-west corner; ETRS89-LAEA in mainland France.
_CELL = re.compile(r"(?:CRS(?P<crs>\d+))?RES(?P<size>\d+)mN(?P<north>-?\d+)E(?P<east>-?\d+)", re.IGNORECASE)
_MAINLAND_GRID = 3035

#: No charge point has this power in kilowatts: it is in watts.
_WATTS = 1000.0


def address(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:  # noqa: ARG001
    """Return the rows with a label: number, suffix, street."""
    parts = [as_text(frame[key]).fillna("") for key in ("number", "suffix", "kind", "street") if key in frame]
    label = pd.Series([""] * len(frame), index=frame.index, dtype=object)
    for part in parts:
        label = label.str.cat(part, sep=" ").str.strip()
    return frame.assign(label=label.where(label != "", None))


def grid(frame: pd.DataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    """Return the cells as squares, in the CRS that their identifiers tell; those that INSEE imputed are marked."""
    texts = as_text(frame["cell"]).fillna("")
    found = texts.str.extract(_CELL)
    known = found["north"].notna().to_numpy()
    if (~known).any():
        notes.append(_("cells without an identifier of the grid, left out: {count}").format(count=int((~known).sum())))
    frame, found = frame[known], found[known]
    north, east, size = (found[name].astype("float64").to_numpy() for name in ("north", "east", "size"))
    codes = found["crs"].dropna().unique()
    crs = pyproj.CRS.from_epsg(int(codes[0]) if len(codes) else _MAINLAND_GRID)
    squares = shapely.box(east, north, east + size, north + size)
    made = gpd.GeoDataFrame(pd.DataFrame(frame).drop(columns="geometry", errors="ignore"), geometry=squares, crs=crs)
    if "estimated" in made:
        guessed = as_text(made["estimated"]).isin(["1", "true"]).to_numpy()
        for key in ("residents", "households"):
            made[f"{key}{ORIGIN_SUFFIX}"] = np.where(guessed, "imputed", "observed")
    return made


def charging(frame: pd.DataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    """Return charging stations: one row each, at the place that they tell, powers in kilowatts."""
    pairs = [_pair(text) for text in frame["place"]]
    points = [None if pair is None else shapely.Point(pair) for pair in pairs]
    power = as_numbers(frame["power"], ".")[0]
    if (power > _WATTS).any():
        notes.append(_("powers above 1000, taken for watts: {count}").format(count=int((power > _WATTS).sum())))
    power = power.where(~(power > _WATTS), power / 1000.0)
    ids = as_text(frame["id"])
    ids = ids.where(~ids.fillna("").str.casefold().str.startswith("non concern"), None)
    made = frame.assign(id=ids, power=power.groupby(ids.fillna("")).transform("max").where(ids.notna(), power))
    return gpd.GeoDataFrame(pd.DataFrame(made).drop(columns="geometry", errors="ignore"), geometry=points, crs=4326)


def car_park(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:  # noqa: ARG001
    """Return car parks with the price of an hour, nothing where parking is free."""
    free = as_text(frame["free"]).isin(["true", "1", "oui"])
    price = as_numbers(
        frame["price"].where(frame["price"].map(lambda text: str(text).casefold() != "gratuit"), "0"), "."
    )
    return frame.assign(price=price[0].where(~free, 0.0))


def kerb(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:  # noqa: ARG001
    """Return kerbs with their spaces, told or computed, and the price of an hour."""
    blank = pd.Series([None] * len(frame), index=frame.index, dtype="float64")
    told, counted = (as_numbers(frame[key], ".")[0] if key in frame else blank for key in ("places", "counted"))
    price = pd.Series([_price(text) for text in frame["rules"]], index=frame.index, dtype="float64")
    return frame.assign(spaces=told.fillna(counted), price=price)


def tmja(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:  # noqa: ARG001
    """Return sections of roads as lines from where they start to where they end, with an identifier and a year."""
    axes = {key: as_numbers(_pointed(frame[key]), ".")[0] for key in ("x", "y", "x_end", "y_end")}
    ends = np.stack([np.column_stack([axes["x"], axes["y"]]), np.column_stack([axes["x_end"], axes["y_end"]])], axis=1)
    kept = np.isfinite(ends).all(axis=(1, 2))
    frame, ends = frame[kept], ends[kept]
    start = as_text(frame["start"]).fillna("") if "start" in frame else ""
    row = pd.Series(np.arange(1, len(frame) + 1), index=frame.index).astype(str)
    ids = as_text(frame["route"]).fillna("") + "-" + start + "-" + row
    years = as_text(frame["year"]).fillna("").str.extract(r"(\d{4})")[0]
    lines = shapely.linestrings(ends) if len(ends) else []
    # French national roads are drawn in Lambert-93.
    made: pd.DataFrame = gpd.GeoDataFrame(frame.assign(id=ids, year=years), geometry=lines, crs=2154)
    return made


def _pointed(series: pd.Series) -> pd.Series:
    """Return texts with a decimal point."""
    pointed: pd.Series = series.map(lambda text: text.replace(",", ".") if isinstance(text, str) else text)
    return pointed


def _pair(text: object) -> tuple[float, float] | None:
    """Return longitude and latitude of a text such as `[2.35, 48.85]`."""
    if isinstance(text, list | tuple | np.ndarray):
        text = ",".join(str(item) for item in text)
    numbers = re.findall(r"-?\d+(?:\.\d+)?", str(text or ""))
    return (float(numbers[0]), float(numbers[1])) if len(numbers) == 2 else None


def _price(text: object) -> float | None:
    """Return the price of an hour [EUR] that the rules of a kerb tell."""
    try:
        rules = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    if not isinstance(rules, list):
        return None
    told = [item["rule"] for item in rules if isinstance(item, dict) and isinstance(item.get("rule"), dict)]
    prices = [rule["price"] for rule in told if isinstance(rule.get("price"), int | float)]
    return float(max(prices)) if prices else None


#: By the name that the catalogue gives them.
PREPARE: Mapping[str, Prepare] = {
    "address": address,
    "grid": grid,
    "charging": charging,
    "car_park": car_park,
    "kerb": kerb,
    "tmja": tmja,
}
