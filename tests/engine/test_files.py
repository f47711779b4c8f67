"""Files are whole or absent, whatever the system refuses, whatever another process left."""

import errno
import os
import resource
import signal

import geopandas as gpd
import pyogrio
import pytest
import shapely

from jumeau.engine.lock import only_campaign
from jumeau.errors import InputError
from jumeau.files import atomic, check_writable, sweep, write_text
from jumeau.i18n import language


def lamps(path):
    frame = gpd.GeoDataFrame({"power": [80.0] * 3}, geometry=shapely.points([[2, 48], [3, 49], [4, 50]]), crs=4326)
    for layer in ("lamps", "cabinets"):
        pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", append=path.exists())


def test_a_number_of_process_that_comes_again_doubles_nothing(tmp_path, monkeypatch):
    """As in a container, where the first process always has the same number; the one before was killed at work."""
    monkeypatch.setattr(os, "getpid", lambda: 7)

    class Killed(BaseException):
        pass

    def half(path):
        lamps(path)
        raise Killed

    monkeypatch.setattr("jumeau.files.shutil.rmtree", lambda *_args, **_options: None)  # a kill cleans nothing
    with pytest.raises(Killed):
        atomic(tmp_path / "assets.gpkg", half)
    assert list(tmp_path.iterdir())
    monkeypatch.undo()
    atomic(tmp_path / "assets.gpkg", lamps)
    assert len(gpd.read_file(tmp_path / "assets.gpkg", layer="lamps")) == 3
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["assets.gpkg"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_the_system_refuses_is_told_and_the_old_file_stands(tmp_path, number, lang):
    path = write_text(tmp_path / "summary.json", "old")

    def refused(target):
        target.write_text("half", encoding="utf-8")
        raise OSError(number, os.strerror(number), str(target))

    with language(lang), pytest.raises(InputError) as caught:
        atomic(path, refused)
    problem = caught.value.problems[0]
    assert problem.file == str(path)
    assert problem.hint
    assert problem.message.startswith("cannot write" if lang == "en" else "écriture impossible")
    assert path.read_text(encoding="utf-8") == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["summary.json"]


@pytest.fixture
def small_disk(monkeypatch):
    """No file above 16 kB, as the system itself enforces it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16384, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_geopackage_that_does_not_fit_is_told(tmp_path, small_disk, english):
    with pytest.raises(InputError, match=r"cannot write.*(larger|full)"):
        atomic(tmp_path / "assets.gpkg", lamps)
    assert not list(tmp_path.iterdir())


def test_a_text_that_does_not_fit_is_told(tmp_path, small_disk, english):
    with pytest.raises(InputError, match="larger than is allowed"):
        write_text(tmp_path / "report.html", "x" * 100_000)
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path, english):
    write_text(tmp_path / "taken", "")
    for act in (lambda: check_writable(tmp_path / "taken"), lambda: write_text(tmp_path / "taken" / "a", "")):
        with pytest.raises(InputError, match="cannot write"):
            act()


def test_two_campaigns_in_one_folder_the_second_is_told_of_the_first(tmp_path, english):
    with only_campaign(tmp_path):
        with pytest.raises(InputError, match=f"process {os.getpid()}"), only_campaign(tmp_path):
            pass
        with pytest.raises(InputError, match=f"process {os.getpid()}"), only_campaign(tmp_path):
            pass  # asking does not wipe out who holds it
    with only_campaign(tmp_path):
        pass


def test_the_lock_of_a_killed_campaign_stands_in_nobodys_way(tmp_path):
    child = os.fork()
    if child == 0:
        with only_campaign(tmp_path):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert (tmp_path / ".jumeau.holder").exists()
    with only_campaign(tmp_path):
        pass
