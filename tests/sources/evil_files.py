"""Files that would reach beyond themselves, and a server that counts who comes."""

import json
import socket
import sqlite3
import threading
import zipfile
from contextlib import closing

import geopandas as gpd
import pyogrio
import shapely


class Server:
    """A server on this machine that answers nothing useful and counts the connections."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.visits = 0
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            with connection:
                connection.recv(500)
                connection.sendall(b"HTTP/1.0 404 None\r\n\r\n")

    def close(self):
        self._socket.close()


def virtual_layer(source):
    layer = f'<OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer>'
    return f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"


def gml(schema):
    return f"""<?xml version="1.0"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs"
 xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://ogr.maptools.org/ {schema}">
<gml:featureMember><ogr:p fid="p.0"><ogr:shape><gml:Point><gml:coordinates>1,2</gml:coordinates></gml:Point></ogr:shape>
<ogr:a>3</ogr:a></ogr:p></gml:featureMember></wfs:FeatureCollection>"""


def texts(url, elsewhere):
    """Return the evil texts by name: what they are, whatever the file's name says."""
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    return {
        "virtual_service": virtual_layer(f"WFS:{url}/wfs"),
        "virtual_address": virtual_layer(f"/vsicurl/{url}/a.geojson"),
        "virtual_file": virtual_layer(elsewhere),
        "service": f"<OGRWFSDataSource><URL>{url}/wfs</URL></OGRWFSDataSource>",
        "pipeline": json.dumps(
            {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read /vsicurl/{url}/a.geojson"}
        ),
        "linked_crs": json.dumps(
            {"type": "FeatureCollection", "features": [feature], "crs": {"type": "link", "properties": {"href": url}}}
        ),
        # The same word, written so that no search of the text finds it.
        "hidden_crs": '{"type": "FeatureCollection", "crs": {"type": "l\\u0069nk", "properties": {"href": "'
        + url
        + '"}}, "features": ['
        + json.dumps(feature)
        + "]}",
        "schema": gml(f"{url}/wfs?SERVICE=WFS&amp;VERSION=1.1.0&amp;REQUEST=DescribeFeatureType&amp;TYPENAME=p"),
        "address": f"{url}/a.geojson",
    }


ENDINGS = ("gpkg", "geojson", "json", "shp", "gml", "fgb", "osm", "pbf", "csv")


def evil_files(folder, url, elsewhere):
    """Write every evil text under every ending, plain and zipped; return the files."""
    made = []
    for name, text in texts(url, elsewhere).items():
        for ending in ENDINGS:
            file = folder / f"{name}.{ending}"
            file.write_text(text, encoding="utf-8")
            made.append(file)
            if ending in ("shp", "gpkg", "geojson", "gml"):
                zipped = folder / f"{name}_{ending}.zip"
                with zipfile.ZipFile(zipped, "w") as archive:
                    archive.writestr(file.name, text)
                made.append(zipped)
    return made


def geopackage(file, *statements, layer="t"):
    """Write a GeoPackage of one point and change its database."""
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 2)], crs=2154)
    pyogrio.write_dataframe(frame, file, layer=layer, driver="GPKG")
    with closing(sqlite3.connect(file)) as base:
        base.execute("PRAGMA writable_schema=ON")
        for statement in statements:
            base.execute(statement)
        base.commit()
    return file
