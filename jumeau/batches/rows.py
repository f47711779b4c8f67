"""What a process does with one row of a batch: checks it, runs it, without ever failing for the others."""

from __future__ import annotations

import json
import os
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from jumeau.batches.listing import Listing, Row, lines_of, one_line
from jumeau.batches.model import Checked, Cost, Setting
from jumeau.batches.outlines import outline_of, residents_of
from jumeau.batches.overrides import Overridden, paths_of, read_template, scenario_text, with_row
from jumeau.engine.plan import code_digest
from jumeau.engine.ready import Ready, make_ready
from jumeau.engine.scenario import Scenario, read_located
from jumeau.errors import InputError, JumeauError, Problem
from jumeau.files import room_left, write_text
from jumeau.i18n import _, local
from jumeau.input_file import missing_file
from jumeau.redaction import redacted
from jumeau.results.run_id import RUN_ID
from jumeau.results.storage import check_results, write_json
from jumeau.territory.bundled import BUNDLED
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory

#: Beside the files of a run: what it is the run of.
STAMP, STAMP_VERSION = "row.json", 1
#: The scenario of a row, which `jumeau run` takes as any other.
SCENARIO = "scenario.yaml"
#: What went wrong, where nobody expected it.
TRACE = "failure.log"

#: What a row answers: a mapping that JSON can hold.
Answer = dict[str, Any]


