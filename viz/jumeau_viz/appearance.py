"""A network's `appearance.yaml`: which layer is drawn, in which shape, and which indicators colour it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from jumeau.attributes import AttributeTable
from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau_viz.palettes import DIVERGING, SEQUENTIAL


class Hourly(BaseModel):
    """The course of a quantity through an ordinary day."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    columns: str
    """What the names of its 24 columns begin with, before the hour in two digits."""
    label: str
    """What a person reads before the hour (English message id)."""


class Indicator(BaseModel):
    """One quantity that colours the assets."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """Column of the results."""
    label: str = ""
    """What a person reads (English message id); `attributes.csv` says it of the outputs that it declares."""
    unit: str = ""
    """Unit as a person reads it (English message id), likewise."""
    palette: str = "viridis"
    """A palette that colour-blind readers can tell apart; the diverging one is for figures with a sign."""
    statistic: Literal["mean", "sum", "max"] = "mean"
    """How the assets of an area are summed up in one figure."""
    better: Literal["lower", "higher", "neutral"] = "neutral"
    """Which changes are good news: colours of changes show better and worse where it is known."""
    least: float = Field(default=0.0, ge=0.0)
    """Smallest figure worth showing, in the unit: differences below it are drawn and written as none."""
    only_known: bool = False
    """Whether the page shows the assets that have the figure alone, where few have."""
    hourly: Hourly | None = None
    """Its course through a day, in the same unit, which the page shows by its clock."""

    @field_validator("palette")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in (*SEQUENTIAL, DIVERGING):
            raise ValueError(f"{value!r} is not one of {', '.join((*SEQUENTIAL, DIVERGING))}")
        return value


class Light(BaseModel):
    """Which columns say how a layer lights the ground at night."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    flux: str
    """Column of the luminous flux [lm]."""
    temperature: str = ""
    """Column of the colour temperature [K]."""


class Spell(BaseModel):
    """A kind of spell that the journal tells of assets: what begins and what ends it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    label: str
    """What a person reads (English message id)."""
    begins: str
    """Kind of event that begins one."""
    ends: str
    """Kind of event that ends it."""
    asset: str
    """Column of the asset in the beginning event."""
    key: str = ""
    """Column that both events share; the asset's where absent."""
    sign: Literal["dark", "fault"]
    """How it is shown: an asset that is out, or one at which something is wrong."""


class Moves(BaseModel):
    """Columns of a layer of rounds that say when a vehicle is on its line."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    label: str
    """What a person reads (English message id)."""
    date: str
    """Column of the day, ISO date."""
    departure: str
    """Column of the local time of departure, HH:MM."""
    arrival: str
    """Column of the local time of return, HH:MM."""


class Appearance(BaseModel):
    """How one layer of a network is drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    layer: str
    """Layer of the network."""
    geometry: Literal["pole", "point", "line"]
    """`pole` (foot, head and pool of light), `point` (a marker on the ground) or `line` (a ribbon)."""
    label_column: str
    """Column that identifies an asset."""
    indicators: tuple[Indicator, ...] = Field(min_length=1)
    """Quantities, the first one being drawn in the pictures."""
    label: str = ""
    """Name of the layer for a person (English message id)."""
    height_column: str = "height"
    """Column of the height of poles [m]."""
    hide_unknown: bool = False
    """Whether assets without any figure are left out, rather than shown in white."""
    pictures: bool = True
    """Whether the layer is drawn in the pictures too, or in the page only."""
    underground: bool = False
    """Whether the assets lie under the ground, which the page can make transparent."""
    light: Light | None = None
    """How the assets light the ground at night, where they do."""
    spells: tuple[Spell, ...] = ()
    """What the page plays of the journal for single assets."""
    moves: Moves | None = None
    """How the page plays vehicles along the lines."""


def read_appearance(path: Path, attributes: AttributeTable) -> tuple[Appearance, ...]:
    """Read an `appearance.yaml`: one YAML document per layer, the first one being the network's main layer.

    Parameters
    ----------
    path : Path
    attributes : AttributeTable
        Of the network: label and unit of the outputs come from there.

    Raises
    ------
    InputError
        When the file is missing, is not YAML, has an unknown key or value, or has no label for what no table declares.
    """
    try:
        written = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        return tuple(_declared(Appearance.model_validate(item), attributes, path) for item in written)
    except OSError as error:
        raise InputError(_("the file cannot be read: {reason}").format(reason=error.strerror), file=path) from error
    except yaml.YAMLError as error:
        raise InputError(_("the file is not valid YAML: {reason}").format(reason=error), file=path) from error
    except ValidationError as error:
        problems = [
            Problem(
                _("this setting of the 3D appearance is not usable: {reason}").format(reason=item["msg"]),
                file=str(path),
                column=".".join(str(part) for part in item["loc"]),
            )
            for item in error.errors()
        ]
        raise InputError(*problems) from error


def _declared(appearance: Appearance, attributes: AttributeTable, path: Path) -> Appearance:
    """Return an appearance whose indicators have label and unit: the declared ones, else those of the file."""
    outputs = {item.attribute: item for item in attributes.outputs(appearance.layer)}
    found = []
    for indicator in appearance.indicators:
        output = outputs.get(indicator.name)
        if (output is None) != bool(indicator.label):
            message = (
                _("« {name} » is no output of the layer in attributes.csv, and has no label here")
                if output is None
                else _("« {name} » is an output that attributes.csv names: no label here")
            )
            raise InputError(Problem(message.format(name=indicator.name), file=str(path), layer=appearance.layer))
        said = {} if output is None else {"label": output.description, "unit": output.unit}
        found.append(indicator.model_copy(update=said))
    return appearance.model_copy(update={"indicators": tuple(found)})
