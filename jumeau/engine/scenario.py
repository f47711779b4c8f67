"""A scenario as it was read: its frozen model, its file, and where each key stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jumeau.accounts.place import Where, of_place
from jumeau.engine.scenario_model import ScenarioBase, scenario_model
from jumeau.engine.tour import check_tour
from jumeau.errors import InputError, Problem
from jumeau.evaluation.parameters import EvaluationBlock
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.network import discover
from jumeau.simulation.shared import shared_factors
from jumeau.territory.model import Territory
from jumeau.territory.place import place_of
from jumeau.yaml_file import LocatedMapping, parse_yaml, read_yaml, validate


class Scenario:
    """A scenario read from a file: the validated model, and where it stood.

    Attributes
    ----------
    data : ScenarioBase
        The frozen model.
    file : Path
        Where it was read; paths in it are relative to its folder.
    text : str
        The file's own text.
    place : Where
        Of its territory, once it is told: prices and emissions depend on it.
    """

    def __init__(
        self,
        data: ScenarioBase,
        file: Path,
        text: str,
        found: Sequence[str] = (),
        lines: LocatedMapping | None = None,
        place: Where | None = None,
    ) -> None:
        self.data = data
        self.file = file
        self.text = text
        self._found = tuple(found)
        self._lines = lines or LocatedMapping({}, str(file))
        self.place = place or Where()

    def __repr__(self) -> str:
        period, variants = self.data.period, ", ".join(self.data.variants) or "none"
        return (
            f"<Scenario {self.data.name!r} on {self.data.territory}, {period.start} to {period.end}\n"
            f"  networks: {', '.join(self.networks())}\n  variants: {variants}>"
        )

    def problem(self, path: tuple[str | int, ...], message: str, hint: str = "", *, warning: bool = False) -> Problem:
        """Return what is wrong at a key path of the file, with its line."""
        return replace(self._lines.problem(path, message, hint), warning=warning)

    def written(self, path: tuple[str | int, ...]) -> Any:
        """Return what the file itself says at a key path; nothing where it says nothing."""
        found: Any = self._lines.data
        for key in path:
            if isinstance(found, Mapping):
                found = found.get(str(key))
            elif isinstance(found, list) and isinstance(key, int) and key < len(found):
                found = found[key]
            else:
                return {}
        return {} if found is None else found

    @property
    def folder(self) -> Path:
        """Folder that paths are relative to."""
        return self.file.parent

    def territory_path(self) -> Path | str:
        """Return the territory's file, or its bundled name."""
        from jumeau.territory.bundled import BUNDLED

        if self.data.territory in BUNDLED:
            return self.data.territory
        return self.folder / self.data.territory

    def shared_factors(self) -> FactorTable:
        """Return the factors that networks share: of the territory's place, prices in euros of the base year.

        Raises
        ------
        InputError
            When the index of prices does not know that year.
        """
        try:
            return of_place(shared_factors(self.data.base_year), self.place)
        except InputError as error:
            raise InputError(*(replace(item, file=str(self.file)) for item in error.problems)) from error

    def with_evaluation(self, block: EvaluationBlock) -> Scenario:
        """Return the scenario with another evaluation."""
        data = self.data.model_copy(update={"evaluation": block})
        return Scenario(data, self.file, self.text, self._found, self._lines, self.place)

    def networks(self) -> list[str]:
        """Return the names of the networks to simulate, sorted."""
        return sorted(set(self.data.networks) or set(self._found or discover()))

    def on(self, territory: Territory) -> Scenario:
        """Return the scenario as it applies to a territory.

        Where it names no networks, those are simulated that its measures speak of and those that the territory has
        layers for.
        """
        fed = {
            name
            for name, network in discover().items()
            if all(layer in territory.layers for layer in network.attributes.needed)
            and any(len(territory.layers[layer]) for layer in network.attributes.needed)
        }
        place = place_of(territory)
        return Scenario(self.data, self.file, self.text, sorted(self._spoken() | fed), self._lines, place)

    def _spoken(self) -> set[str]:
        """Return the networks that measures speak of."""
        situations = [self.data.baseline, *self.data.variants.values()]
        return {call.measure.split(".", 1)[0] for situation in situations for call in situation.measures}


def read_scenario(path: Path | str) -> Scenario:
    """Read and check a scenario file.

    Parameters
    ----------
    path : Path or str
        A YAML file, or the name of a bundled scenario (`demo`).

    Raises
    ------
    InputError
        With file, line, key, value and what to do, for every problem at once.
    """
    file = locate_scenario(path)
    data = read_yaml(file)
    return read_located(data, file, file.read_text(encoding="utf-8"))


def read_scenario_text(text: str, file: Path) -> Scenario:
    """Read and check the text of a scenario, as if it stood in a file; see `read_scenario`."""
    return read_located(parse_yaml(text, str(file)), file, text)


def read_located(data: LocatedMapping, file: Path, text: str) -> Scenario:
    """Check the content of a scenario that knows where it was written; see `read_scenario`."""
    found = Scenario(validate(scenario_model(), data, file), file, text, lines=data)
    check_tour(found)
    return found


def locate_scenario(path: Path | str) -> Path:
    """Return the file of a scenario given by path or by bundled name."""
    from jumeau.territory.bundled import bundled_folder

    file = Path(path)
    if file.is_file():
        return file
    bundled = bundled_folder("scenarios") / f"{path}.yaml"
    if bundled.is_file() and file.suffix == "":
        return bundled
    names = ", ".join(sorted(item.stem for item in bundled_folder("scenarios").glob("*.yaml")))
    raise InputError(
        _("no such scenario: {path}").format(path=path),
        hint=_("give a YAML file, or one of: {names}").format(names=names),
    )
