"""A process of our own, as its parent sees it: asked on its standard input, heard on its standard output."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

#: Wait for a process that was asked to leave [s].
PATIENCE = 5.0

#: On Windows, a blocking wait would not see Ctrl-C [s].
GLANCE = 0.5

#: What children say: the child, and a message, or None when it is dead.
Inbox = queue.SimpleQueue[tuple[Any, object]]


class Child:
    """A process that runs a file of Python.

    Parameters
    ----------
    words : sequence of str
        The file, and its arguments.
    inbox : Inbox
    messages : callable
        Reads the messages of its output, one after the other.

    Attributes
    ----------
    ready : bool
        Whether it has told that it is; whoever reads the inbox says so.
    """

    def __init__(self, words: Sequence[str], inbox: Inbox, messages: Callable[[IO[bytes]], Iterator[object]]) -> None:
        self.ready = False
        new_group: dict[str, Any] = {"creationflags": 0x200} if sys.platform == "win32" else {"process_group": 0}
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            # `-P`: what lies beside the file is not to be imported by its bare name.
            [sys.executable, "-P", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # One thread per process: the pool already fills the processors.
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            # The parent alone answers to Ctrl-C; when it ends, however it ends, the child's input ends too.
            **new_group,
        )
        self._listener = threading.Thread(target=self._listen, args=(inbox, messages), daemon=True)
        self._listener.start()

    def _listen(self, inbox: Inbox, messages: Callable[[IO[bytes]], Iterator[object]]) -> None:
        # Whatever a dying process leaves of a message is no message.
        with contextlib.suppress(Exception):
            if self.process.stdout is not None:
                for message in messages(self.process.stdout):
                    inbox.put((self, message))
        inbox.put((self, None))

    def send(self, data: bytes) -> None:
        """Write to its input; to a dead one nothing can be sent, and its listener says that it died."""
        with contextlib.suppress(OSError, ValueError):
            if self.process.stdin is not None:
                self.process.stdin.write(data)
                self.process.stdin.flush()

    def leave(self) -> None:
        """Ask it to leave, at once."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def bury(self, patience: float = PATIENCE) -> int:
        """Wait for its end [s], by force if need be; return its exit status."""
        self.leave()
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._listener.join(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def next_message(inbox: Inbox) -> tuple[Any, object]:
    """Wait for what a child says next."""
    while True:
        try:
            return inbox.get(timeout=GLANCE)
        except queue.Empty:
            continue


def bury_all(children: Sequence[Child]) -> None:
    """Ask all to leave, and wait for them together."""
    for child in children:
        child.leave()
    limit = time.monotonic() + PATIENCE
    for child in children:
        child.bury(max(limit - time.monotonic(), 0.0))
