"""The process that executes runs for another one, which it does not outlive.

It is a plain Python that is given this file, never the user's script: a script needs no `if __name__ == "__main__":`.
Orders come by standard input, outcomes go by standard output; what all orders share is read from a file that an order
names, so that a process that dies as it starts leaves nobody writing to it. Whether the parent lives is watched from
the first moment, before anything of Jumeau is imported. It may be started long before there is anything to do: it then
loads what takes long to load.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import sys
import threading
from pathlib import Path
from typing import BinaryIO

#: What a worker says once it has read what orders share.
READY = "ready"

#: Orders, each with its content: to read a file of what the others share, to prepare a network, to execute a task.
READ, PREPARE, EXECUTE = "read", "prepare", "execute"

#: An order.
Order = tuple[str, object]


def serve() -> None:
    """Do what standard input orders, until it ends."""
    outcomes = _private_output()
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    files: list[Path] = []
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders, files), daemon=True).start()

    from jumeau.engine.executors import Worker
    from jumeau.engine.preparation import Groundwork
    from jumeau.errors import JumeauError
    from jumeau.i18n import _, set_language
    from jumeau.network import discover
    from jumeau.processors import keep_to_one

    with contextlib.suppress(Exception):  # the parent tells of a network that cannot be loaded
        discover()  # what is read is made of them
    worker: Worker | None = None
    ground: Groundwork | None = None
    while True:
        order, content = orders.get()
        if order == READ:
            try:
                lang, common = pickle.loads(Path(str(content)).read_bytes())  # noqa: S301 - written by the parent
                set_language(lang)
                ground = common if isinstance(common, Groundwork) else None
                if ground is None:
                    keep_to_one()
                    worker = Worker(common)
            except Exception as error:  # noqa: BLE001 - the parent tells of it, once
                reason = f"{type(error).__name__}: {error}"
                _send(outcomes, JumeauError(_("a worker process cannot start: {error}").format(error=reason)))
                return
            _send(outcomes, READY)
        elif order == PREPARE and ground is not None:
            try:
                found = ground.compute(str(content))
            except Exception:  # noqa: BLE001 - the parent meets it too, and says what it is
                found = {}
            _send(outcomes, found)
        elif order == EXECUTE and worker is not None:
            try:
                _send(outcomes, worker.execute(content))  # type: ignore[arg-type]
            except JumeauError as error:
                _send(outcomes, error)


def _private_output() -> BinaryIO:
    """Return standard output for outcomes alone; what libraries print goes to standard error."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _listen(stream: BinaryIO, orders: queue.SimpleQueue[Order], files: list[Path]) -> None:
    """Pass orders on; leave at once when the parent closes its end or dies, even in the midst of a run.

    The files that it was told to read are removed where the parent is gone before it could.
    """
    try:
        while True:
            order, content = pickle.load(stream)  # noqa: S301 - comes from the parent
            if order == READ:
                files.append(Path(content))
            orders.put((order, content))
    except (EOFError, OSError, pickle.UnpicklingError):
        for file in files:
            file.unlink(missing_ok=True)
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
    serve()
