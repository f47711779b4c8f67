"""Scenarios that say something of radio: what networks make of it, what it costs, what is refused."""

import numpy as np
import pytest

from jumeau.engine.campaign import run
from jumeau.engine.plan import fingerprints
from jumeau.engine.resolve import resolve
from jumeau.engine.scenario import read_scenario
from jumeau.errors import InputError
from jumeau.radio.tables import FACTORS

TEXT = """
name: radio
territory: bourg_exemple
period: {start: 2025-01-01, end: 2025-02-14}
warmup: 5 days
seed: 5
replications: 2
networks: [lighting, water]
variants:
  silent:
    measures: &measures
      - measure: lighting.remote_management
      - {measure: water.acoustic_loggers, coverage: 60 %}
      - measure: water.remote_reading
"""

MORE = """
  perfect:
    measures: *measures
    radio: {technology: nbiot, coverage: 100 %}
  town:
    measures: *measures
    radio:
      gateways: [{name: church, x: 652250, y: 6780010, height: 25 m}, {name: mill, x: 652900, y: 6780500}]
      outages: [{gateway: mill, from: 2025-01-10, to: 2025-02-10}]
  stopped:
    measures: *measures
    radio: {technology: nbiot, coverage: 95 %, end_of_service: 2025-01-05}
"""

GIVEN = ("lighting_detection_days", "water_customer_losses", "water_awareness_days", "lighting_energy")


def written(tmp_path, text):
    (tmp_path / "radio.yaml").write_text(text, encoding="utf-8")
    return read_scenario(tmp_path / "radio.yaml")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return run(written(tmp_path_factory.mktemp("radio"), TEXT + MORE))


def test_perfect_radio_changes_no_figure(results):
    data = results.dataset
    for name in GIVEN:
        silent, perfect = (data[name].sel(scenario=item).values for item in ("silent", "perfect"))
        np.testing.assert_array_equal(silent, perfect, err_msg=name)


def test_lost_messages_delay_and_the_end_of_service_delays_most(results):
    delay = results.dataset["lighting_detection_days"].mean("replication")
    lost = results.dataset["water_customer_losses"].mean("replication")
    for figure in (delay, lost):
        silent, town, stopped = (float(figure.sel(scenario=item)) for item in ("silent", "town", "stopped"))
        assert silent <= town < stopped
    assert float(lost.sel(scenario="silent")) < float(lost.sel(scenario="town"))
    # What nobody transmits is as before: no meter is heard, and the baseline's rounds find the leaks.
    assert float(lost.sel(scenario="stopped")) <= float(lost.sel(scenario="baseline")) * 1.001


def test_figures_that_radio_does_not_touch_stay(results):
    data = results.dataset
    energy = data["lighting_energy"].mean("replication")
    led = float(energy.sel(scenario="silent"))
    assert float(energy.sel(scenario="perfect")) == led


def situations(tmp_path, town, text):
    return {item.name: item for item in resolve(written(tmp_path, text), town)}


def test_the_radio_network_is_on_the_bill_once(tmp_path, town):
    found = situations(tmp_path, town, TEXT + MORE)
    bought = [item for network in found["town"].networks.values() for item in network.bill if item.measure == "radio"]
    gateways = [item for item in bought if item.kind == "radio_gateway"]
    assert sum(item.count for item in gateways) == pytest.approx(2.0)
    assert {item.network for item in gateways} == {"lighting", "water"}
    assert gateways[0].unit_cost == FACTORS.value("gateway_price") + FACTORS.value("mast_price")
    paid = [item for network in found["perfect"].networks.values() for item in network.bill if item.measure == "radio"]
    assert {item.kind for item in paid} == {"radio_subscription"}
    devices = sum(
        item.count for network in found["silent"].networks.values() for item in network.bill if item.messages_per_day
    )
    assert sum(item.count for item in paid) == pytest.approx(devices)
    assert {item.annual_cost for item in paid} == {FACTORS.value("operator_fee")}


