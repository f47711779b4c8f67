"""What was downloaded into a folder: product, address, checksum, licence and date of each file (JSON)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jumeau.errors import InputError, Problem
from jumeau.files import write_text
from jumeau.i18n import _
from jumeau.sources.products.contents import MANIFEST
from jumeau.sources.products.fetch import Fetched
from jumeau.sources.products.resolver import Wanted

NAME = MANIFEST


@dataclass(frozen=True)
class Manifest:
    """The manifest of a folder.

    Attributes
    ----------
    folder : Path
    files : dict
        By name: `product, url, sha256, bytes, licence, downloaded, modified`.
    """

    folder: Path
    files: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder, an empty one where there is none.

        Raises
        ------
        InputError
            When it cannot be read.
        """
        path = folder / NAME
        if not path.is_file():
            return cls(folder, {})
        try:
            files = json.loads(path.read_text(encoding="utf-8"))["files"]
            return cls(folder, {str(name): dict(row) for name, row in files.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            hint = _("remove it: it is written again")
            raise InputError(
                Problem(_("the manifest cannot be read"), file=str(path), value=str(error), hint=hint)
            ) from None

    def record(self, wanted: Wanted, fetched: Fetched) -> None:
        """Write down a file that was downloaded."""
        self.files[fetched.path.name] = {
            "product": wanted.product,
            "url": fetched.url,
            "sha256": fetched.sha256,
            "bytes": fetched.size,
            "licence": wanted.licence,
            "downloaded": datetime.now(UTC).isoformat(timespec="seconds"),
            "modified": fetched.modified,
        }
        text = json.dumps({"files": self.files}, ensure_ascii=False, indent=2, sort_keys=True)
        write_text(self.folder / NAME, text + "\n")
