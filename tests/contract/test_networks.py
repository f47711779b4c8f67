"""What every discovered network must fulfil; a new network gets these tests for free."""

import pytest

from jumeau.network import discover
from jumeau.testing.contract import CHECKS

NETWORKS = discover()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", list(NETWORKS))
def test_contract(name, check, town):
    check(NETWORKS[name], town)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_a_network_has_measures(name):
    assert NETWORKS[name].measures, "a network without measures compares nothing"
