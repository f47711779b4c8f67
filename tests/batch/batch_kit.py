"""Three little towns of the generator, a list of them with rows that cannot be, and the command as it is typed."""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pyproj

from donnees_exemple.town_generator.frames import CRS
from donnees_exemple.town_generator.town import generate_town
from jumeau.cli import main
from jumeau.network import discover
from jumeau.territory.model import Territory
from jumeau.territory.storage import write_territory

#: Seed -> the quarter that is built, and how far east the town lies [m].
TOWNS = {1: ("north_west", 0.0), 2: ("north_west", 6000.0), 3: ("north_west", 12000.0)}

TEMPLATE = """
name: lots
title: {fr: LED partout, en: LEDs everywhere}
networks: [lighting]
period: {start: 2025-01-01, end: 2025-01-31}
warmup: 10 days
seed: 42
replications: 2
evaluation: {samples: 200}
variants:
  led:
    title: {fr: LED, en: LEDs}
    measures:
      - measure: lighting.led_retrofit
        where: {attributes: {technology: [HPS, MERCURY]}}
  alarms:
    title: {fr: Alarmes, en: Alarms}
    measures:
      - measure: lighting.remote_management
"""

#: Line 4 has no file, line 5 a value that no price can be, line 6 the name of line 2.
LIST = """\
name;territory;title;code;replications;shared.electricity_price;variants.led.measures[lighting.led_retrofit].where.share
a;towns/t1.gpkg;Saint-Éloi;01004;;;
b;towns/t2.gpkg;;2A004;3;0,25 EUR/kWh;50 %
gone;towns/t4.gpkg;Disparue;;;;
dear;towns/t3.gpkg;Chère;;;25 EUR/MWhh;
a;towns/t2.gpkg;Double;;;;
c;towns/t3.gpkg;;;;;
"""


def write_town(seed: int, folder: Path) -> Path:
    """Write a small town of the generator, with lamps alone."""
    quarter, along = TOWNS[seed]
    layers, columns = generate_town(seed, [quarter])
    moved = {name: layer.set_geometry(layer.geometry.translate(along)) for name, layer in layers.items()}
    meta = {"country": "FR", "timezone": "Europe/Paris", "synthetic": "yes"}
    meta |= {"title_fr": f"Bourg {seed}", "title_en": f"Town {seed}"}
    town = Territory(f"town_{seed}", pyproj.CRS.from_user_input(CRS), moved, columns, meta)
    lighting = discover()["lighting"]
    return write_territory(lighting.behaviour.complete(town, lighting.factors, seed), folder / f"t{seed}.gpkg")


def run_batch(home: Path, out: Path, *words: str, lang: str = "fr"):
    """Type the command; return its exit status and what it printed."""
    told, said = io.StringIO(), io.StringIO()
    with redirect_stdout(told), redirect_stderr(said):
        status = main(
            ["batch", str(home / "list.csv"), "--scenario", str(home / "template.yaml"), "-o", str(out),
             "--workers", "2", "--lang", lang, *words]
        )  # fmt: skip
    return SimpleNamespace(status=status, out=told.getvalue(), err=said.getvalue())
