"""EPANET files as people have them: read, kept word for word, run and written back with EPANET's own heads."""

from pathlib import Path

import numpy as np
import pytest
import wntr
from epanet_kit import epanet, gap
from water_kit import LAMBERT, layers_like

from jumeau.errors import InputError
from jumeau.networks.water.formats.epanet import inp_of, read_inp, write_inp
from jumeau.networks.water.physics.hydraulics import solve

#: What the wheel of wntr holds, of all kinds: rules, clocks, multi-point curves, emitters, PRV, tanks, Latin-1.
LIBRARY = Path(wntr.__file__).parent
SMALL = (
    "Anytown", "Anytown_multipointcurves", "Awumah_layout1", "CCWI17-HermanMahmoud", "Todini_Fig2_optCost_GPM",
    "conditional_controls_1", "conditional_controls_2", "control_comb", "epanet_leaks", "io", "latin1",
    "prv_open_no_upstream_sources", "tank_controls_1", "time_controls", "times",
)  # fmt: skip

#: A network of one pump, a tank and a valve, in l/s, with places to put things in.
PLAIN = """[TITLE]
 Petit réseau
[JUNCTIONS]
 J1 10 0
 J2 12 2 P1
 J3 15 3 P1
 J4 8 1.5 P1
 J5 5 1
[RESERVOIRS]
 R1 20
[TANKS]
 T1 50 2 0.5 4 12 0
[PIPES]
 L1 J1 J2 300 200 120 0 Open
 L2 J2 J3 400 150 110 0 Open
 L3 J3 T1 100 200 130 0 Open
 L4 J2 J4 500 100 100 0 Open
 L5 J3 J4 450 100 100 2 Open
[PUMPS]
 PU1 R1 J1 HEAD C1
[VALVES]
 V1 J4 J5 100 PRV 30 0
[PATTERNS]
 P1 0.5 0.4 0.6 1.2 1.5 1.3 1.1 1.0 1.2 1.4 1.0 0.8
[CURVES]
 C1 15 40
[CONTROLS]
 LINK PU1 CLOSED IF NODE T1 ABOVE 3.8
 LINK PU1 OPEN IF NODE T1 BELOW 1.5
[OPTIONS]
 UNITS LPS
 HEADLOSS H-W
[TIMES]
 DURATION 24:00
 HYDRAULIC TIMESTEP 1:00
 PATTERN TIMESTEP 2:00
[COORDINATES]
 J1 100 0
 J2 400 0
 J3 800 0
 J4 600 300
 J5 700 350
 R1 0 0
 T1 900 0
[END]
"""

#: What a file may say besides: (what stands in the plain file, what stands instead of it).
KINDS = {
    "pattern start": ("[TIMES]", "[TIMES]\n PATTERN START 7:00"),
    "start of the clock": ("[TIMES]", "[TIMES]\n START CLOCKTIME 7:15 PM"),
    "rule step": (
        "[OPTIONS]",
        "[RULES]\nRULE 1\nIF TANK T1 LEVEL > 3\nTHEN PIPE L5 STATUS = CLOSED\n[TIMES]\n RULE TIMESTEP 0:10\n[OPTIONS]",
    ),
    "statistic": ("[TIMES]", "[TIMES]\n STATISTIC MAXIMUM\n REPORT START 2:00"),
    "solver": ("UNITS LPS", "UNITS LPS\n CHECKFREQ 1\n MAXCHECK 5\n DAMPLIMIT 0.1\n UNBALANCED STOP\n TRIALS 30"),
    "accuracy": ("[OPTIONS]", "[OPTIONS]\n HEADERROR 0.001\n FLOWCHANGE 0.01\n ACCURACY 0.01"),
    "speed of a pump": ("[PATTERNS]", "[STATUS]\n PU1 0.9\n[PATTERNS]"),
    "kilopascals": ("[OPTIONS]", "[OPTIONS]\n PRESSURE KPA"),
    "gallons": ("UNITS LPS", "UNITS GPM"),
    "no units": (" UNITS LPS\n", ""),
    "emitters": ("[PATTERNS]", "[EMITTERS]\n J5 0.2\n[OPTIONS]\n EMITTER EXPONENT 0.8\n[PATTERNS]"),
    "zero demands": ("[PATTERNS]", "[DEMANDS]\n J2 0\n J3 0 P1\n[PATTERNS]"),
    "several demands": ("[PATTERNS]", "[DEMANDS]\n J2 1 P1 ;homes\n J2 2 ;works\n[PATTERNS]"),
    "default pattern": ("[OPTIONS]", "[OPTIONS]\n PATTERN P1\n DEMAND MULTIPLIER 1.3"),
    "demand by pressure": ("[OPTIONS]", "[OPTIONS]\n DEMAND MODEL PDA\n REQUIRED PRESSURE 60\n MINIMUM PRESSURE 5"),
    "Darcy and Weisbach": ("HEADLOSS H-W", "HEADLOSS D-W"),
    "Manning": ("HEADLOSS H-W", "HEADLOSS C-M"),
    "wide valve": ("V1 J4 J5 100 PRV 30", "V1 J4 J5 25400 TCV 0"),
    "volume curve": ("T1 50 2 0.5 4 12 0", "T1 50 2 0.5 4 0 0 VC\n[CURVES]\n VC 0.5 0\n VC 2 100.1\n VC 4 333.3"),
    "clock times": ("[CONTROLS]", "[CONTROLS]\n LINK L5 CLOSED AT CLOCKTIME 10:30 PM\n LINK L5 OPEN AT TIME 5.25"),
    "quotes": ("L4 J2 J4 500 100 100 0 Open", '"L4" "J2" "J4" 500 100 100 0 Open;'),
}  # fmt: skip


