"""A file opens no connection and no other file, whatever it holds and whatever its name says."""

import os
import socket
from contextlib import suppress

import geopandas as gpd
import pyogrio
import pytest
import shapely
from evil_files import Server, evil_files, geopackage

from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.input_file import regular_file, regular_file_or_folder
from jumeau.vector_file import DRIVERS, layer_names, read_layer


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def secret(tmp_path):
    """A layer that nobody named."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    frame = gpd.GeoDataFrame({"secret": ["s3cret"]}, geometry=[shapely.Point(1, 2)], crs=2154)
    frame.to_file(folder / "secret.geojson", driver="GeoJSON")
    return folder / "secret.geojson"


def read_all(file):
    """Return the texts of all layers of a file, an empty list where it is refused."""
    try:
        return [read_layer(file, name).to_csv() for name in layer_names(file)]
    except InputError:
        return []


def test_the_server_counts_what_a_plain_reader_does(tmp_path, server, secret):
    """The proof that the others can fail: without our opener, connections are made and the other file is read."""
    files = evil_files(tmp_path, server.url, str(secret))
    for file in files:
        if file.name in ("virtual_service.gpkg", "service.geojson", "linked_crs.geojson", "schema.gml"):
            before = server.visits
            with suppress(Exception):  # the answer is of no use, whatever it is
                pyogrio.read_dataframe(file)
            assert server.visits > before, file.name
    assert "s3cret" in pyogrio.read_dataframe(tmp_path / "virtual_file.gpkg").to_csv()


@pytest.mark.parametrize("no_proxy", ["", "*"])
def test_no_file_opens_a_connection_or_another_file(tmp_path, server, secret, monkeypatch, no_proxy):
    monkeypatch.setenv("no_proxy", no_proxy)
    folder = tmp_path / "given"
    folder.mkdir()
    files = evil_files(folder, server.url, str(secret))
    before = {item: item.read_bytes() for item in folder.iterdir()}
    found = [text for file in files for text in read_all(file)]
    assert server.visits == 0
    assert "s3cret" not in "".join(found)
    assert {item: item.read_bytes() for item in folder.iterdir()} == before, "something was written beside"
    assert os.environ["no_proxy"] == no_proxy


@pytest.mark.parametrize(
    "view",
    [
        "SELECT gdal_get_pixel_value('/vsicurl/{url}/x.tif', 1, 'pixel', 0, 0) AS z",
        "SELECT ogr_geocode('{url}') AS z",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
    ],
)
def test_views_are_not_computed(tmp_path, server, view):
    file = geopackage(
        tmp_path / "a.gpkg",
        f"CREATE VIEW v AS {view.format(url=server.url)}",
        "INSERT INTO gpkg_contents(table_name, identifier, data_type) VALUES('v', 'v', 'attributes')",
    )
    with pytest.raises(InputError, match=r"a\.gpkg.*: v\)"):
        layer_names(file)
    assert server.visits == 0


def test_virtual_tables_are_not_opened_but_the_spatial_index_is(tmp_path, server):
    assert layer_names(geopackage(tmp_path / "plain.gpkg")) == ["t"]
    file = geopackage(
        tmp_path / "a.gpkg",
        "INSERT INTO sqlite_master(type, name, tbl_name, rootpage, sql) VALUES"
        f"('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING VirtualOGR(''WFS:{server.url}'')')",
    )
    with pytest.raises(InputError):
        layer_names(file)
    assert server.visits == 0


def test_the_drivers_of_the_process_are_what_they_were(tmp_path):
    every = list(pyogrio.list_drivers())
    pyogrio.set_gdal_config_options({"GDAL_HTTP_PROXY": "proxy.example:3128"})
    try:
        read_layer(geopackage(tmp_path / "a.gpkg"))
        assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") == "proxy.example:3128"
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_PROXY": None})
    assert list(pyogrio.list_drivers()) == every
    assert {name for names in DRIVERS.values() for name in names} <= set(every)


def special_files(folder):
    os.mkfifo(folder / "pipe.csv")
    (folder / "zero.csv").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s.csv"))  # its file stays
    return [folder / "pipe.csv", folder / "zero.csv", folder / "s.csv"]


def test_pipes_devices_and_sockets_are_not_opened(tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    for file in special_files(folder):
        with pytest.raises(InputError, match=file.name):
            regular_file(file)
    with pytest.raises(InputError) as caught:
        regular_file_or_folder(folder)
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="f:"):
        regular_file(folder)
    with pytest.raises(InputError):
        regular_file(tmp_path / ("x" * 300))
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(InputError):
        regular_file(loop)


@pytest.mark.parametrize("ending", ["csv", "gpkg", "geojson", "shp", "zip", "xlsx", "xls", "asc", "tif", "gml", "dat"])
def test_no_reader_waits_for_a_pipe(tmp_path, capsys, ending):
    os.mkfifo(tmp_path / f"a.{ending}")
    (tmp_path / "t.yaml").write_text(
        f"name: t\nlayers:\n  streets: {{file: a.{ending}, columns: {{street_id: id}}}}\n", encoding="utf-8"
    )
    assert main(["territory", "build", str(tmp_path / "t.yaml")]) == 2
    assert f"a.{ending}" in capsys.readouterr().err
    assert sorted(item.name for item in tmp_path.iterdir()) == [f"a.{ending}", "t.yaml"]


@pytest.mark.parametrize("words", [["territory", "build"], ["check"], ["territory", "check"], ["territory", "info"]])
@pytest.mark.parametrize("name", ["pipe", "zero"])
def test_no_command_waits_for_a_pipe(tmp_path, capsys, words, name):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    assert main([*words, str(tmp_path / name)]) == 2
    assert name in capsys.readouterr().err
