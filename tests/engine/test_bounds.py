"""No figure enters a scenario that its table says is impossible; one far from its range does where it is meant."""

import math
import typing

import pytest
from pydantic import ValidationError

from jumeau.cli import main
from jumeau.engine.scenario_model import scenario_model
from jumeau.factors import FAR, Domain, read_domain
from jumeau.network import discover
from jumeau.simulation.shared import SHARED, shared_factors
from jumeau.units import Quantity, QuantityError, quantity_text

TABLES = {SHARED: shared_factors()} | {name: network.factors for name, network in discover().items()}

BASE = {"name": "bounds", "territory": "bourg_exemple", "period": {"start": "2025-01-01", "end": "2025-01-31"}}


def read(**block):
    return scenario_model().model_validate(BASE | block)


def assumed(owner, factor, value):
    """What a scenario makes of a value of a factor, given as a number of its unit."""
    text = f"{value!r} {factor.unit}" if factor.unit != "1" else repr(value)
    return getattr(read(assumptions={owner: {factor.name: text}}).assumptions, owner).model_dump()[factor.name]


def refused(owner, factor, value):
    """Whether a scenario refuses a value of a factor, and names the factor."""
    try:
        assumed(owner, factor, value)
    except ValidationError as error:
        return factor.name in str(error)
    return False


@pytest.mark.parametrize("owner", TABLES)
def test_each_factor_keeps_to_its_sign_and_to_the_unit_interval(owner):
    for factor in TABLES[owner].values():
        for value in (factor.value, factor.low, factor.high):
            assert assumed(owner, factor, value) == pytest.approx(value)
        # Nothing is negative that does not declare its sign.
        least = factor.domain.low
        assert refused(owner, factor, -abs(factor.value) - 0.01 if least >= 0 else least - 0.01), factor.name
        assert refused(owner, factor, 0.0) == factor.domain.above or least > 0, factor.name
        if math.isfinite(factor.domain.high):
            assert refused(owner, factor, factor.domain.high * 1.01 + 0.01), factor.name
        assert refused(owner, factor, math.nan)
        assert refused(owner, factor, math.inf)
        with pytest.raises(ValidationError):
            read(assumptions={owner: {factor.name: True}})


@pytest.mark.parametrize("owner", TABLES)
def test_each_factor_far_from_its_range_is_refused_unless_meant(owner):
    tried = 0
    for factor in TABLES[owner].values():
        for far in (FAR * 1.1 * factor.high, factor.low / FAR / 1.1):
            if not factor.far(far) or far not in factor.domain:
                continue
            tried += 1
            assert refused(owner, factor, far), factor.name
            meant = {
                "value": f"{far!r} {factor.unit}" if factor.unit != "1" else far,
                "outside_bounds": True,
                "reason": "a trial",
            }
            found = getattr(read(assumptions={owner: {factor.name: meant}}).assumptions, owner)
            assert getattr(found, factor.name) == pytest.approx(far)
            for lacking in ("reason", "outside_bounds"):
                with pytest.raises(ValidationError):
                    read(assumptions={owner: {factor.name: {key: meant[key] for key in meant if key != lacking}}})
    assert tried >= len(TABLES[owner])


@pytest.mark.parametrize("owner", TABLES)
def test_laws_of_each_factor_stay_in_its_domain(owner):
    for factor in TABLES[owner].values():
        outside = [value for value in (factor.domain.low - 0.5, factor.domain.high + 0.5) if math.isfinite(value)]
        for value in outside:
            for end in ("low", "mode", "high"):
                with pytest.raises(ValidationError):
                    read(
                        uncertainties={
                            owner: {factor.name: {end: f"{value!r} {factor.unit}" if factor.unit != "1" else value}}
                        }
                    )


def quantities(annotation):
    """The quantities of an annotation, those of its alternatives and members included."""
    for item in getattr(annotation, "__metadata__", ()):
        if isinstance(item, Quantity):
            yield item
    for part in typing.get_args(annotation):
        yield from quantities(part)


