"""What networks take of OpenStreetMap: lamps, car parks, charging stations, containers, by the wiki's tags."""

import numpy as np
import pytest
from osm_kit import grid, osm_file

from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.networks.lighting.formats.osm import read_osm_lamps
from jumeau.networks.mobility.formats.osm import read_osm_parking
from jumeau.networks.waste.formats.osm import read_osm

SQUARE = (1, 2, 4, 3, 1)


def nodes(*tags):
    return grid(2, 2) | {10 + row: (2.0, 48.0 + row * 1e-4, item) for row, item in enumerate(tags)}


def test_lamps(tmp_path):
    lamp = {"highway": "street_lamp"}
    path = osm_file(
        tmp_path / "town.osm",
        nodes(
            {**lamp, "light:method": "LED", "height": "6.5 m", "lamp_mount": "wall"},
            {**lamp, "light:method": "high_pressure_sodium", "support": "pole", "light:count": "2"},
            lamp,
            {"highway": "crossing"},
        ),
    )
    with language("en"):
        found = read_osm_lamps(path)
    lamps = found.layers["lamps"].astype(object).where(found.layers["lamps"].notna(), None)
    assert lamps[["lamp_id", "technology", "height", "support"]].to_numpy().tolist() == [
        ["n10", "LED", 6.5, "facade"],
        ["n11", "HPS", None, "mast"],
        ["n12", None, None, None],
    ]
    assert any("1 masts bear several lamps" in note for note in found.notes)


def test_car_parks_and_stations(tmp_path):
    park = {"amenity": "parking"}
    path = osm_file(
        tmp_path / "town.osm",
        nodes(
            {**park, "capacity": "40", "parking": "street_side"},
            {**park, "capacity": "12", "access": "private"},
            park,
            {"amenity": "charging_station", "capacity": "4", "socket:type2:output": "22 kW", "socket:chademo": "1"},
        ),
        [(1, SQUARE, {**park, "capacity": "250"})],
    )
    with language("en"):
        found = read_osm_parking(path)
    parking = found.layers["parking"]
    assert parking[["parking_id", "kind", "spaces"]].to_numpy().tolist() == [
        ["n10", "street", 40],
        ["w1", "car_park", 250],
    ]
    assert found.layers["charge_points"][["station_id", "points", "power"]].to_numpy().tolist() == [["n13", 4.0, 22.0]]
    assert [note.split(": ", 1)[1] for note in found.notes] == [
        "1 car parks left out: not open to all drivers",
        "1 car parks left out: their capacity is not told",
    ]


def test_containers_drawn_as_points_and_as_areas(tmp_path):
    glass = {"amenity": "recycling", "recycling_type": "container", "recycling:glass_bottles": "yes"}
    path = osm_file(tmp_path / "town.osm", nodes(glass), [(1, SQUARE, glass), (2, SQUARE, {"amenity": "school"})])
    found = read_osm(path, 4000.0).layers["waste_containers"]
    assert found["container_id"].tolist() == ["n10-glass", "w1-glass"]
    np.testing.assert_allclose(found.geometry.iloc[1].coords[0], (2.0005, 48.0005), atol=1e-6)


@pytest.mark.parametrize("read", [read_osm_lamps, read_osm_parking, lambda path: read_osm(path, 4000.0)])
def test_a_file_without_them_says_so(tmp_path, read):
    path = osm_file(tmp_path / "town.osm", nodes({"amenity": "bench"}))
    with pytest.raises(InputError, match=r"town\.osm"):
        read(path)
