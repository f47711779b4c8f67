"""What is wrong with public lighting, beyond what `attributes.csv` can say."""

from __future__ import annotations

from dataclasses import replace

from jumeau.columns import texts
from jumeau.errors import InputError, Problem
from jumeau.networks.lighting.formats.windows import read_profile
from jumeau.networks.lighting.parameters import Assumptions
from jumeau.territory.model import Territory


def check(territory: Territory, assumptions: Assumptions) -> list[Problem]:
    """Return lamps whose night profile cannot be read: it is neither a window nor declared in the assumptions."""
    if not territory.has("lamps"):
        return []
    lamps = territory.layers["lamps"]
    profile, ids, named = texts(lamps, "profile"), texts(lamps, "lamp_id"), assumptions.named_profiles()
    found: list[Problem] = []
    for text in sorted(set(profile) - {""}):
        try:
            read_profile(text, named)
        except InputError as error:
            features = tuple(str(name) for name in ids[profile == text])
            found += [replace(item, column="profile", features=features, value=text) for item in error.problems]
    return found
