"""Can this machine draw off-screen? Asked once, in another process.

Without EGL nor OSMesa the graphics library does not raise: it ends the whole process with a segmentation fault.
A child process takes that risk; the run then goes on without pictures, and says what to install.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from jumeau.i18n import _

TIMEOUT = 90.0
PACKAGES = "libegl1 libegl-mesa0 libgl1"
WINDOW_VARIABLE = "VTK_DEFAULT_OPENGL_WINDOW"
EGL_WINDOW = "vtkEGLRenderWindow"
_SCRIPT = """
import pyvista
plotter = pyvista.Plotter(off_screen=True, window_size=(32, 32))
plotter.add_mesh(pyvista.Sphere())
image = plotter.screenshot(return_img=True)
print("drawn" if image.std() > 0 else "blank")
"""


@dataclass(frozen=True)
class Probe:
    """What the probe found.

    Attributes
    ----------
    works : bool
    reason : str
        Why not: `missing` (PyVista is not installed), `crash`, `timeout` or `blank`.
    """

    works: bool
    reason: str = ""

    @property
    def message(self) -> str:
        """What to tell the user, in the current language; empty when drawing works."""
        if self.works:
            return ""
        if self.reason == "missing":
            return _("No picture was drawn: PyVista is not installed. Install it with: pip install 'jumeau[viz]'")
        return _(
            "No picture was drawn: this machine cannot draw off-screen ({reason}). On Debian or Ubuntu, install: "
            "apt-get install {packages}. The interactive page was written without the pictures."
        ).format(reason=_reasons()[self.reason], packages=PACKAGES)


def _reasons() -> dict[str, str]:
    return {
        "crash": _("the graphics library stopped"),
        "timeout": _("no answer in time"),
        "blank": _("the picture stays empty"),
    }


@cache
def probe(python: str = sys.executable, timeout: float = TIMEOUT) -> Probe:
    """Draw a sphere in a child process.

    Parameters
    ----------
    python : str
        Interpreter to ask.
    timeout : float
        Longest wait [s].
    """
    try:
        child = subprocess.run(
            [python, "-c", _SCRIPT],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=headless_environment(),
        )
    except subprocess.TimeoutExpired:
        return Probe(works=False, reason="timeout")
    if child.returncode == 0:
        return Probe(works=True) if "drawn" in child.stdout else Probe(works=False, reason="blank")
    missing = "ModuleNotFoundError" in child.stderr or "ImportError" in child.stderr
    return Probe(works=False, reason="missing" if missing else "crash")


def headless_environment() -> dict[str, str]:
    """Return the environment in which a machine without a screen asks for EGL at once (no X server warning)."""
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not environment.get("DISPLAY"):
        environment.setdefault(WINDOW_VARIABLE, EGL_WINDOW)
    return environment
