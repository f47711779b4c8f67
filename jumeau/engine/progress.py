"""Progress of long work, with the time left."""

from __future__ import annotations

import sys
import time
from typing import Protocol, TextIO

from jumeau.i18n import _, format_number
from jumeau.redaction import visible


class Progress(Protocol):
    """Something that is told how far the work is."""

    def start(self, total: int, done: int) -> None:
        """Begin, with what was already done before."""
        ...

    def step(self) -> None:
        """One more is done."""
        ...

    def say(self, message: str) -> None:
        """Tell the user something."""
        ...

    def finish(self) -> None:
        """End of the work."""
        ...


class Silent:
    """Says nothing (the default in scripts)."""

    def start(self, total: int, done: int) -> None:
        """Do nothing."""

    def step(self) -> None:
        """Do nothing."""

    def say(self, message: str) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""


class TerminalProgress:
    """One line that rewrites itself on a terminal, a line every tenth elsewhere.

    Parameters
    ----------
    stream : text stream, optional
        Standard error by default, so that figures on standard output stay clean.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._live = self._stream.isatty()
        self._total = self._done = self._new = 0
        self._began = 0.0
        self._tenth = 0

    def start(self, total: int, done: int) -> None:
        """Begin."""
        self._total, self._done, self._new = total, done, 0
        self._began = time.monotonic()
        self._tenth = 10 * done // max(total, 1)
        if done:
            self.say(_("{done} of {total} runs were already done").format(done=done, total=total))

    def step(self) -> None:
        """Count one more run and show the time left."""
        self._done += 1
        self._new += 1
        left = (time.monotonic() - self._began) / self._new * (self._total - self._done)
        text = _("runs: {done} of {total}, {left} s left").format(
            done=self._done, total=self._total, left=format_number(left)
        )
        tenth = 10 * self._done // max(self._total, 1)
        if self._live:
            self._stream.write("\r" + text.ljust(60))
            self._stream.flush()
        elif tenth > self._tenth:
            self._stream.write(text + "\n")
        self._tenth = tenth

    def say(self, message: str) -> None:
        """Write a line."""
        message = visible(message)
        self._stream.write(("\r" if self._live else "") + message.ljust(60 if self._live else 0) + "\n")

    def finish(self) -> None:
        """End the line."""
        if self._live and self._new:
            self._stream.write("\n")
            self._stream.flush()
