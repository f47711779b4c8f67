"""What happens to a fountain: its basin is cleaned by a crew, again and again."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from jumeau.simulation.clock import DAY
from jumeau.simulation.crews import Job
from jumeau.simulation.world import World
from jumeau_fountains.state import State


def clean(state: State, fountain: int, world: World) -> Generator[simpy.Event, object, None]:
    """Order the cleaning of a basin at regular intervals; the journal gets `cleaned` when the crew leaves."""
    env, journal = world.env, world.journals["fountains"]
    while True:
        asked, finished = env.now, env.event()
        job = Job("fountains", "cleaning", int(state.site[fountain]), state.duration, finished.succeed)
        world.crew("fountains").submit(job)
        yield finished
        journal.record(env.now, "cleaned", fountain=fountain, delay=env.now - asked)
        yield env.timeout(max(asked + state.interval * DAY - env.now, 0.0))
