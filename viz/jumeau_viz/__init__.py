"""3D pictures and an offline interactive page of Jumeau's results."""

from __future__ import annotations

from pathlib import Path

from jumeau.i18n import add_catalogue
from jumeau_viz.run_folder import render

add_catalogue(Path(__file__).parent / "locale")

__all__ = ["render"]
