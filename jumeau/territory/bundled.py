"""Where the bundled town and scenarios lie: in the repository, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

from jumeau.errors import InputError, nearest
from jumeau.i18n import _

#: Name of the bundled territory -> its file in `donnees_exemple/`.
BUNDLED = {"bourg_exemple": "bourg_exemple.gpkg"}


def bundled_folder(name: str) -> Path:
    """Return the folder `donnees_exemple` or `scenarios`.

    A wheel carries them in `jumeau/bundled/`; an editable install reads those of the repository.
    """
    package = Path(__file__).parents[1]
    inside = package / "bundled" / name
    return inside if inside.is_dir() else package.parent / name


def locate(path: Path | str) -> Path:
    """Return the file of a territory given by path or by bundled name.

    Raises
    ------
    InputError
        When there is neither; the nearest bundled name is offered.
    """
    text = str(path)
    if text in BUNDLED:
        return bundled_folder("donnees_exemple") / BUNDLED[text]
    file = Path(path)
    if file.is_file():
        return file
    near = nearest(text, list(BUNDLED))
    hint = _("did you mean « {near} »?").format(near=near) if near else ""
    hint = hint or _("give the path of a .gpkg file, or one of: {names}").format(names=", ".join(BUNDLED))
    raise InputError(_("unknown territory: {path}").format(path=text), hint=hint)
