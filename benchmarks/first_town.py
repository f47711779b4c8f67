"""How long a new user takes from a folder of data to a report: the README's own commands, one after the other.

    python benchmarks/first_town.py FILE...

The files are copied into the folder `data` of an empty folder; the commands are those of the section « Your own
territory » of README.md, word for word, save the one that opens a browser.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
HEADING = "## Your own territory"


def commands(text: str) -> list[list[str]]:
    """Return the commands of the section, as words, without comments."""
    section = text[text.index(HEADING) :]
    block = re.search(r"```bash\n(.*?)```", section, re.DOTALL)
    if block is None:
        raise SystemExit(f"README.md: no commands under « {HEADING} »")
    words = [shlex.split(line, comments=True) for line in block[1].splitlines()]
    return [line for line in words if line and line[1] != "open"]


def main(files: list[Path]) -> None:
    """Run the commands in an empty folder and print the minutes of each."""
    jumeau = [sys.executable, "-c", "import sys; from jumeau.cli import main; sys.exit(main(sys.argv[1:]))"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        for file in files:
            shutil.copy(file, folder / "data")
        total = 0.0
        for words in commands(README.read_text(encoding="utf-8")):
            began = time.perf_counter()
            done = subprocess.run([*jumeau, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)
            minutes = (time.perf_counter() - began) / 60.0
            total += minutes
            print(f"{minutes:6.2f} min  {' '.join(words)}", flush=True)
            if done.returncode:
                print(done.stdout, done.stderr, sep="\n")
                raise SystemExit(done.returncode)
        report = folder / "first" / "report.html"
        print(f"{total:6.2f} min  in all; report of {report.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main([Path(word) for word in sys.argv[1:]])
