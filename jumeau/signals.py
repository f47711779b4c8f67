"""Signals that ask a process to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Stop:
    """What stopped a command.

    Attributes
    ----------
    number : int or None
        Signal that was caught, if any.
    """

    number: int | None = None

    def status(self, otherwise: int) -> int:
        """Return the exit status that shells give to a signal, or `otherwise` where none was caught."""
        return 128 + self.number if self.number is not None else otherwise


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Let SIGTERM (a container that stops) and SIGHUP (a terminal that is closed) do inside the block as Ctrl-C does.

    Where a signal was to be ignored, as by `nohup`, it still is.
    """
    stop = Stop()

    def caught(number: int, _frame: FrameType | None) -> None:
        stop.number = number
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []  # only the main thread hears signals
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler == signal.SIG_DFL:
            signal.signal(number, caught)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            if handler == signal.SIG_DFL:
                signal.signal(number, signal.SIG_DFL)
