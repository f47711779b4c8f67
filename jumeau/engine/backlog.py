"""The tasks still to do, handed out so that a worker keeps to what it prepared."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

from jumeau.engine.executors import Task
from jumeau.engine.plan import CENTRAL

#: The situation and the draw that a worker has to prepare.
Place = tuple[int, int]


def place_of(task: Task) -> Place:
    """Return the situation and draw that a worker has to prepare for a task."""
    return task.run.situation, task.run.draw


class Backlog:
    """The tasks still to do.

    Parameters
    ----------
    tasks : sequence of Task
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._groups: dict[Place, deque[Task]] = {}
        for task in tasks:
            self._groups.setdefault(place_of(task), deque()).append(task)

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def give_back(self, task: Task) -> None:
        """Take a task again that was not finished."""
        self._groups.setdefault(place_of(task), deque()).appendleft(task)

    def next(self, place: Place | None, taken: Collection[Place | None]) -> Task | None:
        """Return the next task for a worker, of the place that it prepared if there is one.

        Else of the same draw, of which it prepared a part; else of a draw, then of a place, that no other works at;
        else help where most is left. Draws are prepared anew by each worker that takes one up, which a last run is
        not worth.
        """
        left = {item: group for item, group in self._groups.items() if group}
        if place not in left:
            draws = {item[1] for item in taken if item is not None and item[1] != CENTRAL}
            free = [item for item in left if item not in taken]
            free.sort(key=lambda item: (place is None or item[1] != place[1], item[1] in draws))
            shared = sorted(
                (item for item in left if item[1] == CENTRAL or len(left[item]) > 1),
                key=lambda item: len(left[item]),
                reverse=True,
            )
            place = (free + shared)[0] if free or shared else None
        return left[place].popleft() if place is not None else None
