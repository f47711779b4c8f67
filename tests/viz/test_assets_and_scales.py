"""Assets aligned between scenarios, scales that they share, and a camera that sees them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
import small_town
import yaml
from jumeau_viz.appearance import Appearance, read_appearance
from jumeau_viz.assets import build_assets
from jumeau_viz.palettes import DIVERGING, MISSING, SEQUENTIAL, Scale, palette
from jumeau_viz.pictures import ASPECT, frame_camera, views

from jumeau.errors import InputError
from jumeau.i18n import language


def test_before_and_after_share_one_scale(assets):
    pictures = {view.name: view for view in views(assets, assets.indicators[0])}
    assert set(pictures) == {"before", "after_led", "difference_led"}
    assert pictures["before"].scale is pictures["after_led"].scale
    same = np.full(1, 200.0)
    assert (pictures["before"].scale.colours(same) == pictures["after_led"].scale.colours(same)).all()
    assert pictures["before"].scale.high >= max(np.nanmax(values) for values in assets.values["energy"])


def test_scenarios_are_aligned_by_id_whatever_their_order(scene, appearance):
    before, after = small_town.frames().values()
    shuffled = after.sample(frac=1, random_state=5).iloc[:-7]
    aligned = build_assets("lighting", appearance, {"baseline": before, "led": shuffled}, scene)
    expected = after.set_index("lamp_id")["energy"] - before.set_index("lamp_id")["energy"]
    found = dict(zip(aligned.ids, aligned.difference("energy", "led"), strict=True))
    for name in shuffled["lamp_id"]:
        assert found[name] == pytest.approx(expected[name])
    assert (~aligned.present[1]).sum() == 7


def test_doubled_ids_and_missing_heights_do_not_break_the_layer(scene, appearance):
    lamps = small_town.lamps()
    lamps.loc[1, "lamp_id"] = lamps.loc[0, "lamp_id"]
    aligned = build_assets("lighting", appearance, {"baseline": lamps, "led": lamps.copy()}, scene)
    assert len(aligned.ids) == len(lamps)
    assert np.nanmax(np.abs(aligned.difference("energy", "led"))) == 0.0
    assert set(np.round((aligned.heads - aligned.feet)[:, 2], 6)) == {7.0, 8.0}


def test_lines_become_ribbons_owned_by_their_asset(scene):
    pipes = gpd.GeoDataFrame(
        {"pipe_id": ["p1", "p2"], "leak": [1.0, 2.0]},
        geometry=[
            shapely.LineString([(652_010, 6_780_010), (652_110, 6_780_010)]),
            shapely.LineString([(652_010, 6_780_050), (652_010, 6_780_090), (652_060, 6_780_090)]),
        ],
        crs=small_town.CRS,
    )
    drawing = Appearance.model_validate(
        {
            "layer": "pipes",
            "geometry": "line",
            "label_column": "pipe_id",
            "indicators": [{"name": "leak", "label": "Leak", "unit": "m3"}],
        }
    )
    layer = build_assets("water", drawing, {"baseline": pipes}, scene)
    flat = layer.ribbon.points[layer.ribbon.triangles][:, :, :2]
    ab, ac = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    area = np.abs(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) / 2
    owner = layer.ribbon_owner[layer.ribbon.triangles[:, 0]]
    assert [area[owner == k].sum() for k in (0, 1)] == pytest.approx([600.0, 540.0])


def test_what_is_missing_is_named(scene, appearance):
    lamps = small_town.lamps()
    with pytest.raises(InputError, match="lamp_id"):
        build_assets("lighting", appearance, {"baseline": lamps.drop(columns="lamp_id")}, scene)
    with pytest.raises(InputError, match="energy"):
        build_assets("lighting", appearance, {"baseline": lamps[["lamp_id", "geometry"]]}, scene)
    with pytest.raises(InputError, match="lighting_lamps"):
        build_assets("lighting", appearance, {"led": lamps}, scene)


def test_unusable_appearances_are_refused_with_their_key(tmp_path):
    path = tmp_path / "appearance.yaml"
    good = {
        "layer": "a",
        "geometry": "point",
        "label_column": "i",
        "indicators": [{"name": "x", "label": "X", "unit": "m"}],
    }
    for change, word in (
        ({"colour": "red"}, "colour"),
        ({"geometry": "cube"}, "geometry"),
        ({"indicators": []}, "indicators"),
    ):
        path.write_text(yaml.safe_dump({**good, **change}), encoding="utf-8")
        with pytest.raises(InputError, match=word):
            read_appearance(path, small_town.ATTRIBUTES)
    with pytest.raises(InputError, match="absent"):
        read_appearance(tmp_path / "absent.yaml", small_town.ATTRIBUTES)


def test_label_and_unit_are_said_once(tmp_path):
    """By the table where it declares the output; by the file for layers that no table declares, such as rounds."""
    path = tmp_path / "appearance.yaml"

    def read(layer, **indicator):
        written = {"layer": layer, "geometry": "point", "label_column": "i", "indicators": [indicator]}
        path.write_text(yaml.safe_dump(written), encoding="utf-8")
        return read_appearance(path, small_town.ATTRIBUTES)[0].indicators[0]

    declared = next(item for item in small_town.ATTRIBUTES.outputs("lamps") if item.attribute == "dark_nights")
    found = read("lamps", name="dark_nights")
    assert (found.label, found.unit) == (declared.description, declared.unit)
    found = read("rounds", name="distance", label="Way", unit="km")
    assert (found.label, found.unit) == ("Way", "km")
    with pytest.raises(InputError, match="dark_nights"):
        read("lamps", name="dark_nights", label="Nights", unit="night")
    with pytest.raises(InputError, match="distance"):
        read("rounds", name="distance")


def test_lightness_of_sequential_palettes_only_rises():
    """What makes a palette readable without colour vision, and in a grey print."""
    for name in SEQUENTIAL:
        luminance = (palette(name) / 255.0) ** 2.2 @ np.array([0.2126, 0.7152, 0.0722])
        assert np.all(np.diff(luminance) > -1e-3)
        assert luminance[0] > 0.05


def test_zero_change_is_in_the_middle_and_unknown_is_apart():
    scale = Scale.changes([np.array([-30.0, 10.0])])
    assert scale.low == -scale.high
    assert (scale.colours(np.array([0.0]))[0] == palette(DIVERGING)[128]).all()
    assert tuple(scale.colours(np.array([np.nan]))[0]) == MISSING


def test_a_few_giants_do_not_flatten_the_scale_and_are_announced():
    values = np.concatenate([np.linspace(10, 100, 990), np.full(10, 5000.0)])
    scale = Scale.sequential([values], "viridis")
    assert scale.high < 200
    with language("fr"):
        assert scale.tick_labels()[-1].startswith("≥")
    assert Scale.sequential([np.zeros(3)], "viridis").high > 0


def test_numbers_of_legends_follow_the_language():
    scale = Scale.sequential([np.array([0.0, 2000.0])], "viridis")
    with language("fr"):
        assert scale.tick_labels()[-1] == "2\u202f000"
    with language("en"):
        assert scale.tick_labels()[-1] == "2,000"
    half = Scale.sequential([np.array([0.0, 2.0])], "viridis")
    with language("fr"):
        assert "0,5" in half.tick_labels()


def test_camera_sees_every_lamp_and_little_else(assets):
    camera = frame_camera(assets)
    seen = camera.project(assets.heads, ASPECT)
    assert np.abs(seen).max() <= 1.0
    assert np.ptp(seen, axis=0).max() > 1.7


def test_figures_with_a_sign_have_zero_in_the_middle_and_are_not_called_changes():
    scale = Scale.signed([np.append(np.linspace(-40.0, 30.0, 99), -900.0)])
    assert scale.low == -scale.high
    assert -40.0 <= scale.low <= -30.0
    assert scale.below
    assert not scale.change
    assert Scale.changes([np.array([-30.0, 10.0])]).change


def test_a_layer_without_any_figure_still_has_a_scale():
    scale = Scale.sequential([np.full(3, np.nan), np.empty(0)], "viridis", 1.0)
    assert scale.high > scale.low
    assert not scale.alike
