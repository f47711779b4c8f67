"""The process that executes runs for another one, which it does not outlive.

It is a plain Python that imports this module, never the user's script: a script needs no `if __name__ == "__main__":`.
Tasks come by standard input, outcomes go by standard output; what all tasks share is read from a file, so that a process
that dies as it starts leaves nobody writing to it.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from jumeau.engine.executors import Worker
from jumeau.errors import JumeauError
from jumeau.i18n import set_language

#: First message of a worker: it has read what tasks share.
READY = "ready"

#: What the process is given to run: the search path of its parent comes first, for networks from elsewhere.
BOOTSTRAP = (
    "import pickle, sys; path, shared = pickle.load(sys.stdin.buffer); sys.path[:] = path; "
    "from jumeau.engine.worker import serve; serve(shared)"
)


def serve(shared: str) -> None:
    """Execute what standard input asks for, until it ends.

    Parameters
    ----------
    shared : str
        File of the pickled language and `Shared`; removed where the parent is gone before it could.
    """
    outcomes = _private_output()
    tasks: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks, shared), daemon=True).start()
    lang, common = pickle.loads(Path(shared).read_bytes())  # noqa: S301 - written by the parent, in a file of its own
    set_language(lang)
    worker = Worker(common)
    _send(outcomes, READY)
    while True:
        run = tasks.get()
        try:
            _send(outcomes, worker.execute(run))  # type: ignore[arg-type]
        except JumeauError as error:
            _send(outcomes, error)


def _private_output() -> BinaryIO:
    """Return standard output for outcomes alone; what libraries print goes to standard error."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _listen(stream: BinaryIO, tasks: queue.SimpleQueue[object], shared: str) -> None:
    """Pass tasks on; leave at once when the parent closes its end or dies, even in the midst of a run."""
    try:
        while True:
            tasks.put(pickle.load(stream))  # noqa: S301 - comes from the parent
    except (EOFError, OSError, pickle.UnpicklingError):
        Path(shared).unlink(missing_ok=True)
        os._exit(0)


def _send(stream: BinaryIO, message: object) -> None:
    stream.write(pickle.dumps(message))
    stream.flush()
