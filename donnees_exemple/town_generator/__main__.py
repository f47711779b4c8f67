"""Write the example town: ``python -m donnees_exemple.town_generator OUT.gpkg [SEED]``.

Streets, buildings and people come from this generator; each network's assets from that network's own synthesiser.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pyproj

from jumeau.network import discover
from jumeau.territory.model import Territory
from jumeau.territory.storage import write_territory

from .frames import CRS
from .town import generate_town

META = {
    "title_fr": "Saint-Martin-sur-Vernelle, ville synthétique",
    "title_en": "Saint-Martin-sur-Vernelle, a synthetic town",
    "country": "FR",
    "subdivision": "CVL",
    "timezone": "Europe/Paris",
    "synthetic": "yes",
}


def main() -> None:
    """Generate the town and write it to one GeoPackage."""
    parser = argparse.ArgumentParser(prog="python -m donnees_exemple.town_generator", description=__doc__)
    parser.add_argument("path", type=Path, metavar="OUT.gpkg")
    parser.add_argument("seed", type=int, nargs="?", default=2025)
    options = parser.parse_args()
    layers, columns = generate_town(options.seed)
    territory = Territory("bourg_exemple", pyproj.CRS.from_user_input(CRS), layers, columns, META)
    for network in discover().values():
        territory = network.behaviour.complete(territory, network.factors, options.seed)
    write_territory(territory, options.path)


if __name__ == "__main__":
    main()
