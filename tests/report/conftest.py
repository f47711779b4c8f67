"""The French of the report, as it stands in `fr.txt`, for tests that run before it is merged into the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

import jumeau.report
from jumeau import i18n

FRENCH = Path(jumeau.report.__file__).with_name("fr.txt")


def pairs():
    """English -> French; empty once the lines are merged into the catalogue and the file is gone."""
    if not FRENCH.is_file():
        return {}
    lines = [line.split("\t") for line in FRENCH.read_text(encoding="utf-8").splitlines()]
    return dict(lines)


@pytest.fixture(scope="session", autouse=True)
def _french(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    catalogue = Catalog(locale="fr")
    for english, french in pairs().items():
        catalogue.add(english, french)
    with (folder / "fr.po").open("wb") as stream:
        write_po(stream, catalogue)
    i18n.add_catalogue(folder)
    yield
    i18n._extra_folders.remove(folder)
    i18n._translations.cache_clear()
