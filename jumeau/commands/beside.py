"""A command that another one starts beside itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

#: Wait for a command that was asked to leave [s].
PATIENCE = 5.0


class Beside:
    """A command in a process of its own, which does not outlive this one: it leaves when its standard input ends.

    It is started ahead of time, loads what takes seconds to load, and begins when it is told.

    Parameters
    ----------
    *words : str
        The command.
    ahead : str
        What it calls before it is told to begin, `module:function`; nothing where it is empty.
    """

    def __init__(self, *words: str, ahead: str = "") -> None:
        module, _colon, function = ahead.partition(":")
        code = (
            "import os, sys, threading\n"
            + (f"from {module} import {function}\n{function}()\n" if ahead else "")
            + "if not os.read(0, 1): os._exit(1)\n"
            # Not `sys.stdin.read`: a thread that holds its lock as the interpreter ends has the process aborted.
            "threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()\n"
            "from jumeau.cli import main\n"
            "sys.exit(main(sys.argv[1:]))"
        )
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def begin(self) -> None:
        """Have it begin; one that died says so by its status."""
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.write(b"\n")
                self.process.stdin.flush()

    def wait(self, limit: float | None = None) -> int:
        """Return its exit status, once it has ended.

        Parameters
        ----------
        limit : float, optional
            After which it is not waited for any longer [s].

        Raises
        ------
        subprocess.TimeoutExpired
        """
        return self.process.wait(limit)

    def __enter__(self) -> Self:
        """Return the command itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Have it leave, by force where it is still loading."""
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