def parameters():
    for network in discover().values():
        for model in [network.assumptions, *(measure.parameters for measure in network.measures.values())]:
            for field, info in model.model_fields.items():
                for item in [*(entry for entry in info.metadata if isinstance(entry, Quantity)),
                             *quantities(info.annotation)]:  # fmt: skip
                    yield f"{network.name}.{model.__name__}.{field}", item


#: Parameters that have a sign: clock offsets, and changes of what is thrown away.
SIGNED = ("evening_offset", "morning_offset", "on_offset", "off_offset", "change", "residual", "sorted")


@pytest.mark.parametrize(("name", "quantity"), [pytest.param(*item, id=item[0]) for item in parameters()])
def test_measures_refuse_what_is_negative_and_shares_above_one(name, quantity):
    if quantity.minimum is None or quantity.minimum < 0:
        assert any(word in name for word in SIGNED), f"{name} is signed, and nothing says why"
    else:
        with pytest.raises(QuantityError, match="minimum"):
            quantity._validate(quantity_text(-1.0, quantity.unit))
    if quantity.unit == "1" and quantity.maximum == 1.0:
        with pytest.raises(QuantityError, match="12 %"):
            quantity._validate(12)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("", [0.0, 1e9], [-1e-9]),
        ("positive", [1e-9], [0.0, -1.0]),
        ("share", [0.0, 1.0], [-0.1, 1.01]),
        ("-18..10", [-18.0, 10.0], [-19.0, 11.0]),
        ("1..", [1.0, 1e9], [0.9]),
        ("..0", [-1e9, 0.0], [0.1]),
        (">0..1", [1e-9, 1.0], [0.0, 1.1]),
    ],
)
def test_domains(text, inside, outside):
    domain = read_domain(text)
    assert all(value in domain for value in inside)
    assert not any(value in domain for value in outside)


def test_a_domain_that_is_none_is_refused():
    with pytest.raises(ValueError, match="shares"):
        read_domain("shares")
    assert read_domain("share") == Domain(0.0, 1.0)


SCENARIO = """\
name: bounds
territory: bourg_exemple
networks: [lighting]
period: {{start: 2025-03-03, end: 2025-03-09}}
assumptions: {{lighting: {{{given}}}}}
"""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("gear_loss_hps: 12", ["bounds.yaml:5", "gear_loss_hps", "0 … 1", "0.1 … 0.18", "12 %"]),
        ("gear_loss_hps: -12 %", ["bounds.yaml:5", "gear_loss_hps", "0 … 1"]),
        ("led_price: 70000 EUR", ["led_price", "400 … 1200 EUR", "outside_bounds: true"]),
        ("alarm_delay: true", ["alarm_delay"]),
    ],
)
def test_the_command_line_refuses_with_line_value_and_bounds(tmp_path, capsys, given, words):
    file = tmp_path / "bounds.yaml"
    file.write_text(SCENARIO.format(given=given), encoding="utf-8")
    assert main(["check", str(file), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert all(word in said for word in words), said
    assert main(["run", str(file), "-o", str(tmp_path / "out"), "--lang", "en"]) == 2
    assert capsys.readouterr().err == said
    assert not (tmp_path / "out").exists()


def test_what_lies_outside_the_range_is_told_by_name(tmp_path, capsys):
    file = tmp_path / "bounds.yaml"
    given = "led_price: {value: 70000 EUR, outside_bounds: true, reason: gilded}, node_price: 900 EUR"
    file.write_text(SCENARIO.format(given=given), encoding="utf-8")
    assert main(["check", str(file), "--lang", "en"]) == 0
    shown = capsys.readouterr()
    for text in (shown.out, shown.err):
        assert "outside the range 400 … 1200: gilded" in text
        assert "outside the range 60 … 360" in text
    assert "bounds.yaml:5: assumptions.lighting.led_price: 70000 EUR" in shown.err
