"""A command that the demonstration starts beside itself ends as it would alone."""

import pytest

from jumeau.commands.run import _beside


@pytest.mark.parametrize(("words", "status"), [(["--version"], 0), (["render", "nowhere"], 2)])
def test_its_status_is_that_of_the_command(words, status):
    # An interpreter that is aborted as it ends had the demonstration draw all its pictures a second time.
    with _beside(*words) as child:
        assert child.wait(60) == status


def test_it_leaves_when_nobody_waits_for_it():
    with _beside("check", "demo") as child:
        child.stdin.close()
        assert child.wait(60) == 1
