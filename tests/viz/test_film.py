"""The film of the tour: its length, its size, its words, and that a player reads it."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
import small_town
from jumeau_viz import encoder, film, render
from jumeau_viz.film import Cut, Film, between, tour_of, write_film
from jumeau_viz.film_captions import HEIGHT, INKS, WIDTH, Sheet, caption_of, view_of
from jumeau_viz.film_stage import FilmStage
from jumeau_viz.open_run import open_run
from jumeau_viz.palettes import palette
from jumeau_viz.probe import Probe

from jumeau import cli
from jumeau.errors import InputError
from jumeau.i18n import language

TINY = Cut(size=(320, 180), rate=5, pace=0.1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    small_town.write_run(folder)
    return open_run(folder)


class Steps:
    """Counts the pictures that a film tells of."""

    def __init__(self):
        self.total, self.done, self.phases = 0, 0, []

    def phase(self, phase):
        self.phases.append(phase.label)

    def start(self, total, done):
        self.total = total

    def step(self):
        self.done += 1


def decoded(path):
    av = pytest.importorskip("av")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        return frames, stream.codec_context.name, float(stream.average_rate), dict(container.metadata)


def words(caption, view, *, day):
    """What a sheet writes: texts and sizes of letters."""
    sheet = Sheet((WIDTH, HEIGHT), day=day)
    sheet.fill(caption, view)
    renderer = sheet.canvas.get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in sheet.figure.texts]


def test_a_film_has_the_size_and_the_length_of_its_tour(run, tmp_path, can_draw):
    pytest.importorskip("av")
    steps = Steps()
    with language("fr"):
        tour = tour_of(run)
        path = write_film(run, tmp_path / "film_fr.mp4", steps, TINY)
    frames, codec, rate, metadata = decoded(path)
    assert len(frames) == steps.total == steps.done == TINY.length(tour)
    assert steps.phases == ["filming the tour"]
    assert {frame.shape for frame in frames} == {(180, 320, 3)}
    assert (codec, rate) == ("h264", 5.0)
    assert metadata["title"] == "Passage de l’éclairage aux LED"
    assert "Simulation, et non mesure" in metadata["comment"]
    assert [item.name for item in tmp_path.iterdir()] == ["film_fr.mp4"]
    with path.open("rb") as stream:
        head = stream.read(4096)
    assert head.index(b"moov") > 0, "the index stands first"


def test_frames_are_what_is_drawn_and_the_notice_never_goes(run, can_draw):
    pytest.importorskip("av")
    with language("fr"):
        tour = tuple(tour_of(run))[:2]
        frames = list(Film(run, tour, TINY).frames())
    assert len(frames) == TINY.length(tour)
    # Lower right: the notice is the darkest ink there, by day, on every picture.
    notice = [frame[155:166, 230:] for frame in frames]
    assert all(item.min() < 120 < item.max() for item in notice)
    first, last = frames[0], frames[-1]
    town = slice(TINY.top, TINY.top + TINY.town[1])
    assert np.abs(first[town].astype(int) - last[town]).max() > 30
    assert not any(np.array_equal(frames[TINY.still(tour[0])], item) for item in (first, last)), "a flight lies between"


def test_what_is_encoded_is_what_is_decoded(tmp_path):
    pytest.importorskip("av")
    frames = []
    for shade in ((230, 60, 40), (20, 120, 200), (246, 247, 249)):
        frames += [np.full((180, 320, 3), shade, dtype=np.uint8)] * 3
    path = tmp_path / "f.mp4"
    encoder.encode(path, frames, (320, 180), 25, {"title": "été", "language": "fr"})
    found, _codec, _rate, metadata = decoded(path)
    assert metadata["title"] == "été"
    assert len(found) == len(frames)
    for one, other in zip(frames, found, strict=True):
        assert np.abs(one[90, 160].astype(int) - other[90, 160]).max() <= 4
    encoder.encode(tmp_path / "g.mp4", frames, (320, 180), 25, {"title": "été", "language": "fr"})
    assert path.read_bytes() == (tmp_path / "g.mp4").read_bytes()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_words_are_those_of_the_stops_and_stay_in_their_bands(run, lang):
    with language(lang):
        tour = tour_of(run)
        for rank, stop in enumerate(tour, start=1):
            layer = run.layers[stop.layer]
            caption, view = caption_of(stop, rank, len(tour), layer, run.captions), view_of(stop, layer)
            assert (caption.title, caption.text, caption.figure, caption.figure_label) == (
                stop.title, stop.text, stop.figure, stop.figure_label,
            )  # fmt: skip
            assert caption.notes[0] == run.captions.warning()
            said = words(caption, view, day=True)
            whole = " ".join(text for text, _box in said)
            for wanted in (stop.title, stop.text, stop.figure, stop.figure_label, *caption.notes, caption.legend):
                assert wanted in whole
            for text, box in said:
                assert box.x0 >= 0, text
                assert box.x1 <= WIDTH, text
                assert box.y1 <= 152 or box.y0 >= HEIGHT - 96, text


def test_long_words_are_made_smaller_before_they_are_cut(run):
    stop = replace(tour_of(run)[1], title="Place de la République " * 6, text="Une phrase bien longue. " * 40)
    layer = run.layers[stop.layer]
    said = words(caption_of(stop, 1, 1, layer, run.captions), view_of(stop, layer), day=False)
    assert all(box.x1 <= WIDTH for _text, box in said)
    assert sum(text.endswith("…") for text, _box in said) == 2


def test_a_stop_shows_its_situation_in_the_colours_of_the_hour(run):
    with language("en"):
        before, change = tour_of(run)[:2]
    layer = run.layers[0]
    assert view_of(before, layer).name == "before"
    assert view_of(change, layer).name == "difference_led"
    assert view_of(replace(change, change=False), layer).name == "after_led"
    assert view_of(replace(change, scenario="absent"), layer).name == "before"
    view = view_of(before, layer)
    assert (view.scale.colours(np.array([view.scale.high]), day=True) == palette("viridis", day=True)[-1]).all()
    tour = [replace(before, hour=hour) for hour in (None, 23, None, 12)]
    assert film._daylight(run, tour) == [True, False, False, True]
    assert INKS[True] != INKS[False]


def test_the_camera_flies_from_stop_to_stop(run):
    one, other = tour_of(run)[0].camera, tour_of(run)[-2].camera
    for share, end in ((0.0, one), (1.0, other)):
        reached = between(one, other, share)
        assert np.allclose(reached.target, end.target)
        assert (reached.distance, reached.elevation) == pytest.approx((end.distance, end.elevation))
    assert between(one, other, 0.5).distance == pytest.approx((one.distance + other.distance) / 2)


def test_the_town_is_built_once_and_hidden_markers_show_faintly(run, can_draw):
    tour = tour_of(run)
    layer, view = run.layers[0], view_of(tour[0], run.layers[0])
    with FilmStage(run.scene, tour[0].camera, (320, 120)) as stage:
        stage.show(layer, view, day=True)
        whole = stage.look(tour[0].camera, still=False)
        stage._markers[1].VisibilityOff()
        plain = stage.look(tour[0].camera, still=False)
        stage.show(layer, view, day=False)
        assert stage.look(tour[0].camera, still=True).shape == whole.shape == (120, 320, 3)
    assert (whole != plain).any()


def test_what_is_missing_is_named_before_anything_is_drawn(run, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(InputError, match=r"jumeau\[film\]"):
        render(run.folder, out=tmp_path, film=True)
    monkeypatch.undo()
    monkeypatch.setattr(film, "check_encoder", lambda: None)
    monkeypatch.setattr(film, "probe", lambda: Probe(works=False, reason="missing"))
    with pytest.raises(InputError, match=r"jumeau\[viz\]"):
        render(run.folder, out=tmp_path, film=True)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_film_leaves_nothing(run, tmp_path, monkeypatch, can_draw):
    pytest.importorskip("av")

    class Tired(Steps):
        def step(self):
            super().step()
            if self.done == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_film(run, tmp_path / "film_fr.mp4", Tired(), TINY)
    assert not list(tmp_path.iterdir())


def test_the_command_films_in_its_language(run, monkeypatch, capsys, can_draw):
    pytest.importorskip("av")
    monkeypatch.setattr(film, "Cut", lambda: TINY)
    monkeypatch.setattr("jumeau.results.storage.check_results", lambda folder: None)
    assert cli.main(["render", str(run.folder), "--film", "--lang", "en"]) == 0
    said = capsys.readouterr()
    made = run.folder / "3d" / "film_en.mp4"
    assert made.is_file()
    assert f"Film: {made}" in said.out
