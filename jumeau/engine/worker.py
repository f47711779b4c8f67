"""The process that executes runs for another one, which it does not outlive.

It is a plain Python that is given this file, never the user's script: a script needs no `if __name__ == "__main__":`.
Tasks come by standard input, outcomes go by standard output; what all tasks share is read from a file, so that a
process that dies as it starts leaves nobody writing to it. Whether the parent lives is watched from the first moment,
before anything of Jumeau is imported.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from pathlib import Path
from typing import BinaryIO

#: First message of a worker: it has read what tasks share.
READY = "ready"


def serve(shared: Path) -> None:
    """Execute what standard input asks for, until it ends.

    Parameters
    ----------
    shared : Path
        File of the pickled language and `Shared`; removed where the parent is gone before it could.
    """
    outcomes = _private_output()
    tasks: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks, shared), daemon=True).start()

    from jumeau.engine.executors import Worker
    from jumeau.errors import JumeauError
    from jumeau.i18n import _, set_language

    try:
        lang, common = pickle.loads(shared.read_bytes())  # noqa: S301 - written by the parent, in a file of its own
        set_language(lang)
        worker = Worker(common)
    except Exception as error:  # noqa: BLE001 - the parent tells of it, once
        reason = f"{type(error).__name__}: {error}"
        _send(outcomes, JumeauError(_("a worker process cannot start: {error}").format(error=reason)))
        return
    _send(outcomes, READY)
    while True:
        task = tasks.get()
        try:
            _send(outcomes, worker.execute(task))  # type: ignore[arg-type]
        except JumeauError as error:
            _send(outcomes, error)


def _private_output() -> BinaryIO:
    """Return standard output for outcomes alone; what libraries print goes to standard error."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _listen(stream: BinaryIO, tasks: queue.SimpleQueue[object], shared: Path) -> None:
    """Pass tasks on; leave at once when the parent closes its end or dies, even in the midst of a run."""
    try:
        while True:
            tasks.put(pickle.load(stream))  # noqa: S301 - comes from the parent
    except (EOFError, OSError, pickle.UnpicklingError):
        shared.unlink(missing_ok=True)
    finally:
        os._exit(0)


def _send(stream: BinaryIO, message: object) -> None:
    try:
        stream.write(pickle.dumps(message))
        stream.flush()
    except OSError:
        os._exit(0)  # nobody listens any more


if __name__ == "__main__":
    # The search path of the parent, for networks from elsewhere.
    sys.path[:] = pickle.load(sys.stdin.buffer)  # noqa: S301 - comes from the parent
    serve(Path(sys.argv[1]))
