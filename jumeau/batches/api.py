"""`jumeau.batch`: runs one scenario template on many territories."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from jumeau.batches.listing import Listing, Row, lines_of, read_listing
from jumeau.batches.model import DONE, Batch, Checked, Cost, Outcome, Setting
from jumeau.batches.overrides import paths_of, read_template, scenario_text
from jumeau.batches.pool import Pool, Task
from jumeau.batches.writing import remove, write_batch
from jumeau.engine.lock import only_campaign
from jumeau.engine.progress import READING, Phase, Progress, Silent
from jumeau.engine.scenario import locate_scenario, read_located
from jumeau.errors import InputError, Interrupted, Problem
from jumeau.evaluation.storage import FILE
from jumeau.files import check_writable, sweep
from jumeau.i18n import _, current_language
from jumeau.input_file import regular_file
from jumeau.results.summary import read_summary

CHECKING = Phase("checking territories", 20.0, "checking: {done} of {total} territories")
RUNNING = Phase("running territories", 200.0, "running: {done} of {total} territories")
WRITING = Phase("writing table and map", 5.0)
#: What a batch goes through.
PHASES = (READING, CHECKING, RUNNING, WRITING)

#: Rows that are told one by one where all are refused.
MOST_TOLD = 20


def batch(
    listing: Path | str,
    scenario: Path | str,
    folder: Path | str,
    *,
    workers: int | None = None,
    resume: bool = False,
    reports: bool = False,
    progress: Progress | None = None,
) -> Batch:
    """Run one scenario on many territories, each in a run folder of its own.

    All rows are checked before the first is run. A row that is refused, or whose campaign fails, is set aside alone.

    Parameters
    ----------
    listing : path
        Table with a row per territory: `name`, `territory`, and paths into the scenario (see docs/batch.md).
    scenario : path
        Template, whose territory is replaced.
    folder : path
        Made if absent; each territory has its run in a folder of its name.
    workers : int, optional
        Territories at once, each serially in a process of its own; as many as there are processors by default.
    resume : bool
        Whether to leave territories as they are that are finished and unchanged, and to take up the one that was cut.
    reports : bool
        Whether to write the report of each territory too.
    progress : Progress, optional
        Told how far the work is; whoever made it ends it.

    Returns
    -------
    Batch
        In the order of the list; `.table()`, `.done`, `.quarantine`.

    Raises
    ------
    InputError
        When the list or the template cannot be used, or no row can; nothing is written then.
    Interrupted
        On Ctrl-C; finished territories are kept.
    """
    progress = progress or Silent()
    progress.phase(READING)
    rows = read_listing(listing)
    file = locate_scenario(scenario)
    text = regular_file(file).read_text(encoding="utf-8-sig")
    template = read_template(text, file)
    paths_of(rows, template)
    title = read_located(template, file, scenario_text(template.data)).data.title
    place = Path(folder)
    setting = Setting(str(rows.file), rows.columns, text, str(file), str(place), current_language(), resume, reports)
    pool = Pool(min(workers or os.cpu_count() or 1, len(rows.rows)), setting, progress.say)
    work = _Work(rows, pool, progress)
    with closing(pool):
        work.check()
        check_writable(place)
        with only_campaign(place):
            sweep(place)
            remove(place)
            work.run(place)
            progress.phase(WRITING)
            made = Batch(rows.file.name, file.name, title or template.data["name"], place, work.outcomes())
            return replace(made, files=tuple(write_batch(made)))


class _Work:
    """The rows of a batch, on their way."""

    def __init__(self, rows: Listing, pool: Pool, progress: Progress) -> None:
        self.rows = rows
        self.pool = pool
        self.progress = progress
        self.found: dict[int, Outcome] = {}

    def outcomes(self) -> list[Outcome]:
        """Return what came of each row, in the order of the list."""
        return [self.found[row.line] for row in self.rows.rows]

    def check(self) -> None:
        """Check every row.

        Raises
        ------
        InputError
            When none can be run.
        """
        self.progress.phase(CHECKING)
        for row in self.rows.rows:
            refused = self.rows.refused.get(row.line)
            self.found[row.line] = Outcome(row).aside(lines_of(refused)) if refused else Outcome(row)
        tasks = [Task(row) for row in self.rows.rows if self.found[row.line].status == DONE]
        for task, answer in self._each(tasks):
            reason = answer.get("reason") or answer.get("full")
            checked = Checked(**answer["checked"]) if "checked" in answer else None
            known = replace(self.found[task.row.line], checked=checked)
            self.found[task.row.line] = known.aside(reason) if reason else known
        if not any(item.status == DONE for item in self.found.values()):
            raise InputError(*_all_refused(self.rows, self.found))

    def run(self, folder: Path) -> None:
        """Run every row that can be, but those that are finished.

        Raises
        ------
        InputError
            When the disk is full.
        Interrupted
        """
        self.progress.phase(RUNNING)
        setting = self.pool.setting
        left: list[Task] = []
        for row in self.rows.rows:
            known = self.found[row.line]
            if known.status != DONE or known.checked is None:
                continue
            kept = known.checked.finished
            self.found[row.line] = replace(known, kept=kept)
            if not kept or (setting.reports and not known.checked.reported):
                left.append(Task(row, known.checked))
        ready = [item for item in self.found.values() if item.status == DONE]
        if len(left) < len(ready):
            text = _("{count} of {total} territories were finished, and are unchanged")
            self.progress.say(text.format(count=len(ready) - len(left), total=len(ready)))
        for task, answer in self._each(left):
            if answer.get("full"):
                raise InputError(Problem(answer["full"]))
            known = replace(self.found[task.row.line], cost=Cost(**answer.get("cost", {})))
            self.found[task.row.line] = known.aside(answer["reason"]) if answer.get("reason") else known
        for line, item in self.found.items():
            if item.status == DONE:
                self.found[line] = _read(item, folder / item.row.name)

    def _each(self, tasks: Sequence[Task]) -> Any:
        """Yield each task with its answer; Ctrl-C tells how far it came."""
        self.progress.expect(len(tasks))
        self.progress.start(len(tasks), 0)
        done = 0
        try:
            with closing(self.pool.do(tasks)) as answers:
                for task, answer in answers:
                    done += 1
                    self.progress.step()
                    yield task, answer
        except KeyboardInterrupt:
            text = _(
                "interrupted after {done} of {total} territories; what was finished is kept: run again with --resume"
            )
            raise Interrupted(text.format(done=done, total=len(tasks))) from None


def _read(item: Outcome, folder: Path) -> Outcome:
    """Return a row with what its folder says; one that cannot be read is set aside."""
    try:
        summary = read_summary(folder)
        evaluation: Mapping[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except InputError as error:
        return item.aside(lines_of(error.problems))
    except (OSError, ValueError) as error:
        return item.aside(_("not a readable result file: {error}").format(error=error))
    return replace(item, summary=summary, evaluation=evaluation)


def _all_refused(rows: Listing, found: Mapping[int, Outcome]) -> list[Problem]:
    """Return the problems of a list none of whose rows can be run."""

    def of(row: Row) -> tuple[Problem, ...]:
        told = rows.refused.get(row.line)
        return told or (Problem(found[row.line].reason),)

    problems = [problem for row in rows.rows[:MOST_TOLD] for problem in of(row)]
    text = _("none of the {count} rows can be run")
    return [Problem(text.format(count=len(rows.rows)), file=str(rows.file)), *problems]
