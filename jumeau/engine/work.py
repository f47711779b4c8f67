"""The runs of a campaign: executed in batches, taken from an earlier launch where they are there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Sequence
from contextlib import closing

import numpy as np

from jumeau.engine.executors import Done, Executor, SerialExecutor, Shared, Task
from jumeau.engine.parts import Part, PartStore, decode, joined
from jumeau.engine.plan import CENTRAL, Run
from jumeau.engine.precision import Target
from jumeau.engine.progress import Progress
from jumeau.engine.resolve import Draw
from jumeau.engine.scenario import Scenario
from jumeau.engine.scenario_blocks import Draws, Replications
from jumeau.engine.sweep import SweepReplications
from jumeau.engine.valued import valued
from jumeau.errors import Interrupted, JumeauError
from jumeau.i18n import _
from jumeau.results.comparison import paired

#: A pool costs seconds to start: so few runs are done sooner here.
HANDFUL = 2


class Work:
    """The runs of a campaign, in batches, with what came of them.

    Parameters
    ----------
    shared : Shared
    store : PartStore
    progress : Progress
    many : Executor
        Executes batches.
    handful : int
        Batches of so few runs are executed in this process.
    """

    def __init__(
        self, shared: Shared, store: PartStore, progress: Progress, many: Executor, handful: int = HANDFUL
    ) -> None:
        self.shared = shared
        self.store = store
        self.progress = progress
        self.serial = SerialExecutor()
        self.many = many
        self.handful = handful
        self.parts: dict[Run, Part] = {}
        self.pieces: dict[str, Part] = {}
        self.failures: list[str] = []
        self.resumed = 0

    def expected(
        self,
        scenario: Scenario,
        replications: int | None,
        draws: Sequence[Draw],
        until: SweepReplications | None = None,
    ) -> int:
        """Return how many runs there will be, those of the same content counted once; a precision may ask for more."""
        asked, drawn = scenario.data.replications, scenario.data.draws
        least = until.minimum if until else asked.minimum if isinstance(asked, Replications) else asked
        count = replications or least
        many = min(scenario.data.draw_replications, count)
        first = min(drawn.minimum, len(draws)) if isinstance(drawn, Draws) else len(draws)
        situations = range(len(self.shared.situations))
        runs = [Run(place, CENTRAL, number) for place in situations for number in range(count)]
        runs += [
            Run(place, draw, number) for draw in range(1, first + 1) for place in situations for number in range(many)
        ]
        return len(self._left([self.shared.same(run) for run in runs], ()))

    def central(self, scenario: Scenario, replications: int | None, target: Target | None) -> int:
        """Run the replications of the central assumptions; return how many."""
        asked = scenario.data.replications
        situations = range(len(self.shared.situations))

        def runs(first: int, last: int) -> list[Run]:
            return [Run(place, CENTRAL, number) for place in situations for number in range(first, last)]

        if replications is not None or target is None or not isinstance(asked, Replications):
            count = replications or (asked.minimum if isinstance(asked, Replications) else asked)
            self.execute(runs(0, count))
            return count
        count = asked.minimum
        self.execute(runs(0, count))
        while count < asked.maximum:
            worst = self._half_width(target, count)
            if worst <= target.half_width:
                break
            # The half-width falls with the square root of the number of pairs.
            wanted = int(np.ceil(count * (worst / target.half_width) ** 2))
            following = min(asked.maximum, max(count + 2, min(wanted, 2 * count)))
            self.progress.say(
                _("{count} replications: half-width {found:.4g}, wanted {wanted:.4g}").format(
                    count=count, found=worst, wanted=target.half_width
                )
            )
            self.execute(runs(count, following))
            count = following
        return count

    def until_decided(self, until: SweepReplications, wanted: Callable[[int], int | None]) -> int:
        """Run the replications of the central assumptions until a curve is decided; return how many.

        Parameters
        ----------
        until : SweepReplications
        wanted : callable
            Returns, for a number of replications that were run, how many would decide the curve; None where these do.
        """
        situations = range(len(self.shared.situations))
        count, following = 0, until.minimum
        while True:
            self.execute([Run(place, CENTRAL, number) for place in situations for number in range(count, following)])
            count = following
            more = wanted(count) if count < until.maximum else None
            if more is None:
                return count
            following = min(until.maximum, max(count + 2, min(more, 2 * count)))
            self.progress.say(
                _("{count} replications do not decide the curve: up to {following}").format(
                    count=count, following=following
                )
            )

    def drawn(self, scenario: Scenario, draws: Sequence[Draw], replications: int, target: Target | None) -> int:
        """Run draws of uncertain assumptions, as many as their number or their precision asks for; return how many.

        A draw that only changes prices is valued on the runs of central assumptions.
        """
        asked = scenario.data.draws
        adaptive = target is not None and isinstance(asked, Draws)
        count, most = 0, len(draws)
        following = asked.minimum if isinstance(asked, Draws) and adaptive else most
        while count < following:
            planned = [
                Run(place, draw, replication)
                for draw in range(count + 1, following + 1)
                for place in range(len(self.shared.situations))
                for replication in range(replications)
            ]
            self.execute([run for run in planned if self.shared.same(run) == run])
            count = following
            if target is None or count >= most:
                break
            worst = self._moved_half_width(target, draws[:count], replications)
            if worst <= target.half_width:
                break
            self.progress.say(
                _("{count} draws: half-width {found:.4g}, wanted {wanted:.4g}").format(
                    count=count, found=worst, wanted=target.half_width
                )
            )
            wanted = int(np.ceil(count * (worst / target.half_width) ** 2))
            following = min(most, max(count + 2, min(wanted, 2 * count)))
        return count

    def _moved_half_width(self, target: Target, draws: Sequence[Draw], replications: int) -> float:
        """Return half the 95 % interval of the mean by which draws move the difference, the widest of all variants."""
        years = self.shared.stage.place.clock.years

        def mean(place: int, draw: int) -> float:
            runs = [self.shared.same(Run(place, draw, number)) for number in range(replications)]
            values = draws[draw - 1] if draw else {}
            parts = [self.parts.get(run) for run in runs]
            return float(np.nanmean(valued(self.shared.situations[place], parts, years, values)[target.variable]))

        before = np.array([mean(0, draw) for draw in range(len(draws) + 1)])
        widths = [0.0]
        for place in range(1, len(self.shared.situations)):
            gaps = np.array([mean(place, draw) for draw in range(len(draws) + 1)]) - before
            interval = paired(np.full(len(draws), gaps[0]), gaps[1:]).interval
            widths.append((interval[1] - interval[0]) / 2 if interval else float("inf"))
        return max(widths)

    def _half_width(self, target: Target, count: int) -> float:
        def values(place: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            parts = [self.parts.get(Run(place, CENTRAL, number)) for number in range(count)]
            return valued(self.shared.situations[place], parts, self.shared.stage.place.clock.years)[target.variable]

        widths = [0.0]
        for place in range(1, len(self.shared.situations)):
            interval = paired(values(0), values(place)).interval
            widths.append((interval[1] - interval[0]) / 2 if interval else float("inf"))
        return max(widths)

    def execute(self, runs: Sequence[Run]) -> None:
        """Execute what no valid part exists for; a network that a run leaves as another one has it is not run again."""
        keys = {run: self.shared.keys(run) for run in runs}
        self._read({key for items in keys.values() for key in items})
        ready = {run for run in runs if self._whole(keys[run])}
        self.resumed += sum(run not in self.parts for run in ready)
        tasks = self._left(runs, self.pieces)
        self.progress.start(len({keys[run] for run in ready}) + len(tasks), len({keys[run] for run in ready}))
        chosen = self.many if len(tasks) > self.handful else self.serial
        try:
            # Closed at once on Ctrl-C, wherever it strikes: left to the garbage collector, it would keep its workers.
            with closing(chosen.execute(self.shared, tasks)) as outcomes:
                for done in outcomes:
                    self._take(done)
                    self.progress.step()
        except KeyboardInterrupt:
            kept = _("what was finished is kept: run again with --resume") if self.store.folder else ""
            self._read({key for items in keys.values() for key in items})
            finished = sum(map(self._whole, set(keys.values()))) or len(self.parts)
            message = _("interrupted after {done} runs; {kept}").format(done=finished, kept=kept)
            raise Interrupted(message) from None
        for run in runs:
            if self._whole(keys[run]):
                self.parts[run] = joined([self.pieces[key] for key in keys[run]])

    def _left(self, runs: Sequence[Run], known: Container[str]) -> list[Task]:
        """Return what is to be done: each component once, for the first run that asks for it."""
        asked: set[str] = set()
        tasks = []
        for run in runs:
            keys = self.shared.keys(run)
            new = tuple(place for place, key in enumerate(keys) if key not in known and key not in asked)
            asked.update(keys)
            if new:
                tasks.append(Task(run, new))
        return tasks

    def _read(self, keys: Collection[str]) -> None:
        """Take the parts that are in the store."""
        for key in sorted(keys):
            part = self.pieces.get(key) or self.store.read(key)
            if part is not None:
                self.pieces[key] = part

    def _whole(self, keys: Sequence[str]) -> bool:
        return all(key in self.pieces for key in keys)

    def _take(self, done: Done) -> None:
        if done.error:
            self.failures.append(done.error)
        keys = self.shared.keys(done.task.run)
        for place in done.task.components:
            key = keys[place]
            part = decode(done.data[key], key) if key in done.data else self.store.read(key)
            if part is not None:
                self.pieces[key] = part
            elif not done.error:
                raise JumeauError(_("a part that was just written cannot be read: is the disk full?"))
