"""What the page's script says, in the current language."""

from __future__ import annotations

from jumeau.i18n import _
from jumeau.remarks.model import KINDS


def page_texts() -> dict[str, object]:
    """Return the sentences of the script; names in braces are filled in by it."""
    return {
        "cut": _("{share} % before"),
        "absent": _("absent"),
        "unknown": _("no figure"),
        "unchanged": _("{situation} (changes nothing here)"),
        "value": _("{scenario}: {value}"),
        "nothing": _("Click on an asset, or search for it, to read its figures."),
        "notFound": _("Nothing is called {wanted}."),
        "hour": _("{hour}:{minutes}"),
        "between": _("{what}, {start} to {end} h [{unit}]"),
        "colon": _("{what}:").format(what=""),
        "play": _("Play"),
        "pause": _("Pause"),
        "present": _("Present"),
        "leave": _("Leave"),
        "next": _("Next"),
        "click": _("Click on the place, or on an asset."),
        "placed": _("Place chosen."),
        "empty": _("Write the remark first."),
        "kept": _("Remark kept. Save it to a file to hand it in."),
        "notKept": _("This browser keeps nothing: save to a file before you close the page."),
        "voted": _("Opinions kept: {count}."),
        "saved": _("Saved as remarks.json."),
        "added": _("Remarks and opinions added: {count}."),
        "unreadable": _("This file holds no remarks of this page."),
        "drop": _("Remove"),
        "kinds": {name: _(label) for name, label in KINDS.items()},
    }
