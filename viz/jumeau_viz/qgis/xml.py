"""XML as QGIS and OGC write it: elements with attributes and texts, without characters that XML cannot hold."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from jumeau.redaction import visible

#: What XML 1.0 forbids and `visible` leaves.
_FORBIDDEN = re.compile("[\ufffe\uffff]")


def element(tag: str, text: str = "", /, **attributes: object) -> ET.Element:
    """Return an element; an attribute's trailing underscore, which keeps it from being a keyword, is dropped."""
    made = ET.Element(tag, {key.rstrip("_"): allowed(str(value)) for key, value in attributes.items()})
    if text:
        made.text = allowed(text)
    return made


def child(parent: ET.Element, tag: str, text: str = "", /, **attributes: object) -> ET.Element:
    """Return a new last child of an element."""
    made = element(tag, text, **attributes)
    parent.append(made)
    return made


def allowed(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _FORBIDDEN.sub("", visible(text))


def options(parent: ET.Element, values: dict[str, str]) -> ET.Element:
    """Add a map of QGIS's settings."""
    made = child(parent, "Option", type="Map")
    for key, value in values.items():
        child(made, "Option", name=key, type="QString", value=value)
    return made


def written(root: ET.Element, doctype: str = "") -> str:
    """Return a document."""
    ET.indent(root, " ")
    return doctype + ET.tostring(root, encoding="unicode") + "\n"
