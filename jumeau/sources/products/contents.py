"""What files and folders hold: tables with their columns, or files that their structure tells, none of it read yet."""

from __future__ import annotations

import csv
import gzip
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, cast

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.delimited import SEPARATORS
from jumeau.sources.excel import ENGINES
from jumeau.sources.products.structure import structure_of, structure_of_folder
from jumeau.sources.zipped import unzipped
from jumeau.vector_file import LayerInfo, layer_info, layer_names

DELIMITED = (".csv", ".txt", ".tsv")
VECTORS = (".shp", ".gpkg", ".geojson", ".json", ".gml", ".fgb")
GRIDS = (".asc", ".tif", ".tiff")
#: Parts of other files, and what systems leave beside them.
PARTS = (".dbf", ".shx", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qmd", ".xml", ".yaml", ".yml", ".part", ".gfs")
#: Of `territory fetch`, beside what it downloads.
MANIFEST = "jumeau_manifest.json"
PACKED = (".7z", ".rar", ".tar", ".001")

#: What libraries raise on files that are damaged, locked or packed in ways that they do not know.
UNREADABLE = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    csv.Error,
    ValueError,
    RuntimeError,
    NotImplementedError,
)

#: Lines above the header that producers write at most.
TITLES = 20
#: As much of a text file as its header and first rows take [byte].
HEAD = 262_144


@dataclass(frozen=True)
class Held:
    """A table, or a file of another structure, that a file or folder holds.

    Attributes
    ----------
    file : Path
        On disk.
    member : str
        Path inside a zip.
    layer : str
        Layer of a file, or sheet of a workbook.
    columns : tuple of str
        As the file writes them.
    kind : str
        `text`, `sheet`, `vector`, or a structure (see `catalogue.Structure`).
    info : LayerInfo, optional
        Of a vector layer.
    encoding, separator : str
    skip : int
        Lines above the header.
    headers : tuple of (int, tuple of str)
        Further lines that could be the header.
    trouble : str
        Why nothing can be said of it.
    """

    file: Path
    member: str = ""
    layer: str = ""
    columns: tuple[str, ...] = ()
    kind: str = "text"
    info: LayerInfo | None = None
    encoding: str = "utf-8-sig"
    separator: str = ","
    skip: int = 0
    headers: tuple[tuple[int, tuple[str, ...]], ...] = ()
    trouble: str = ""

    @property
    def name(self) -> str:
        """Return what a person calls it: file, then what of it."""
        inside = self.member or (self.layer if self.layer != self.file.stem else "")
        return f"{self.file.name} / {inside}" if inside else self.file.name


def look(path: Path) -> list[Held]:
    """Return what a file or folder holds, sub-folders and zips included.

    Files that cannot be looked into are told with their trouble.
    """
    if not path.is_dir():
        return _look_at_file(path)
    kind = structure_of_folder([item.name for item in path.iterdir() if item.is_file()])
    if kind:
        return [Held(path, kind=kind)]
    found: list[Held] = []
    for item in sorted(path.iterdir()):
        if item.name.startswith((".", "__MACOSX")) or item.name == MANIFEST or item.is_symlink():
            continue
        if item.is_dir() or (item.is_file() and item.suffix.lower() not in PARTS):
            found += look(item)
    return found


def _look_at_file(path: Path) -> list[Held]:
    try:
        return list(_held(path))
    except InputError as error:
        problem = error.problems[0]
        value = f" ({problem.value})" if problem.value else ""
        return [Held(path, trouble=f"{problem.message}{value}")]
    except UNREADABLE as error:
        return [Held(path, trouble=_("cannot be read: {error}").format(error=error))]


def _held(path: Path) -> Iterator[Held]:
    suffix = path.suffix.lower()
    if suffix in PACKED:
        yield Held(
            path, trouble=_("an archive of this kind is not looked into: unpack it beside, for instance with 7-Zip")
        )
        return
    kind = structure_of(path)
    if kind:
        yield Held(path, kind=kind)
    elif suffix == ".zip":
        yield from _in_zip(path)
    elif suffix in ENGINES:
        yield from _sheets(path)
    elif suffix in DELIMITED or path.name.lower().endswith((".csv.gz", ".txt.gz")):
        with opened_text(Held(path)) as stream:
            yield _headed(Held(path), stream.read(HEAD))
    elif suffix in VECTORS or path.name.lower().endswith((".json.gz", ".geojson.gz")):
        with on_disk(Held(path)) as (file, _layer):
            yield from (replace(item, file=path) for item in _layers(file))
    else:
        yield Held(path, trouble=_("a kind of file that is not looked into"))