def test_what_says_nothing_of_radio_has_none_of_it(tmp_path, town):
    found = situations(tmp_path, town, TEXT + MORE)
    silent = found["silent"]
    assert all(
        not item.delivery and not item.radio_digest() and not item.radio_bill for item in silent.networks.values()
    )
    # And its identity, by which parts are kept, is that of a scenario without such variants.
    alone = situations(tmp_path, town, TEXT)["silent"]
    assert fingerprints(alone, "") == fingerprints(silent, "")
    prints = [repr(fingerprints(found[name], "")) for name in ("silent", "perfect", "town", "stopped")]
    assert len(set(prints)) == 4


def test_variants_take_the_radio_of_the_baseline(tmp_path, town):
    text = TEXT.replace("variants:", "baseline: {radio: {technology: nbiot, coverage: 90 %}}\nvariants:")
    found = situations(tmp_path, town, text)
    delivery = found["silent"].networks["lighting"].delivery["lighting_node"]
    assert set(delivery.reach.ravel()) == {0.9}
    assert not found["baseline"].networks["lighting"].delivery


def test_outages_make_epochs(tmp_path, town):
    delivery = situations(tmp_path, town, TEXT + MORE)["town"].networks["water"].delivery["acoustic_logger"]
    assert delivery.times.tolist() == [-np.inf, 9 * 86_400.0, 41 * 86_400.0]
    assert delivery.reach.shape[0] == 3
    np.testing.assert_array_equal(delivery.reach[0], delivery.reach[2])
    assert (delivery.reach[1] <= delivery.reach[0] + 1e-12).all()
    assert delivery.reach[1].mean() < delivery.reach[0].mean()
    assert delivery.period == 86_400.0  # one message a day


def test_settings_and_assumptions_can_be_replaced(tmp_path, town):
    def mean(more):
        block = f"    radio: {{gateways: [{{name: a, x: 652250, y: 6780010, height: 25 m}}]{more}}}\n"
        delivery = situations(tmp_path, town, TEXT + block)["silent"].networks["water"].delivery["acoustic_logger"]
        return float(delivery.reach.mean())

    usual = mean("")
    assert mean(", settings: {acoustic_logger: outdoor}") > usual
    assert mean(", assumptions: {pit_loss: 35}") < usual
    assert mean(", technology: nbiot") > usual
    assert mean(", spreading: 7") < usual


def test_a_file_of_gateways(tmp_path, town):
    (tmp_path / "masts.csv").write_text("name,x,y,height\nchurch,652250,6780010,25\n", encoding="utf-8")
    found = situations(tmp_path, town, TEXT + "    radio: {gateways: masts.csv}\n")
    assert found["silent"].networks["lighting"].delivery["lighting_node"].reach.mean() > 0.5


GATEWAY = "gateways: [{name: a, x: 652250, y: 6780010}]"


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ("{technology: sigfox, coverage: 90 %}", "technology"),
        ("{technology: nbiot}", "coverage"),
        (f"{{{GATEWAY}, coverage: 90 %}}", "coverage"),
        ("{coverage: 90 %}", "operated"),
        ("{gateways: []}", "candidat"),
        (f"{{{GATEWAY}, model: olu}}", "olu"),
        (f"{{{GATEWAY}, settings: {{fill_sensor: roof}}}}", "roof"),
        (f"{{{GATEWAY}, settings: {{toaster: indoor}}}}", "toaster"),
        (f"{{{GATEWAY}, outages: [{{gateway: b, from: 2025-01-10}}]}}", "b"),
        (f"{{{GATEWAY}, outages: [{{gateway: a, from: 2025-01-10, to: 2025-01-01}}]}}", "outages"),
        (f"{{{GATEWAY}, spreading: 13}}", "spreading"),
        ("{gateways: nowhere.csv}", "nowhere.csv"),
        ("{gateways: [{name: a, x: 10, y: 10}]}", "relief"),
    ],
)
def test_blocks_that_cannot_be_used(tmp_path, town, block, part):
    with pytest.raises(InputError, match=part) as raised:
        situations(tmp_path, town, TEXT + f"    radio: {block}\n")
    assert raised.value.problems[0].file
