"""The ledger: each published case writes its line, printed at the end (`make reproduce`)."""

import math

import pytest

LINES = pytest.StashKey()


def pytest_configure(config):
    config.stash[LINES] = []


@pytest.fixture
def ledger(request):
    """A function that notes a case: its name, the published figure, ours, and the unit."""

    def note(case, published, ours, unit):
        request.config.stash[LINES].append((case, published, ours, unit))

    return note


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash[LINES]
    if not lines:
        return
    terminalreporter.section("published cases")
    width = max(len(line[0]) for line in lines)
    for case, published, ours, unit in lines:
        compared = published and math.isfinite(published)
        gap = f"{100 * (ours / published - 1):+.1f} %" if compared else ""
        terminalreporter.write_line(
            f"{case:<{width}}  published {published:>10.4g}  ours {ours:>10.4g} {unit:<14} {gap}"
        )
