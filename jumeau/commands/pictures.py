"""`jumeau render`: the 3D pictures and pages of a run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.commands.ending import where
from jumeau.commands.parser import Commands, folder_word
from jumeau.commands.status import DONE, FAILED
from jumeau.commands.terminal import write
from jumeau.i18n import _
from jumeau.redaction import show, visible

if TYPE_CHECKING:
    from jumeau.engine.progress import Progress


def add(commands: Commands) -> None:
    """Add the command."""
    render = commands.add("render", _("make the 3D pictures and pages of a run, and its map for QGIS"), _render)
    folder_word(render)
    render.add_argument("--gltf", action="store_true", help=_("write the 3D scene as glTF too: « 3d/town.glb »"))
    render.add_argument("--tiles", action="store_true", help=_("write OGC 3D Tiles too: « 3d/tiles/tileset.json »"))
    render.add_argument("--film", action="store_true", help=_("film the guided tour too: « 3d/film_fr.mp4 »"))


def _render(arguments: argparse.Namespace) -> int:
    from jumeau.engine.progress import DRAWING, FILMING, LOADING, TerminalProgress
    from jumeau.engine.provenance import log_files
    from jumeau.results.storage import check_results

    folder = arguments.folder
    phases = (LOADING, DRAWING, FILMING) if arguments.film else (LOADING, DRAWING)
    with TerminalProgress(phases) as progress:
        progress.phase(LOADING)
        check_results(folder)  # a clear message where the folder holds no run
        progress.phase(DRAWING)
        written = draw(folder, gltf=arguments.gltf, tiles=arguments.tiles, film=arguments.film, progress=progress)
        log_files(folder, written)
    if not written:
        return FAILED
    write(where(folder, pages(folder, arguments.lang)))
    if arguments.film:
        write(films(written))
    return DONE


def load() -> None:
    """Load what draws, and see whether this machine can draw, ahead of time; it is told later where it cannot."""
    with suppress(ModuleNotFoundError):
        from jumeau_viz.probe import probe
        from jumeau_viz.run_folder import render as _render_run  # noqa: F401 - loading it is what takes time
        from jumeau_viz.stage import pyvista_module

        if probe().works:
            pyvista_module()


def draw(
    folder: Path,
    *,
    gltf: bool = False,
    tiles: bool = False,
    film: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Draw the pictures and pages of a run; return the files, none where what draws them is not installed."""
    try:
        from jumeau_viz import render
    except ModuleNotFoundError as error:
        tell_missing(error)
        return []
    return list(render(folder, gltf=gltf, tiles=tiles, film=film, progress=progress))


def raise_ours(error: ModuleNotFoundError) -> None:
    """Raise the error where the module is our own: that it is missing is a fault, and no extra."""
    if (error.name or "").partition(".")[0] == "jumeau":
        raise error


def tell_missing(error: ModuleNotFoundError) -> None:
    """Tell that what draws is not installed."""
    raise_ours(error)
    show(
        _("no 3D views: {error}. Install them with « pip install 'jumeau[viz]' ».").format(error=error), file=sys.stderr
    )


def films(written: Iterable[Path]) -> list[str]:
    """Return where the film is."""
    return [visible(_("Film: {path}").format(path=path), lines=False) for path in written if path.suffix == ".mp4"]


def pages(folder: Path, lang: str) -> list[Path]:
    """Return the 3D page of a run in a language; none where it was not made."""
    page = folder / "3d" / f"scene_{lang}.html"
    return [page] if page.is_file() else []
