"""Tiny foreign files, as cities publish them, written by the tests themselves."""

import warnings
import zipfile

import geopandas as gpd
import pytest
import shapely

from jumeau.attributes import AttributeTable
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.sources.build import build_from_files

X, Y = 770000.0, 6280000.0

LAMP_TABLE = """layer,attribute,type,unit,default,required,choices,minimum,maximum,unique,description,source
lamps,geometry,geometry,Point,,yes,,,,,Lamp,test
lamps,lamp_id,string,,,yes,,,,yes,Identifier,test
lamps,cabinet_id,string,,,no,,,,,Cabinet,test
lamps,technology,enum,,,no,LED|HPS|MH,,,,Technology,test
lamps,power,float,W,,no,,0,2000,,Power,test
lamps,installed_year,integer,year,,no,,1900,2100,,Year,test
lamps,managed,boolean,,no,no,,,,,Managed,test
lamps,street_id,string,,,no,,,,,Street,test
cabinets,geometry,geometry,Point,,yes,,,,,Cabinet,test
cabinets,cabinet_id,string,,,yes,,,,yes,Identifier,test
"""

HEAD = "name: hameau\ncrs: EPSG:2154\nsource: commune\nlicence: ODbL\ndate: '2024'\n"


def line(*points):
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def zipped_shapefile(frame, path):
    """A zipped shapefile, encoded in latin-1, as old municipal data are."""
    folder = path.with_suffix(".d")
    folder.mkdir()
    with warnings.catch_warnings():
        # Files without a CRS are among those that are wanted.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        frame.to_file(folder / f"{path.stem}.shp", encoding="ISO-8859-1")
    with zipfile.ZipFile(path, "w") as archive:
        for item in sorted(folder.iterdir()):
            archive.write(item, item.name)
    return path


def streets_file(folder, name="rues.zip", **changes):
    values = {
        "ID": [1, 2, 3],
        "NOM": ["Rue de l'Église", "Impasse du Château", None],
        "SENS": ["DOUBLE", "UNIQUE", None],
        "V": [13.9, 8.3, 8.3],
    } | changes
    shapes = values.pop("geometry", [line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((100, 0), (100, 80))])
    frame = gpd.GeoDataFrame(values, geometry=shapes, crs=changes.get("crs", 2154))
    return zipped_shapefile(frame, folder / name)


STREETS = """
  streets:
    file: rues.zip
    columns:
      street_id: ID
      name: NOM
      oneway: {column: SENS, map: {DOUBLE: both, UNIQUE: forward}, default: both}
      speed: {column: V, unit: m/s}
"""

LAMPS = """
  lamps:
    file: lampes.csv
    encoding: latin-1
    decimal: ","
    crs: EPSG:2154
    x: x
    y: y
    columns:
      lamp_id: n°
      technology: {column: type, map: {sodium: HPS, led: LED}}
      power: puissance
"""

LAMP_ROWS = (
    "n°;type;puissance;x;y\n1;sodium;70,5;770010,5;6280005\n2;led;;770050;6280005\n3;led;1 200,0;770150;6280005\n"
)


def table(folder):
    path = folder / "attributes.csv"
    path.write_text(LAMP_TABLE, encoding="utf-8")
    return AttributeTable.read(path)


def build(folder, layers, head=HEAD, after=""):
    """Build the territory of these layers, files being in `folder`."""
    file = folder / "territory.yaml"
    file.write_text(f"{head}layers:{layers}{after}", encoding="utf-8")
    return build_from_files(file, [table(folder)])


def plain(text):
    """French typography with plain spaces."""
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


def refused(folder, layers, words, head=HEAD, after=""):
    """Check that the build is refused, in both languages, with these words; return the English problems."""
    problems = ()
    for lang, wanted in words.items():
        with language(lang), pytest.raises(InputError) as caught:
            build(folder, layers, head, after)
        text = plain(caught.value)
        for word in wanted:
            assert word in text, f"{lang}: {word!r} is not in:\n{text}"
        if lang == "en":
            problems = caught.value.problems
    return problems


def lamp_rows(folder, text=LAMP_ROWS, encoding="latin-1"):
    (folder / "lampes.csv").write_bytes(text.encode(encoding))