def _in_zip(path: Path) -> Iterator[Held]:
    with zipfile.ZipFile(path) as archive:
        names = [PurePosixPath(item.filename) for item in archive.infolist() if not item.is_dir()]
        names = [name for name in names if not any(part.startswith((".", "__MACOSX")) for part in name.parts)]
        kind = structure_of_folder([name.name for name in names])
        if kind:
            yield Held(path, kind=kind)
            return
        for name in names:
            if name.suffix.lower() in DELIMITED:
                with archive.open(str(name)) as stream:
                    yield _headed(Held(path, member=str(name)), stream.read(HEAD))
    shapes = [name for name in names if name.suffix.lower() in (".shp", ".gpkg", ".geojson")]
    if shapes and all(len(name.parts) == 1 and name.suffix.lower() == ".shp" for name in shapes):
        yield from _layers(path)
        return
    for name in shapes:
        with unzipped(path, str(name)) as (file, _layer):
            yield from (replace(item, file=path, member=str(name)) for item in _layers(file))


def _layers(file: Path) -> Iterator[Held]:
    for name in layer_names(file):
        info = layer_info(file, name)
        trouble = ""
        if not info.columns:
            trouble = _("shapes without a table")
            if file.suffix.lower() in (".shp", ".zip"):
                trouble += " " + _("(the .dbf of « {layer} » is missing)").format(layer=name)
        yield Held(file, layer=name, columns=info.columns, kind="vector", info=info, trouble=trouble)


def _sheets(path: Path) -> Iterator[Held]:
    import pandas as pd

    from jumeau.sources.excel import read_excel

    read_excel(path)  # refuses what is no workbook, or has no reader installed
    with pd.ExcelFile(path, engine=ENGINES[path.suffix.lower()]) as book:  # type: ignore[arg-type]
        for sheet in book.sheet_names:
            top = pd.read_excel(book, sheet_name=sheet, header=None, nrows=TITLES, dtype=object)
            rows = [tuple(str(cell).strip() for cell in row if pd.notna(cell)) for row in top.itertuples(index=False)]
            headers = [(number, row) for number, row in enumerate(rows) if len(row) > 1]
            if headers:
                skip, columns = headers[0]
                yield Held(path, layer=str(sheet), columns=columns, kind="sheet", skip=skip, headers=tuple(headers[1:]))


def _headed(held: Held, head: bytes) -> Held:
    """Return a text file with its encoding, separator and header; titles may stand above it."""
    try:
        text, encoding = head.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError as error:
        # A letter may be cut at the end of what was read.
        whole = error.start >= len(head) - 4 and len(head) == HEAD
        encoding = "utf-8-sig" if whole else "cp1252"
        text = head.decode(encoding, errors="replace")
    lines = text.splitlines()[: TITLES + 1]
    if not any(line.strip() for line in lines):
        return replace(held, trouble=_("the file is empty"))
    found = []
    for number, line in enumerate(lines[:TITLES]):
        separator = max(SEPARATORS, key=line.count)
        cells = tuple(cell.strip() for cell in next(csv.reader([line], delimiter=separator), []))
        if len([cell for cell in cells if cell]) > 1:
            found.append((number, cells, separator))
    if not found:
        return replace(held, columns=(lines[0].strip(),), encoding=encoding)
    skip, columns, separator = found[0]
    headers = tuple((number, cells) for number, cells, _sign in found[1:])
    return replace(held, columns=columns, encoding=encoding, separator=separator, skip=skip, headers=headers)


@contextmanager
def opened_text(held: Held) -> Iterator[IO[bytes]]:
    """Yield the bytes of a text file, unpacked on the way.

    Raises
    ------
    InputError
        When the archive is damaged.
    """
    try:
        if held.member:
            with zipfile.ZipFile(held.file) as archive, archive.open(held.member) as stream:
                yield stream
        elif held.file.suffix.lower() == ".gz":
            with gzip.open(held.file) as stream:
                yield cast("IO[bytes]", stream)
        else:
            with held.file.open("rb") as stream:
                yield stream
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        message = _("cannot be read: {error}").format(error=error)
        raise InputError(Problem(message, file=str(held.file))) from error


@contextmanager
def on_disk(held: Held) -> Iterator[tuple[Path, str | None]]:
    """Yield a file that OGR can open, and the layer to take of it; what is packed is unpacked for a while."""
    if held.member:
        with unzipped(held.file, held.member) as (file, _layer):
            yield file, held.layer or None
    elif held.file.suffix.lower() == ".gz":
        with tempfile.TemporaryDirectory() as folder:
            # GDAL tells a kind by the name that is left: `.json.gz` becomes `.geojson`.
            target = Path(folder) / (Path(held.file.stem).stem + ".geojson")
            with opened_text(held) as stream, target.open("wb") as whole:
                shutil.copyfileobj(stream, whole)
            yield target, held.layer or None
    else:
        yield held.file, held.layer or None
