"""What the codes of the GeoCompiegnois model say of a place or a container: in use or not, contents, kind, volume.

The lists are those of its documentation: `lt_pav_statut`, `lt_pav_eve`, `lt_pav_cttype`, `lt_pav_contpos`,
`lt_pav_modele`. A database that is exported with labels in the place of codes is read too.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from jumeau.i18n import _

#: lt_pav_statut: inactive (planned, or no longer there); lt_pav_eve: taken away, or replaced by another container.
INACTIVE, REMOVED = ("20",), ("20", "21", "30", "31")
#: The whole lists: what else a cell holds is taken for « in use », and told.
STATUSES = ("", "00", "0", "10", *INACTIVE)
EVENTS = ("", "00", "0", "10", "11", "12", "13", "14", *REMOVED)
#: How their labels begin.
_LABELS = ("non renseigne", "actif", "inactif", "ajout", "depose", "remplace")
#: Columns that hold the day on which a container was taken away.
REMOVAL_DATES = ("date_depose", "date_dep", "date_retrait")
#: lt_pav_cttype: glass, or glass beside textile; textile alone.
_GLASS, _TEXTILE = ("10", "30"), ("20",)
#: lt_pav_contpos: buried, half buried.
_BURIED = ("20", "30")
#: Words that speak of textile in a model or a kind of waste written in words.
_TEXTILE_WORDS = ("textile", "vetement", "linge", "tlc", "chaussure")
#: Columns that say how a place or a container changed since the last survey: `maj_2021`, `maj_aaaa`.
_SURVEY = re.compile(r"maj_(\d{4}|aaaa)$", re.IGNORECASE)
_CUBIC_METRES = re.compile(r"(\d+(?:[.,]\d+)?)\s*m(?:3|³)", re.IGNORECASE)


@dataclass(frozen=True)
class Model:
    """A model of container: volume [l] or None, `glass`, `textile` or nothing, kind or nothing."""

    volume: float | None = None
    content: str = ""
    kind: str = ""


def text(row: Mapping[str, Any], column: str) -> str:
    """Return a cell as plain text, without accents, in lower case; codes without what a spreadsheet adds to them."""
    value = row.get(column)
    if value is None or pd.isna(value):
        return ""
    bare = unicodedata.normalize("NFKD", str(value)).encode("ascii", "ignore").decode().strip().lower()
    return bare.removesuffix(".0")


def out_of_use(row: Mapping[str, Any]) -> str:
    """Return why a place does not serve, in the user's language; nothing where it does."""
    status = text(row, "statut")
    if status in INACTIVE or status.startswith("inactif"):
        return _("at a place that is not active")
    return _("told as removed by the last survey") if _surveyed_away(row) else ""


def unknown(row: Mapping[str, Any], column: str, known: tuple[str, ...]) -> bool:
    """Tell whether a cell holds neither a code of its list nor a label."""
    value = text(row, column)
    return value not in known and not value.startswith(_LABELS)


def taken_away(row: Mapping[str, Any]) -> str:
    """Return why a container does not serve, in the user's language; nothing where it does."""
    event = text(row, "eve")
    if event in REMOVED or event.startswith(("depose", "remplace")):
        return _("taken away or replaced")
    if any(text(row, column) for column in REMOVAL_DATES):
        return _("taken away or replaced")
    return _("told as removed by the last survey") if _surveyed_away(row) else ""


def _surveyed_away(row: Mapping[str, Any]) -> bool:
    return any(text(row, str(column)).startswith("supprim") for column in row if _SURVEY.match(str(column)))


def model_of(row: Mapping[str, Any], models: Mapping[str, Model]) -> Model:
    """Return the model of a container: by its code, else by what its words say."""
    code = text(row, "model")
    if code.isdigit():
        found = models.get(str(int(code)), Model())
        if found != Model():
            return found
    words = " ".join(text(row, column) for column in ("model", "model_a", "type_dechet"))
    volume = _CUBIC_METRES.search(words)
    return Model(
        float(volume.group(1).replace(",", ".")) * 1000.0 if volume else None,
        "textile" if any(word in words for word in _TEXTILE_WORDS) else "glass" if "verre" in words else "",
        "buried" if "enterre" in words else "",
    )


def holds_textile(model: Model, place: Mapping[str, Any]) -> bool:
    """Tell whether a container is for textile: by its model, else by what its place is for."""
    if model.content:
        return model.content == "textile"
    kind = text(place, "cttype")
    if kind in _GLASS or "verre" in kind:
        return False
    return kind in _TEXTILE or any(word in kind for word in _TEXTILE_WORDS)


def kind_of(row: Mapping[str, Any], model: Model) -> str:
    """Return the kind of a container by its position, else by its model; nothing where neither says it."""
    position = text(row, "pos")
    if position in _BURIED or "enterre" in position:
        return "buried"
    return "drop_off_column" if position in ("10", "aerien") else model.kind


@cache
def usual_models() -> Mapping[str, Model]:
    """Return the models of the published list, by code."""
    with Path(__file__).with_name("compiegne_models.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["model"]: Model(float(row["volume"]), row["content"], row["kind"]) for row in csv.DictReader(stream)
        }


def stated_models(table: Any) -> dict[str, Model]:
    """Return the models of a database's own list (`lt_pav_modele`), by code; its volumes are in cubic metres."""
    found = {}
    for row in table.to_dict("records"):
        code = text(row, "code")
        words = model_of({"model": row.get("valeur")}, {})
        volume = text(row, "volume").replace(",", ".")
        known = re.fullmatch(r"\d+(\.\d+)?", volume) and float(volume) > 0.0
        content = "textile" if text(row, "cttype") in _TEXTILE else "glass" if text(row, "cttype") == "10" else ""
        if code:
            key = str(int(code)) if code.isdigit() else code
            capacity = float(volume) * 1000.0 if known else words.volume
            found[key] = Model(capacity, content or words.content, words.kind)
    return found
