"""The house keeps its floors: a module imports only from below it, and a network never imports another."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: From the ground floor up.
FLOORS = [
    (
        "redaction",
        "errors",
        "i18n",
        "units",
        "randomness",
        "attribute_docs",
        "attributes",
        "factors",
        "bill",
        "yaml_file",
        "yaml_messages",
        "files",
        "signals",
        "geopackage",
        "columns",
        "yaml_types",
        "compiled",
        "effort",
        "device",
        "input_file",
        "vector_file",
        "sampling",
        "shrinkage",
        "shapes",
        "content",
        "processors",
    ),
    ("accounts", "indicators", "reported", "yardsticks"),
    ("results",),
    ("evaluation",),
    ("territory",),
    ("sources",),
    ("simulation",),
    ("routing", "assignment", "radio", "placement"),
    ("study", "sizeable"),
    ("network",),
    ("networks",),
    ("testing",),
    ("engine",),
    ("sizing", "remarks"),
    ("report",),
    ("batches",),
    ("commands",),
    ("cli", "__main__"),
]
LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name


#: `results.evaluate()`, the door of scripts, is the one way up.
DOORS = {("results/model.py", "jumeau.evaluation")}


def test_imports_go_down():
    wrong = []
    for path in sorted((ROOT / "jumeau").rglob("*.py")):
        relative = path.relative_to(ROOT / "jumeau")
        home = relative.parts[0].removesuffix(".py")
        if home == "__init__":
            continue
        for module in imports(path):
            parts = module.split(".")
            if parts[0] == "jumeau_viz":
                assert home == "commands", f"{relative} imports the 3D views"
            if parts[0] != "jumeau" or len(parts) < 2:
                continue
            if LEVEL[parts[1]] > LEVEL[home] and (relative.as_posix(), module) not in DOORS:
                wrong.append(f"{relative} imports {module}")
            if home == "networks" and parts[1] == "networks" and len(parts) > 2:
                assert relative.parts[1] == parts[2], f"{relative} imports another network: {module}"
    assert not wrong


#: Rooms of a network's folder, from the first; the contract's files, at its root, come last.
ROOMS = ("tables", "formats", "physics", "simulation", "layout", "studies")


def room(parts):
    return ROOMS.index(parts[0]) if parts and parts[0] in ROOMS else len(ROOMS)


def test_rooms_of_a_network_keep_their_order():
    """A module imports only from its own room or those before it."""
    networks = ROOT / "jumeau" / "networks"
    later = set()
    for path in sorted(networks.glob("*/**/*.py")):
        network, *inside = path.relative_to(networks).parts
        assert len(inside) == 1 or inside[0] in ROOMS, f"{path}: a room that has no place in the order"
        for module in imports(path):
            parts = module.split(".")
            if parts[:3] == ["jumeau", "networks", network] and room(parts[3:]) > room(inside):
                later.add(("/".join((network, *inside)), module))
    assert not later


def test_no_global_randomness():
    forbidden = re.compile(
        r"np\.random\.(?!Generator|SeedSequence|PCG64|Philox)|^\s*(import random|from random)\b", re.MULTILINE
    )
    for folder in ("jumeau", "viz", "donnees_exemple"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not forbidden.search(path.read_text(encoding="utf-8")), path


def test_public_names_are_those_of_the_docstring():
    import jumeau

    listed = set(re.findall(r"^`(\w+)`", jumeau.__doc__, re.MULTILINE))
    assert listed == set(jumeau.__all__)
    assert all(getattr(jumeau, name) is not None for name in jumeau.__all__)
