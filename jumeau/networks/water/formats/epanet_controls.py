"""Controls and rules, in EPANET's own words."""

from __future__ import annotations

from typing import Any

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.feature_rows import Layers, rows_in


def add_controls(model: Any, layers: Layers) -> None:
    """Read controls and rules with EPANET's own syntax."""
    rows = [(str(row["control_id"]), str(row["text"])) for row in rows_in(layers, "water_controls")]
    for rules in (False, True):
        kept = [(name, text) for name, text in rows if text.lstrip().upper().startswith("RULE") == rules]
        if kept:
            _read_controls(model, kept, rules=rules)


def _read_controls(model: Any, rows: list[tuple[str, str]], *, rules: bool) -> None:
    import wntr  # type: ignore[import-untyped]

    reader = wntr.epanet.io.InpFile()
    reader.wn = model
    reader.flow_units = wntr.epanet.util.FlowUnits.CMH
    reader.mass_units = wntr.epanet.util.MassUnits.mg
    lines = [line for _name, text in rows for line in text.splitlines()]
    reader.sections = {"[RULES]" if rules else "[CONTROLS]": list(enumerate(lines, start=1))}
    try:
        reader._read_rules() if rules else reader._read_controls()  # noqa: SLF001 - wntr has no public way
    except Exception as error:
        if len(rows) > 1:
            # The one at fault is found by reading each alone, in a model where none is.
            for row in rows:
                _read_controls(_without_controls(model), [row], rules=rules)
        name, text = rows[0]
        hint = _("write it as in the file of EPANET; units are m3/h and m")
        problem = Problem(
            _("this control cannot be read: {reason}").format(reason=error),
            layer="water_controls",
            column="text",
            features=(name,),
            value=text[:80],
            hint=hint,
        )
        raise InputError(problem) from error


def _without_controls(model: Any) -> Any:
    for name in list(model.control_name_list):
        model.remove_control(name)
    return model
