"""The process that works on the rows of a batch, one after the other; it does not outlive the one that started it.

It is a plain Python that is given this file, never the user's script. Each message is a line of JSON: the search path
and the setting first, then one row a line on standard input; `READY`, then one answer a line on standard output.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import IO, Any

#: First message of a worker: it can take rows.
READY = "ready"
CHECK, RUN = "check", "run"


def serve(stream: IO[str]) -> None:
    """Answer what standard input asks for, until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print goes to standard error
    setting = json.loads(stream.readline())
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(stream, asked), daemon=True).start()

    from jumeau.batches.listing import Row
    from jumeau.batches.model import Checked, Setting
    from jumeau.batches.rows import Rows
    from jumeau.i18n import set_language

    set_language(setting["lang"])
    rows = Rows(Setting.of(setting))
    _send(answers, READY)
    while True:
        task = json.loads(asked.get())
        row = Row(**{**task["row"], "cells": tuple(tuple(cell) for cell in task["row"]["cells"])})
        _send(answers, rows.check(row) if task["do"] == CHECK else rows.run(row, Checked(**task["checked"])))


def _listen(stream: IO[str], asked: queue.SimpleQueue[str]) -> None:
    """Pass tasks on; leave at once when the parent closes its end or dies, even in the midst of a run."""
    try:
        for line in stream:
            asked.put(line)
    finally:
        os._exit(0)


def _send(stream: IO[str], message: Any) -> None:
    try:
        stream.write(json.dumps(message) + "\n")
        stream.flush()
    except OSError:
        os._exit(0)  # nobody listens any more


if __name__ == "__main__":
    entry = os.fdopen(os.dup(0), encoding="utf-8")
    # The search path of the parent, for networks from elsewhere.
    sys.path[:] = json.loads(entry.readline())
    serve(entry)
