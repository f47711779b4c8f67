"""The life of leaks: they start, become known, are located by a team, wait for their notice, and are mended by a crew.

Only leaks that are alive at the start of the warm-up or start later become processes. What the journal gets of each is
declared in `events.csv`; the number of a leak is its row among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import numpy as np
import simpy

from jumeau.networks.water.physics.awareness import (
    LOGGER,
    MEANS,
    REPORT,
    SECTOR,
    Awareness,
    aware,
    draws,
    missed_passes,
)
from jumeau.networks.water.physics.leaks import FAMILIES, Leaks, draw_leaks
from jumeau.networks.water.physics.state import Family, State
from jumeau.networks.water.physics.volumes import night_flows
from jumeau.networks.water.simulation.night_flow import Rise, Sector
from jumeau.randomness import Streams
from jumeau.simulation.board import CLOSED
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.crews import CrewPool, Job
from jumeau.simulation.device_upkeep import DeviceUpkeep
from jumeau.simulation.journal import Journal
from jumeau.simulation.world import World

Event = Generator[simpy.Event, Any, None]


class LifeOfLeaks:
    """The leaks of one run, as processes.

    Parameters
    ----------
    state : State
    world : World
    streams : Streams
    """

    def __init__(self, state: State, world: World, streams: Streams) -> None:
        self.state = state
        self.world = world
        self.env = world.env
        self.end = world.clock.duration
        self.journal: Journal = world.journals["water"]
        self.families: list[Family | None] = [
            next((item for item in state.families if item.name == name), None) for name in FAMILIES
        ]
        self.leaks, self.awareness = self._alive(streams)
        self.buried = self.leaks.hidden
        self.passing = draws(self.leaks, streams, "search", state.count)
        self.closing = streams.column("pipe", "closing", state.count) if state.count else np.zeros(0)
        self._finders: CrewPool | None = None
        self.upkeep = self._devices(streams)
        self.sectors: dict[int, Sector] = {}
        self.closed: Counter[str] = Counter()

    def start(self) -> None:
        """Register the processes."""
        if self.upkeep is not None:
            self.upkeep.start()
        night = night_flows(self.state, self.leaks)
        for number in range(len(self.leaks)):
            self.env.process(self._leak(number, float(night[number])))

    def _alive(self, streams: Streams) -> tuple[Leaks, Awareness]:
        """Return the leaks that concern the run: those long mended at its start are left out.

        Ahead of the warm-up nothing queues: a leak that became known is mended after the mean delays.
        """
        state, now = self.state, float(self.env.now)
        leaks = draw_leaks(state, streams, now, self.end)
        found = aware(state, leaks, streams)
        search = state.search
        buried = leaks.hidden
        notice = np.where(buried, search.notice_hidden, search.notice_visible)
        mended = found.time + (notice + 2.0) * DAY
        watched = np.zeros(len(leaks), dtype=bool)
        if search.metered.any():
            # A leak that raises an alarm alone, in the sectors' time before the run.
            sector = search.sector[leaks.pipe]
            inside = buried & (sector >= 0)
            watched[inside] = search.metered[sector[inside]]
            alone = np.zeros(len(leaks), dtype=bool)
            alone[watched] = night_flows(state, leaks)[watched] >= search.threshold[sector[watched]]
            walk = np.zeros(len(leaks))
            walk[watched] = search.walk[sector[watched]] * 3.0  # eight hours in twenty-four
            seen = leaks.start + leaks.growth + search.sector_delay * DAY + walk * HOUR + (notice + 2.0) * DAY
            mended = np.where(alone, np.minimum(mended, seen), mended)
        alive = mended > now
        return leaks.take(alive), found.take(alive)

    def _devices(self, streams: Streams) -> DeviceUpkeep | None:
        """Return the loggers at work, which may fail; a false alarm sends the teams that locate leaks."""
        search = self.state.search
        if search.loggers is None:
            return None
        return DeviceUpkeep(search.loggers, self.world, streams, (lambda: self.finders, search.locate_hours))

    @property
    def finders(self) -> CrewPool:
        """The teams that locate leaks, at work: same days and hours as the crews that mend them."""
        if self._finders is None:
            spec = replace(self.world.crew_spec("water"), name="leak_finders", count=self.state.search.finders)
            speed = self.world.factors.value("crew_speed")
            self._finders = CrewPool(self.env, self.world.place, spec, speed, self.world.journals, self.world.board)
            self._finders.start()
        return self._finders

    def _leak(self, number: int, night: float) -> Event:
        env, leaks, state = self.env, self.leaks, self.state
        pipe, start = int(leaks.pipe[number]), float(leaks.start[number])
        if start > env.now:
            yield env.timeout(start - env.now)
        self._record_start(number)
        sector = self._sector(pipe) if self.buried[number] else None
        found = None
        if sector is not None:
            found = env.event()
            sector.add(number, self._rise(number, night, found))
        means = yield from self._known(number, found)
        located = found.value if found is not None and found.triggered else None
        if sector is not None and located is None:
            sector.remove(number)
        if means is None:
            return
        if located is None:
            began = env.now
            self._record_awareness(number, MEANS[means], began)
            yield self._ordered(self.finders, "locate", pipe, state.search.locate_hours)
        else:
            began = located
            self._record_awareness(number, MEANS[SECTOR], began)
        self.journal.record(env.now, "location", leak=number, pipe=pipe, delay=env.now - began)
        yield from self._mend(number, visible=not self.buried[number] or (located is None and means == REPORT))

    def _known(self, number: int, found: simpy.Event | None) -> Generator[simpy.Event, Any, int | None]:
        """Wait until a leak is known; return by what, None where the period ends before.

        A logger that is silent hears nothing: its leak waits for the first that hears it to be back and to tell it from
        noise anew, unless residents, surveys or the sector's meter (`found`) are sooner.
        """
        env, awareness = self.env, self.awareness
        time, means = float(awareness.time[number]), int(awareness.means[number])
        hearing = time - float(self.leaks.start[number])
        while True:
            if found is None and time >= self.end:
                return None
            rest = env.timeout(max(min(time, self.end) - env.now, 0.0))
            yield rest if found is None else found | rest
            if found is not None and found.triggered:
                return SECTOR
            if time >= self.end:
                return None
            deaf = self._deaf(number) if means == LOGGER else None
            if deaf is None:
                return means
            other = float(awareness.other[number])
            back = deaf | env.timeout(max(min(other, self.end) - env.now, 0.0))
            yield back if found is None else found | back
            time, means = other, int(awareness.other_means[number])
            if deaf.triggered and env.now + hearing < other:
                time, means = env.now + hearing, LOGGER

    def _deaf(self, number: int) -> simpy.Event | None:
        """Return when a logger that hears a leak is back, where all that do are silent; None where one works."""
        if self.upkeep is None:
            return None
        hearers = self.state.search.hearers[int(self.leaks.pipe[number])]
        if not len(hearers) or self.upkeep.works(hearers).any():
            return None
        return self.upkeep.back(hearers)

    def _record_start(self, number: int) -> None:
        leaks = self.leaks
        self.journal.record(
            float(leaks.start[number]),
            "leak",
            leak=number,
            pipe=int(leaks.pipe[number]),
            family=FAMILIES[leaks.family[number]],
            flow=float(leaks.flow[number]),
            growth=float(leaks.growth[number]),
            position=float(leaks.position[number]),
        )

    def _record_awareness(self, number: int, means: str, time: float) -> None:
        pipe, delay = int(self.leaks.pipe[number]), time - float(self.leaks.start[number])
        self.journal.record(time, "awareness", leak=number, pipe=pipe, means=means, delay=delay)

    def _mend(self, number: int, *, visible: bool) -> Event:
        """Wait for the notice, then for a crew; a street may be closed meanwhile."""
        env, state = self.env, self.state
        pipe, located = int(self.leaks.pipe[number]), env.now
        search = state.search
        yield env.timeout((search.notice_visible if visible else search.notice_hidden) * DAY)
        family = self.families[int(self.leaks.family[number])]
        hours = family.site_hours if family else 0.0
        street = str(state.street[pipe])
        closes = bool(family and family.mains and street and self.closing[pipe] < state.rates["closing_share"])
        board = self.world.board

        def arrived(_time: float) -> None:
            if closes:
                self.closed[street] += 1
                board.post(CLOSED, street, value=True)

        yield self._ordered(self.world.crew("water"), "repair", pipe, hours, arrived)
        if closes:
            # Two repairs may share a street.
            self.closed[street] -= 1
            board.post(CLOSED, street, value=self.closed[street] > 0)
            self.journal.record(env.now, "closure", leak=number, pipe=pipe, hours=hours)
        self.journal.record(env.now, "repair", leak=number, pipe=pipe, delay=env.now - located)

    def _ordered(
        self, pool: CrewPool, kind: str, pipe: int, hours: float, started: Callable[[float], None] | None = None
    ) -> simpy.Event:
        """Order a piece of work; return the event of its end."""
        finished = self.env.event()

        def done(time: float) -> None:
            finished.succeed(time)

        pool.submit(Job("water", kind, int(self.state.site[pipe]), hours, done, started=started))
        return finished

    def _rise(self, number: int, night: float, found: simpy.Event) -> Rise:
        leaks, search = self.leaks, self.state.search
        pipe = int(leaks.pipe[number])

        def locate(alarm: float, _time: float) -> None:
            found.succeed(alarm)

        return Rise(
            start=float(leaks.start[number]),
            growth=float(leaks.growth[number]),
            flow=night,
            place=float(search.place[pipe] + search.share[pipe] * leaks.position[number]),
            found=locate,
            missed=missed_passes(self.passing[number : number + 1], search.sensitivity[pipe : pipe + 1])[0],
        )

    def _sector(self, pipe: int) -> Sector | None:
        """Return the metered sector that a pipe belongs to, at work."""
        search = self.state.search
        row = int(search.sector[pipe])
        if row < 0 or not search.metered[row]:
            return None
        if row not in self.sectors:
            first, last = self.world.crew_spec("water").shift
            members = np.flatnonzero(search.sector == row)
            members = members[np.argsort(search.place[members], kind="stable")]

            def submit(place: float, hours: float, done: Callable[[float], None]) -> None:
                member = int(members[np.searchsorted(search.place[members], place, side="right") - 1])
                site = int(self.state.site[member])
                # A leak that is known waits for no walk through a sector.
                self.finders.submit(Job("water", "search", site, hours, done, priority=1))

            self.sectors[row] = Sector(
                env=self.env,
                threshold=float(search.threshold[row]),
                delay=search.sector_delay * DAY,
                hours=float(search.length[row]) / search.speed,
                shift=max(last - first - 1.0, 1.0),
                submit=submit,
                alarm=lambda time: self.journal.record(time, "alarm", sector=row),
                steps=int(search.steps[row]),
                step_hours=float(search.step_hours[row]),
                resolution=search.step_resolution,
            )
        return self.sectors[row]
