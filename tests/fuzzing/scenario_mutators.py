"""Scenarios as tired people and hostile ones write them: seeded mutations of good ones."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from jumeau.network import discover
from jumeau.simulation.shared import SHARED, shared_factors
from jumeau.yaml_file import parse_yaml, read_yaml

ROOT = Path(__file__).parents[2]

#: Light enough to be run to the end where a mutation leaves it valid.
SMALL = """\
name: fuzzed
title: {fr: Essai, en: Trial}
territory: bourg_exemple
networks: [lighting, waste]
period: {start: 2025-03-03, end: 2025-03-04}
warmup: 2 days
seed: 7
replications: 2
crews:
  team: {count: 1, shift: {from: "08:00", to: "16:00"}, weekdays: [monday, tuesday], serves: [lighting]}
assumptions:
  lighting: {gear_loss_hps: 12 %, led_price: 650 EUR, alarm_delay: 1 day}
  waste: {streams: [glass], reading_noise: 0.05}
  shared: {electricity_price: "0,17 €/kWh", crew_speed: 22 km/h}
baseline:
  title: {fr: Avant, en: Before}
variants:
  smart:
    title: {fr: LED et gradation, en: LEDs and dimming}
    measures:
      - measure: lighting.led_retrofit
        where: {attributes: {technology: [HPS, MERCURY], power: {min: 50 W, max: 400 W}}}
      - measure: lighting.dimming
        profile: [{from: "22:00", to: "05:30", level: 50 %}]
      - measure: waste.fill_sensors
        where: {attributes: {stream: glass}, zones: []}
uncertainties:
  lighting: {led_price: {law: triangular, low: 400 EUR, mode: 600 EUR, high: 900 EUR}}
thresholds:
  lighting: {energy: 10 kWh}
"""

#: What stands where something else was expected.
NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 12, 400, 10**9, 10**30, 10**400, -(10**400), 0.5, 1e300, 1e-300, -1e300,
    float("nan"), float("inf"), float("-inf"), "", " ", "a" * 300, "é" * 300, "$", "$$ x $$", r"$\frac{", "%",
    "12", "12 %", "-12 %", "1 500 €", "1,500 W", "W*W*W*W", "*".join(["W"] * 2000), "1 " + "*".join(["W"] * 30),
    "1" + " " * 2000 + "a", "1" + " 000" * 500, "0 W", "-5 W", "1e400 W", "1 W", "3 km/h", "0 km/h", "1 day",
    "1e9 days", "22:30", "25:99", "24:00", "00:00", "9999-12-31", "0000-01-01", "0001-01-01", "2025-02-30",
    "2025-13-01", "1677-01-01", "2262-04-11", "2025-01-01", "ZZ", "Europe/Nowhere", "../../../etc/passwd",
    "/dev/null", "/dev/zero", "/", ".", "nan", "inf", "null", "١٢ W", "½", "１２ W", "<script>alert(1)</script>",
    "{0}", "{name}", "%s", "\\", "'", '"', "\u202e", "\u0000", "\u001b[31m", "\ud800", "lighting",
    "water.sector_meters", "baseline", "__class__", "model_config", [], {}, [[]], [None], [1, 2, 3], ["a", "a"],
    {"": 1}, {"a": {"a": {"a": 1}}}, {"value": 3}, {"value": "3 EUR", "outside_bounds": True, "reason": "x"},
    {"min": None}, {"min": "5 W", "max": "1 W"}, [[0.0, 0.0], [1.0, 1.0], [float("nan"), 2.0]],
    [[1, 2], [1, 2], [1, 2]],
)  # fmt: skip

Path_ = tuple[str | int, ...]


def bases() -> list[Any]:
    """The repository's own scenarios, those of open data moved to the bundled town, and a small one that can be run."""
    found: list[Any] = [parse_yaml(SMALL).data]
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        data = read_yaml(path).data
        found.append({**data, "territory": "bourg_exemple"})
    return found


