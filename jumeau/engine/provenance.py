"""Where results come from: scenario as resolved, versions, checksums, command; and the log of a run."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any

from jumeau.engine.resolve import Situation
from jumeau.engine.scenario import Scenario
from jumeau.engine.versions import library_versions
from jumeau.files import write_text
from jumeau.i18n import LANGUAGES, _, format_number, language, local
from jumeau.network import ordered
from jumeau.redaction import everywhere, presentable
from jumeau.results.model import Results
from jumeau.territory.model import Territory


def provenance_of(
    scenario: Scenario, territory: Territory, situations: Sequence[Situation], command: str
) -> dict[str, Any]:
    """Return what may differ between identical runs, and what they rest on."""
    data = scenario.data
    found = {
        "scenario": {
            "name": data.name,
            "title": data.title or data.name,
            "question": data.question,
            "text": scenario.text,
            "resolved": data.model_dump(mode="json", exclude_none=True),
        },
        "territory": {
            "name": territory.name,
            "title": territory.title(),
            "synthetic": territory.synthetic,
            "checksum": territory.checksum,
            "path": _relative(data.territory),
        },
        "period": {"start": data.period.start.isoformat(), "end": data.period.end.isoformat()},
        "seed": data.seed,
        "base_year": data.base_year,
        "variants": {
            item.name: {"title": item.title, "measures": [_in_all_languages(*measure) for measure in item.measures]}
            for item in situations
        },
        "networks": {item.name: {"label": item.label} for item in ordered(scenario.networks())},
        "versions": library_versions(),
        "system": f"{platform.system()} {platform.machine()}",
        "command": command,
    }
    # Folders are handed on: what the scenario writes of this machine, or of who asks, is not.
    shown: dict[str, Any] = everywhere(found, presentable)
    return shown


def _relative(path: str) -> str:
    """Return a path as the scenario writes it, its name alone where it is absolute."""
    absolute = PurePath(path).is_absolute() or PureWindowsPath(path).is_absolute() or path.startswith("~")
    return PureWindowsPath(path).name if absolute else path


def _in_all_languages(label: str, count: int) -> dict[str, str]:
    """Return a measure's label with the number of features that it concerns, by language."""
    texts = {}
    for lang in LANGUAGES:
        with language(lang):
            texts[lang] = f"{_(label)} ({format_number(count)})"
    return texts


#: Of the lines of `run.log` that name a file of the folder.
WRITTEN = "written: "


def write_log(folder: Path, results: Results, files: Iterable[Path]) -> None:
    """Write `run.log`: overrides by situation, notes, failures, files written."""
    lines = [f"jumeau {results.provenance['versions']['jumeau']}: {results.provenance['command']}".rstrip(": ")]
    for name, changes in results.overrides.items():
        lines += [f"[{name}]", *(f"  {change}" for change in changes)]
    lines += [f"note: {local(note)}" for note in results.provenance["notes"]]
    lines += [f"failed run: {failure}" for failure in results.failures]
    lines.append(f"{results.provenance['run']}")
    lines += _written(folder, files)
    write_text(folder / "run.log", "\n".join(everywhere(lines, presentable)) + "\n")


def log_files(folder: Path, files: Iterable[Path]) -> None:
    """Add files to those that `run.log` lists; files outside the folder are not its business."""
    path = folder / "run.log"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    new = [line for line in everywhere(_written(folder, files), presentable) if line not in lines]
    if new:
        write_text(path, "\n".join([*lines, *new]) + "\n")


def _written(folder: Path, files: Iterable[Path]) -> list[str]:
    """Return the lines that name files, as seen from the folder: it may be moved."""
    home = folder.resolve()
    inside = [file.resolve() for file in files if file.resolve().is_relative_to(home)]
    return [f"{WRITTEN}{file.relative_to(home).as_posix()}" for file in inside]