def crossed(text):
    """Return the plain network with a word of the language for a name, and one with an accent."""
    return text.replace("J4", "Tank").replace("J3", "Église").replace("L2", "Pump")


@pytest.fixture
def written(tmp_path):
    """Return a function from the bytes of a file to EPANET's answers on it, and on what is read and written back."""

    def run(data):
        path = tmp_path / "network.inp"
        path.write_bytes(data)
        imported = read_inp(path, LAMBERT)
        again = write_inp(imported.layers, tmp_path / "again.inp")
        return epanet(path), epanet(again), imported

    return run


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_a_file_says_survives(kind, written):
    old, new = KINDS[kind]
    assert old in PLAIN
    text = PLAIN.replace(old, new, 1)
    if "C-M" in new:
        text = text.replace(" 120 0", " 0.012 0").replace(" 110 0", " 0.013 0").replace(" 130 0", " 0.01 0")
        text = text.replace(" 100 0 Open", " 0.011 0 Open").replace(" 100 2 Open", " 0.011 2 Open")
    if "D-W" in new:
        text = text.replace(" 120 0", " 0.1 0").replace(" 110 0", " 0.5 0").replace(" 130 0", " 0.05 0")
    before, after, _imported = written(text.encode())
    assert gap(before, after) == (0.0, 0.0)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_accents_and_words_of_the_language_are_names(encoding, written):
    before, after, imported = written(crossed(PLAIN).encode(encoding))
    assert gap(before, after) == (0.0, 0.0)
    assert "Église".encode(encoding) in after.nodes
    found = solve(layers_like(**imported.layers))
    assert {"Église", "Tank"} <= set(found.nodes)


@pytest.mark.parametrize("name", SMALL)
def test_networks_of_wntr_come_back_as_they_were(name, written):
    (path,) = LIBRARY.rglob(f"{name}.inp") if name != "Anytown" else (next(LIBRARY.rglob("Anytown.inp")),)
    before, after, _imported = written(path.read_bytes())
    assert gap(before, after) == (0.0, 0.0)


def test_only_what_changes_is_rewritten(tmp_path):
    path = tmp_path / "network.inp"
    path.write_bytes(PLAIN.replace("UNITS LPS", "UNITS GPM").encode())
    layers = layers_like(**read_inp(path, LAMBERT).layers)
    before = inp_of(layers)[0].decode().splitlines()
    pipes = layers["water_pipes"].copy()
    pipes.loc[1, "diameter"] = 254.0
    valves = layers["water_valves"].assign(setting=20.0)
    after = inp_of({**layers, "water_pipes": pipes, "water_valves": valves})[0].decode().splitlines()
    assert set(before) - set(after) == {" L2 J2 J3 400 150 110 0 Open", " V1 J4 J5 100 PRV 30 0"}
    pipe, valve = (next(line for line in after if line.split()[:1] == [name]).split() for name in ("L2", "V1"))
    assert [float(word) for word in pipe[3:6]] == pytest.approx([400.0, 10.0, 110.0])  # feet, inches
    assert float(valve[5]) == pytest.approx(20.0 / 0.3048 * 0.4333)  # psi, with EPANET's figure
    changed = tmp_path / "changed.inp"
    changed.write_text("\n".join(after))
    again = read_inp(changed, LAMBERT).layers
    assert again["water_pipes"]["diameter"][1] == pytest.approx(254.0)
    assert again["water_valves"]["setting"][0] == pytest.approx(20.0)


def test_a_pipe_that_is_removed_and_one_that_is_added(tmp_path):
    path = tmp_path / "network.inp"
    path.write_bytes(PLAIN.encode())
    layers = layers_like(**read_inp(path, LAMBERT).layers)
    pipes = layers["water_pipes"].copy()
    pipes.loc[4, "pipe_id"] = "NEW"
    out = write_inp({**layers, "water_pipes": pipes}, tmp_path / "out.inp")
    assert set(epanet(out).links) == {b"L1", b"L2", b"L3", b"L4", b"NEW", b"PU1", b"V1"}
    assert gap(epanet(path, "[PIPES]\n"), epanet(write_inp(layers, tmp_path / "same.inp"))) == (0.0, 0.0)
    assert epanet(out).head == pytest.approx(epanet(path).head, abs=1e-6)


