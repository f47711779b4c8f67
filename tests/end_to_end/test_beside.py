"""A command that the demonstration starts beside itself ends as it would alone."""

import pytest

from jumeau.commands.beside import Beside


@pytest.mark.parametrize(("words", "status"), [(["--version"], 0), (["render", "nowhere"], 2)])
def test_its_status_is_that_of_the_command(words, status):
    # An interpreter that is aborted as it ends had the demonstration draw all its pictures a second time.
    with Beside(*words) as child:
        child.begin()
        assert child.wait(60) == status


def test_it_leaves_when_nobody_waits_for_it():
    with Beside("check", "demo") as child:
        child.begin()
    assert child.wait(60) in {1, -9}  # by force on a machine that took too long to load


def test_it_leaves_where_it_was_never_told_to_begin(tmp_path):
    with Beside("new", str(tmp_path / "unwanted.yaml"), ahead="jumeau.commands.pictures:load") as child:
        pass
    assert child.wait(60) in {1, -9}
    assert not list(tmp_path.iterdir())