def places(data: Any, path: Path_ = ()) -> list[Path_]:
    """Every key path of a tree, leaves and blocks."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [*([path] if path else []), *(place for key, item in inside for place in places(item, (*path, key)))]


def at(data: Any, path: Path_) -> Any:
    for key in path:
        data = data[key]
    return data


def _replace(data: Any, rng: random.Random) -> None:
    *parent, key = rng.choice(places(data))
    at(data, tuple(parent))[key] = copy.deepcopy(rng.choice(NASTY))


def _delete(data: Any, rng: random.Random) -> None:
    *parent, key = rng.choice(places(data))
    del at(data, tuple(parent))[key]


def _misspell(data: Any, rng: random.Random) -> None:
    named = [place for place in places(data) if isinstance(place[-1], str)]
    *parent, key = rng.choice(named)
    block = at(data, tuple(parent))
    spot = rng.randrange(len(key) + 1)
    other = rng.choice([key[:spot] + rng.choice("xé_ 0A") + key[spot:], key[1:], key.upper(), key * 100])
    block[other] = block.pop(key)


def _swap(data: Any, rng: random.Random) -> None:
    leaves = [place for place in places(data) if not isinstance(at(data, place), dict | list)]
    first, second = rng.sample(leaves, 2)
    one, other = at(data, first), at(data, second)
    at(data, first[:-1])[first[-1]] = other
    at(data, second[:-1])[second[-1]] = one


def _repeat(data: Any, rng: random.Random) -> None:
    lists = [place for place in places(data) if isinstance(at(data, place), list)]
    if lists:
        items = at(data, rng.choice(lists))
        items *= rng.choice([2, 3, 30])


def _number(rng: random.Random, unit: str) -> Any:
    value = rng.choice([0, 1, -1, 0.5, 12, 1e6, 1e-6, -0.1, 1e300, rng.uniform(0, 100)])
    return rng.choice([f"{value} {unit}", value, f"{value}", f"{value} %", f"{-value} {unit}", True])


def _assume(data: Any, rng: random.Random) -> None:
    """Replace some factors, sometimes with what they cannot be."""
    tables = {SHARED: shared_factors()} | {name: network.factors for name, network in discover().items()}
    for _time in range(rng.choice([1, 1, 5])):
        owner = rng.choice(sorted(tables))
        factor = tables[owner][rng.choice(sorted(tables[owner]))]
        unit = "" if factor.unit == "1" else factor.unit
        value = rng.choice([_number(rng, unit), f"{rng.choice([factor.low, factor.high, 0.0])} {unit}".strip()])
        block = data.setdefault(rng.choice(["assumptions", "assumptions", "uncertainties"]), {})
        if isinstance(block, dict) and isinstance(block.setdefault(owner, {}), dict):
            meant = {"value": value, "outside_bounds": True, "reason": "x"}
            law = {"low": value, "high": _number(rng, unit)}
            block[owner][factor.name] = rng.choice([value, value, meant, law])


def _measure(data: Any, rng: random.Random) -> None:
    """Add a measure with some parameters, most of them odd."""
    network = discover()[rng.choice(sorted(discover()))]
    measure = network.measures[rng.choice(sorted(network.measures))]
    call: dict[str, Any] = {"measure": f"{network.name}.{measure.name}"}
    for field, info in measure.parameters.model_fields.items():
        if rng.random() < 0.5:
            call[info.alias or field] = copy.deepcopy(rng.choice([rng.choice(NASTY), _number(rng, "EUR"), 0.3]))
    if rng.random() < 0.3:
        odd = rng.choice(NASTY)
        filters: list[Any] = [{"polygon": odd}, {"zones": [odd]}, {"attributes": {"technology": odd}}, odd]
        call["where"] = copy.deepcopy(rng.choice(filters))
    variants = data.setdefault("variants", {})
    if isinstance(variants, dict):
        variants[rng.choice(["more", "x" * 300, "smart"])] = {"measures": [call]}


def _settings(data: Any, rng: random.Random) -> None:
    """Change the period, the replications, the crews."""
    start, end = sorted(rng.sample(["2025-03-29", "2025-03-30", "2025-03-31", "2025-10-26", "2024-02-29", "1950-01-01",
                                    "2025-12-31", "9999-12-31", "2100-12-31"], 2))  # fmt: skip
    key, value = rng.choice([
        ("period", {"start": start, "end": end}),
        ("warmup", rng.choice(["0 days", "1 day", "-1 day", "36 h", "5 years", "1e6 days", 3])),
        ("draws", rng.choice([0, 1, 3, True, "3", -1])),
        ("base_year", rng.choice([1949, 1950, 2024, 2025, 2100, "2025", True])),
        ("seed", rng.choice([0, 2**63, 2**63 - 1, 2**64, -1, "7", True])),
        ("replications", rng.choice([1, True, 0, {"precision": {"indicator": "lighting.enrgy", "half_width": 3}},
                                     {"minimum": 2, "maximum": 3, "precision": {"indicator": "lighting.energy",
                                      "half_width": rng.choice(["1 kWh", "0 kWh", 4, "1 EUR", None])}}])),
        ("crews", {"team": {"count": rng.choice([0, 1, True]), "serves": [rng.choice(["lighting", "lightning"])],
                            "depot": rng.choice([[0, 0], [float("nan"), 1], [1e300, 0], "here", [True, 1]]),
                            "shift": {"from": rng.choice(["08:00", "23:00", 480]), "to": "16:00"}}}),
        ("networks", rng.choice([["lighting", "lighting"], ["waste"], ["lightnig"], "lighting", []])),
    ])  # fmt: skip
    data[key] = value


def _gentle(data: Any, rng: random.Random) -> None:
    """Change what stays valid: texts that people read, figures inside their ranges, the seed."""
    odd = [text for text in NASTY if isinstance(text, str) and text.isprintable()]
    tables = {SHARED: shared_factors()} | {name: discover()[name].factors for name in ("lighting", "waste")}
    block = data.setdefault("assumptions", {})
    for _time in range(rng.choice([1, 3, 10])):
        owner = rng.choice(sorted(tables))
        factor = tables[owner][rng.choice(sorted(tables[owner]))]
        value = rng.uniform(factor.low, factor.high)
        block.setdefault(owner, {})[factor.name] = value if factor.unit == "1" else f"{value!r} {factor.unit}"
    data["title"] = rng.choice(odd)
    data["question"] = {"fr": rng.choice(odd), "en": rng.choice(odd)}
    data["seed"] = rng.randrange(2**63)
    for variant in data["variants"].values():
        variant["title"] = rng.choice([rng.choice(odd), {"fr": rng.choice(odd)}])


TREE: tuple[Callable[[Any, random.Random], None], ...] = (
    _replace, _replace, _delete, _misspell, _swap, _repeat, _assume, _assume, _measure, _settings,
)  # fmt: skip


def _broken(text: str, rng: random.Random) -> bytes:
    """Break the text itself: encoding, syntax, aliases, nesting, tags."""
    spot = rng.randrange(len(text))
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{rank}: &a{rank} [{', '.join([f'*a{rank - 1}'] * 9)}]\n" for rank in range(1, 9)
    )
    return rng.choice([
        text[:spot].encode(),
        text[:spot].encode() + b"\xff\xfe\x00" + text[spot:].encode(),
        (text[:spot] + rng.choice("\t\0:{}[]&*!|>'\"%@`#,-\u2028\u0085\x07") + text[spot:]).encode(),
        text.replace("\n", "\r\n").encode("utf-8-sig"),
        text.encode("utf-16"),
        text.encode("latin-1", "replace"),
        (text + "title: twice\nseed: 1\nseed: 2\n").encode(),
        (text + "? [a, b]\n: 1\nnull: 3\n~: 4\n").encode(),
        (text + "question: !!python/object/apply:os.system ['echo']\n").encode(),
        (text + bomb).encode(),
        (text + "a: &a\n  b: *a\n").encode(),
        (text + "deep: " + "[" * rng.choice([45, 500, 20000])).encode(),
        (text + "deep: " + "[" * 500 + "]" * 500 + "\n").encode(),
        (text + "deep: " + "{a: " * 500 + "1" + "}" * 500 + "\n").encode(),
        (text + "---\nname: second\n").encode(),
        b"",
        b"- a\n- b\n",
        (text + "x" * 100_000 + ": 1\n").encode(),
        ("<<: {name: merged}\n" + text).encode(),
    ])  # fmt: skip


def mutated(seed: int) -> bytes:
    """Return the bytes of a scenario file: a good one, changed at one to three places."""
    rng = random.Random(seed)
    if rng.random() < 0.2:
        return gentle(seed)
    data = copy.deepcopy(rng.choice([_BASES[0], _BASES[0], rng.choice(_BASES)]))
    for _time in range(rng.choice([1, 1, 1, 2, 3])):
        try:
            rng.choice(TREE)(data, rng)
        except (KeyError, TypeError, IndexError, ValueError):  # an earlier change took away what this one needs
            continue
    text = yaml.dump(data, allow_unicode=rng.random() < 0.5, sort_keys=False)
    if rng.random() < 0.15:
        return _broken(text.encode("utf-8", "replace").decode(), rng)
    return text.encode("utf-8", "replace")


def gentle(seed: int) -> bytes:
    """Return the bytes of the small scenario with odd texts and other figures, all of them valid."""
    data = copy.deepcopy(_BASES[0])
    _gentle(data, random.Random(seed))
    return yaml.dump(data, allow_unicode=True, sort_keys=False).encode()


_BASES = bases()