def test_pressures_of_a_run_are_those_of_epanet_at_the_clock_of_the_file(tmp_path):
    path = tmp_path / "network.inp"
    path.write_bytes(PLAIN.replace("[TIMES]", "[TIMES]\n START CLOCKTIME 7 AM").encode())
    layers = layers_like(**read_inp(path, LAMBERT).layers)
    found = solve(layers, settling=0)
    theirs = epanet(path, "[TIMES]\n REPORT TIMESTEP 1:00\n")
    hour = theirs.times % 3600 == 0
    pressure = (theirs.head - theirs.elevation)[hour][:24, [theirs.nodes.index(n.encode()) for n in found.nodes]]
    # The clock reads seven when EPANET starts.
    assert np.roll(pressure, 7, axis=0) == pytest.approx(found.pressure, abs=0.02)


def test_emitters_are_not_sold(tmp_path):
    path = tmp_path / "network.inp"
    plain = PLAIN.encode()
    path.write_bytes(plain)
    without = solve(layers_like(**read_inp(path, LAMBERT).layers))
    path.write_bytes(plain.replace(b"[PATTERNS]", b"[EMITTERS]\n J5 0.2\n[OPTIONS]\n EMITTER EXPONENT 0.8\n[PATTERNS]"))
    found = solve(layers_like(**read_inp(path, LAMBERT).layers))
    assert found.consumption == pytest.approx(without.consumption, rel=1e-4)
    # 0.2 l/s at 1 m, to the power of 0.8, at the 30 m that the valve holds.
    assert found.emitted.sum() == pytest.approx(0.2 * 3.6 * 30.0**0.8, rel=0.02)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[PATTERNS]", "[LEAKAGE]\n L1 1 0\n[PATTERNS]", ("[LEAKAGE]", " L1 1 0")),
        ("PRV 30", "PCV 30", ("PCV", " V1 J4 J5 100 PCV 30 0")),
        ("UNITS LPS", "UNITS CMS", ("CMS", " UNITS CMS")),
        ("[OPTIONS]", "[OPTIONS]\n EMITTER BACKFLOW NO", ("BACKFLOW", " EMITTER BACKFLOW NO")),
    ],
)
def test_what_is_of_epanet_2_3_is_refused_by_name(tmp_path, english, old, new, said):
    path = tmp_path / "network.inp"
    path.write_text(PLAIN.replace(old, new, 1))
    with pytest.raises(InputError, match=r"EPANET 2\.3") as caught:
        read_inp(path, LAMBERT)
    problem = caught.value.problems[0]
    assert said[0] in problem.value
    assert path.read_text().splitlines()[problem.line - 1] == said[1]


def test_an_empty_section_of_epanet_2_3_says_nothing(tmp_path):
    path, plain = tmp_path / "network.inp", tmp_path / "plain.inp"
    path.write_text(PLAIN.replace("[PATTERNS]", "[LEAKAGE]\n; none\n[PATTERNS]"))
    plain.write_text(PLAIN)
    again = write_inp(read_inp(path, LAMBERT).layers, tmp_path / "again.inp")
    assert gap(epanet(plain), epanet(again)) == (0.0, 0.0)


def test_a_line_that_stops_epanet_with_its_process_is_a_message(tmp_path, english):
    path = tmp_path / "network.inp"
    path.write_text(PLAIN.replace("[TIMES]", "[TIMES]\n RULE TIMESTEP " + "x" * 900))
    with pytest.raises(InputError, match="EPANET's reader refuses the file"):
        read_inp(path, LAMBERT)


def test_nodes_without_coordinates_are_placed_and_told(tmp_path, english):
    path = tmp_path / "network.inp"
    path.write_text(PLAIN.replace(" J4 600 300\n", ""))
    imported = read_inp(path, LAMBERT)
    assert "J4" in " ".join(imported.notes)
    place = imported.layers["water_junctions"].set_index("node_id").geometry["J4"]
    assert (place.x, place.y) == pytest.approx(((400 + 800 + 700) / 3, 350 / 3))
    path.write_text(PLAIN.partition("[COORDINATES]")[0])
    bare = read_inp(path, LAMBERT)
    assert "no coordinates" in " ".join(bare.notes)
    assert bare.layers["water_pipes"].geometry.length.min() > 1.0


def test_a_pump_drawn_at_one_place_is_a_short_line(tmp_path, english):
    path = tmp_path / "network.inp"
    path.write_text(PLAIN.replace(" J1 100 0\n", " J1 0 0\n"))
    imported = read_inp(path, LAMBERT)
    assert imported.layers["water_pumps"].geometry.length.iloc[0] == pytest.approx(0.5)
    assert "PU1" in " ".join(imported.notes)


def test_no_line_of_a_file_names_another_file_to_epanet(tmp_path):
    path, other = tmp_path / "network.inp", tmp_path / "other.txt"
    lines = f"[REPORT]\n FILE {other}\n[OPTIONS]\n HYDRAULICS SAVE {other}\n MAP {other}"
    path.write_text(PLAIN.replace("[OPTIONS]", lines))
    layers = layers_like(**read_inp(path, LAMBERT).layers)
    solve(layers)
    assert not other.exists()
    assert str(other).encode() not in inp_of(layers)[0]
