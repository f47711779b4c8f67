"""No module runs what a file says, and vector files have one door."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Call -> the modules that may make it.
DOORS = {
    # Messages between the processes of one run, which they start themselves; nothing of it is kept.
    "pickle.load": ("jumeau/engine/worker.py", "jumeau/engine/processes.py"),
    "pickle.loads": (
        "jumeau/engine/worker.py",
        "jumeau/engine/cluster_worker.py",
        "jumeau/testing/contract.py",
        "jumeau/simulation/shelf.py",  # from a folder that nobody but the user may write to
    ),
    "yaml.load": (),
    "yaml.unsafe_load": (),
    "yaml.full_load": (),
    "eval": (),
    "exec": (),
    "os.system": (),
    "pyogrio.read_dataframe": ("jumeau/vector_file.py",),
    "pyogrio.list_layers": ("jumeau/vector_file.py",),
    "pyogrio.read_info": ("jumeau/vector_file.py",),
    "pyogrio.read_arrow": (),
    "pyogrio.open_arrow": (),
    "gpd.read_file": (),
    "geopandas.read_file": (),
    "gpd.read_parquet": (),
    "pd.read_pickle": (),
    "joblib.load": (),
}


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def modules():
    for folder in ("jumeau", "viz/jumeau_viz"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_doors():
    wrong = []
    for path in modules():
        name = str(path.relative_to(ROOT))
        wrong += [f"{name}: {call}" for call, _node in calls(path) if call in DOORS and name not in DOORS[call]]
    assert not wrong


def test_arrays_hold_no_objects():
    """`np.load` reads pickles only when it is told to."""
    for path in modules():
        for call, node in calls(path):
            if call in ("np.load", "numpy.load"):
                assert not [item for item in node.keywords if item.arg == "allow_pickle"], path
