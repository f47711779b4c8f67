"""MOBPRO: weights summed by direction and mode, whatever the vintage; what a town without it keeps."""

import pandas as pd
import pyproj
import pytest

from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.networks.mobility.formats.mobpro import read_mobpro
from jumeau.networks.mobility.physics.commuters import commuters_of
from jumeau.sources.products.options import CommuneOptions

CRS = pyproj.CRS.from_epsg(2154)

#: Headers of INSEE, synthetic rows: home, work, weight, mode.
ROWS = [
    ("01004", "01004", "10,5", "2"), ("01004", "01004", "20", "5"), ("01004", "69123", "30", "6"),
    ("01004", "69123", "40", "5"), ("01005", "01004", "50", "5"), ("01005", "01005", "999", "5"),
    ("01004", "69123", "1.25", "5"), ("01004", "01004", "3", "1"),
]  # fmt: skip


def file_of(folder, rows=ROWS, name="FD_MOBPRO_2020.csv"):
    head = "COMMUNE;ARM;DCFLT;DCLT;AGEREVQ;CS1;IPONDI;SEXE;TRANS;VOIT"
    lines = [f"{home};ZZZZZ;99999;{work};030;5;{weight};1;{mode};1" for home, work, weight, mode in rows]
    (folder / name).write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return folder / name


def flows(folder, commune="01004", rows=ROWS):
    with language("en"):
        return read_mobpro(file_of(folder, rows), CommuneOptions(format="mobpro", file="x", commune=commune), CRS)


def test_weights_are_summed_by_direction_and_mode(tmp_path):
    made = flows(tmp_path)
    frame = made.layers["commuter_flows"]
    assert frame.groupby("direction")["workers"].sum().to_dict() == {"local": 33.5, "out": 71.25, "in": 50.0}
    by_mode = frame[frame["direction"] == "out"].set_index("mode")["workers"]
    assert by_mode.to_dict() == {"car": 41.25, "transit": 30.0}
    assert set(frame["home"]) == {"01004", "01005"}
    assert "34 live and work in 01004, 71 leave it, 50 come" in made.notes[0]
    assert (made.columns["origin"] == "observed").all()


def test_vintages_before_2017_count_one_mode_less(tmp_path):
    rows = [("01004", "01004", "8", "4"), ("01004", "01005", "2", "5"), ("01005", "01004", "1", "3")]
    frame = flows(tmp_path, rows=rows).layers["commuter_flows"].set_index("direction")
    assert frame["mode"].to_dict() == {"local": "car", "out": "transit", "in": "two_wheels"}


def test_arrondissements_are_their_city(tmp_path):
    frame = flows(tmp_path, "69123", [("69381", "69383", "7", "6"), ("01004", "69123", "5", "5")])
    assert frame.layers["commuter_flows"].set_index("direction")["workers"].to_dict() == {"local": 7.0, "in": 5.0}


@pytest.mark.parametrize(("commune", "told"), [("", "one commune"), ("35001", "nobody lives or works")])
def test_what_tells_nothing_is_refused(tmp_path, commune, told):
    with pytest.raises(InputError) as error:
        flows(tmp_path, commune)
    assert told in str(error.value)


def test_flows_of_another_place_are_left_aside(tmp_path):
    layers = flows(tmp_path).layers
    found = commuters_of(layers, 250.0)
    assert (found.local, found.living, found.working) == (33.5, 104.75, 83.5)
    assert found.by_car == pytest.approx([20.0 / 30.5, 41.25 / 71.25, 1.0])
    assert commuters_of(layers, 100_000.0) is None
    assert commuters_of({"commuter_flows": pd.DataFrame()}, 250.0) is None
