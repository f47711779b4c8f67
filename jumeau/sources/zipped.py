"""Geographic files inside a zip, at any depth: the one wanted is taken out for a while."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number

KINDS = (".shp", ".gpkg", ".geojson")

#: Most that is taken out of a zip [byte]: a part of a shapefile holds 2 GB by its format.
MOST = 8 * 2**30


@contextmanager
def unzipped(path: Path, layer: str | None) -> Iterator[tuple[Path, str | None]]:
    """Yield a file that can be opened, and the layer to take of it.

    A zip of shapefiles without folders, and whatever is no zip, is yielded as it is.

    Parameters
    ----------
    path : Path
    layer : str, optional
        Layer wanted; among several files of a zip, the name or the path of the one wanted.

    Raises
    ------
    InputError
        When the zip is damaged, or holds several files and `layer` names none of them; errors inside name the zip.
    """
    if path.suffix.lower() != ".zip":
        yield path, layer
        return
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(item.filename) for item in archive.infolist() if not item.is_dir()]
            held = [name for name in names if name.suffix.lower() in KINDS and not _hidden(name)]
            whole = {str(name).lower() for name in names}
            flat = all(
                len(name.parts) == 1 and name.suffix.lower() == ".shp" and f"{name.stem}.shx".lower() in whole
                for name in held
            )
            if not held or flat:
                yield path, layer
                return
            wanted = _wanted(path, held, layer)
            parts = [name for name in names if name.parent == wanted.parent and name.stem == wanted.stem]
            size = sum(archive.getinfo(str(name)).file_size for name in parts)
            if size > MOST:
                hint = _("unzip it, and give the file inside it")
                message = _("the zip holds {size} GB").format(size=format_number(size / 1e9))
                raise InputError(Problem(message, file=str(path), hint=hint))
            inside = None if layer in (wanted.stem, str(wanted), None) else layer
            with tempfile.TemporaryDirectory() as folder:
                for name in parts:
                    with archive.open(str(name)) as part, (Path(folder) / name.name).open("wb") as target:
                        shutil.copyfileobj(part, target)
                try:
                    yield Path(folder) / wanted.name, inside
                except InputError as error:
                    raise InputError(*(replace(problem, file=str(path)) for problem in error.problems)) from error
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        hint = _("unzip it, and give the file inside it")
        raise InputError(Problem(_("the zip cannot be read"), file=str(path), value=str(error), hint=hint)) from error


def _hidden(name: PurePosixPath) -> bool:
    """Return whether a name is of what systems add beside files."""
    return any(part.startswith((".", "__MACOSX")) for part in name.parts)


def _wanted(path: Path, held: list[PurePosixPath], layer: str | None) -> PurePosixPath:
    """Return the file of that name, or the only one."""
    chosen = [name for name in held if layer in (str(name), name.stem)]
    if len(chosen) == 1:
        return chosen[0]
    if len(held) == 1:
        return held[0]
    hint = _("state `layer:`, one of: {names}").format(names=", ".join(str(name) for name in chosen or held))
    raise InputError(Problem(_("the file has several layers"), file=str(path), hint=hint))