class Rows:
    """Checks and runs rows under one setting.

    Parameters
    ----------
    setting : Setting
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.file = Path(setting.listing)
        self.folder = Path(setting.folder)

    @cached_property
    def _template(self) -> Any:
        return read_template(self.setting.template, Path(self.setting.template_file))

    @cached_property
    def _paths(self) -> Any:
        return paths_of(Listing(self.file, tuple(self.setting.columns), (), {}), self._template)

    def check(self, row: Row) -> Answer:
        """Look whether a row can be run: its territory, its values, and what the scenario makes of them.

        A territory that can be read has its place on the map, even where the row is refused.
        """
        held: Answer = {}

        def look() -> Answer:
            territory = self._territory(row)
            seen = self._seen(row, territory)
            held["checked"] = asdict(seen)
            key = row_key(self._ready(row, territory))
            return {
                "checked": asdict(replace(seen, key=key, finished=self.setting.resume and self._finished(row, key)))
            }

        return held | self._answer(row, look)

    def run(self, row: Row, checked: Checked) -> Answer:
        """Run a row, or take up its run; a finished one is left as it is."""
        _reset_peak()
        began = time.process_time()

        def run() -> Answer:
            failed = "" if checked.finished else self._run(row, checked.key)
            if self.setting.reports and not failed and not (checked.finished and checked.reported):
                self._report(row)
            cost = Cost(time.process_time() - began, _peak(), _size(self.folder / row.name))
            return {"reason": failed, "cost": asdict(cost)}

        return self._answer(row, run)

    def scenario(self, row: Row) -> Scenario:
        """Return the scenario of a row.

        Raises
        ------
        InputError
            When the scenario does not take a value.
        """
        data = self._with(row)
        return read_located(data, Path(self.setting.template_file), scenario_text(data.data))

    def _with(self, row: Row) -> Overridden:
        file = self._territory_file(row)
        # As seen from the run's folder: whoever opens it finds its territory, if both are moved together.
        written = file if isinstance(file, str) else _relative(file, self.folder / row.name)
        return with_row(self._template, self._paths, self.file, row, written)

    def _territory_file(self, row: Row) -> Path | str:
        """Return the file of a row's territory, or its bundled name."""
        return row.territory if row.territory in BUNDLED else self.file.parent / row.territory

    def _territory(self, row: Row) -> Territory:
        """Read the territory of a row.

        Raises
        ------
        InputError
            At the row's cell.
        """
        file = self._territory_file(row)
        if isinstance(file, Path) and not file.is_file():
            problem = missing_file(file)
            hint = problem.hint if file.parent.is_dir() else _("paths start from the folder of the list")
            told = Problem(problem.message, hint=hint)
            raise InputError(self._at(row, told, row.territory))
        try:
            return read_territory(file)
        except InputError as error:
            raise InputError(*(self._at(row, item, row.territory) for item in error.problems)) from None

    def _at(self, row: Row, problem: Problem, value: str = "") -> Problem:
        """Return a problem at the row of the list, whatever file it was met in."""
        if problem.file == str(self.file) and problem.line is not None:
            return problem
        # What the template says is wrong of a territory; what has no file is the territory's own.
        column = "territory" if value or not problem.file else ""
        inner = replace(problem, hint="", value="", file=Path(problem.file).name if problem.file else "")
        value = value or problem.value
        hint = problem.hint or _("correct it, then run the same command with --resume")
        return Problem(str(inner), hint, str(self.file), row.line, column=column, value=value)

    def _ready(self, row: Row, territory: Territory) -> Ready:
        try:
            return make_ready(self.scenario(row), territory)
        except InputError as error:
            raise InputError(*(self._at(row, item) for item in error.problems)) from None

    def _seen(self, row: Row, territory: Territory) -> Checked:
        """Return what tables and maps need of a territory."""
        outline, place = outline_of(territory)
        return Checked(
            key="",
            finished=False,
            reported=self._reported(row),
            title=local(territory.title()),
            synthetic=territory.synthetic,
            residents=residents_of(territory),
            outline=outline,
            place=place,
        )

    def _finished(self, row: Row, key: str) -> bool:
        """Tell whether the folder of a row holds the whole run of this content."""
        folder = self.folder / row.name
        try:
            check_results(folder)
            stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
            summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
            found = bool(stamp["version"] == STAMP_VERSION and stamp["key"] == key and stamp[RUN_ID] == summary[RUN_ID])
        except (InputError, OSError, ValueError, KeyError, TypeError):
            return False
        return found

    def _reported(self, row: Row) -> bool:
        from jumeau.report.html import language_of

        return language_of(self.folder / row.name / "report.html") == self.setting.lang

    def _run(self, row: Row, key: str) -> str:
        """Run a row; return why its figures cannot be taken, if so."""
        from jumeau.engine.campaign import run

        territory = self._territory(row)
        folder = self.folder / row.name
        scenario = self.scenario(row)
        folder.mkdir(parents=True, exist_ok=True)
        for name in (STAMP, TRACE):
            (folder / name).unlink(missing_ok=True)
        write_text(folder / SCENARIO, scenario.text)
        results = run(
            scenario, territory, folder, workers=1, resume=self.setting.resume, command=f"jumeau run {SCENARIO}"
        )
        if results.failures:
            text = _("{count} of its runs failed: {folder}/run.log tells why")
            return text.format(count=len(results.failures), folder=row.name)
        stamp = {"format": "jumeau-batch-row", "version": STAMP_VERSION, "key": key}
        write_json({**stamp, RUN_ID: results.provenance[RUN_ID]}, folder / STAMP)
        return ""

    def _report(self, row: Row) -> None:
        from jumeau.engine.provenance import log_files
        from jumeau.report.html import annex_path, write_report
        from jumeau.results.storage import read_results

        folder = self.folder / row.name
        path = folder / "report.html"
        write_report(read_results(folder), path, self.setting.lang, territory=self._territory(row))
        log_files(folder, [path, annex_path(path)])

    def _answer(self, row: Row, do: Any) -> Answer:
        """Return what a row answers; whatever goes wrong is its reason."""
        try:
            return dict(do())
        except InputError as error:
            # A full disk is no fault of this row: the others would meet it too.
            if not room_left(self.folder):
                return {"full": lines_of(error.problems)}
            return {"reason": lines_of(self._at(row, item) for item in error.problems)}
        except JumeauError as error:
            return {"reason": one_line(str(error))}
        except MemoryError:
            return {"reason": _("out of memory")}
        except Exception as error:  # noqa: BLE001 - whatever fails is set aside with its reason, never fatal to others
            with suppress(InputError, OSError):
                write_text(self.folder / row.name / TRACE, redacted(traceback.format_exc()))
            reason = redacted(f"{type(error).__name__}: {error}")
            text = _("failed unexpectedly: {reason} ({file} tells more)")
            return {"reason": text.format(reason=reason, file=f"{row.name}/{TRACE}")}


def row_key(ready: Ready) -> str:
    """Return a SHA-256 of what decides the figures of a row: scenario, territory, code.

    The path of the territory is not among it: its content is.
    """
    resolved = ready.scenario.data.model_dump(mode="json", exclude_none=True)
    resolved.pop("territory", None)
    content = json.dumps([resolved, ready.territory.checksum, code_digest()], sort_keys=True, default=str)
    return sha256(content.encode()).hexdigest()


def _relative(file: Path, folder: Path) -> str:
    """Return the path of a file as seen from a folder; as it is where they have nothing in common."""
    try:
        return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return str(file.resolve())


def _size(folder: Path) -> float:
    """Return what a folder takes on disk [MB]."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _reset_peak() -> None:
    """Let the peak of memory be counted from now on, where the system can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    """Return the peak of this process's memory [MB]; 0 where it is not known."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return float(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6
    return 0.0
