"""The served application: a session that a browser on the same machine leads, through trame.

The server draws, with the stage of the film; the browser gets pictures and asks nothing of the internet.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, current_language, language
from jumeau_viz.open_run import open_run
from jumeau_viz.probe import probe
from jumeau_viz.session import Session

LOOPBACK = "127.0.0.1"
#: Of the picture before the browser says how large its window is [pixel].
FIRST_SIZE = (1280, 720)
#: While the view moves, pictures are smaller and coarser: a machine without a graphics card keeps up.
MOVING = {"interactive_ratio": 0.6, "interactive_quality": 60}
STYLE = (Path(__file__).parent / "templates" / "served.css").read_text(encoding="utf-8")
#: What a browser may change, by the names of `session.Shown`.
CHOSEN = ("choice", "situation", "change", "before", "day")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine alone."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def check_server() -> None:
    """Refuse before anything long begins, where something is missing.

    Raises
    ------
    InputError
    """
    try:
        _trame()
    except ImportError as error:
        message = _("the served application needs packages that are missing")
        raise InputError(Problem(message, hint="pip install 'jumeau[serve]'")) from error
    drawing = probe()
    if not drawing.works:
        raise InputError(Problem(_("the served application has to draw"), hint=drawing.message))


class Application:
    """A session and its page.

    Parameters
    ----------
    folder : Path
        Of a run.
    """

    def __init__(self, folder: Path) -> None:
        get_server, layout, widgets = _trame()
        self.lang = current_language()
        self.session = Session(open_run(folder), FIRST_SIZE)
        _steer(self.session.stage.window)
        self.server = get_server("jumeau", client_type="vue3")
        self.state = self.server.state
        self.state.trame__title = f"{self.session.run.captions.heading()} – Jumeau"
        self.state.update({**_labels(), "notes_shown": False, "choices": self.session.choices})
        # Texts of a run are handed over as values, never as a template that the browser would carry out.
        self.state.heading = self.session.run.captions.heading()
        self.state.notices = list(self.session.run.captions.notes())
        self.state.update(self.session.words())
        with layout(self.server):
            self._write(*widgets)
        self.state.change(*CHOSEN)(self._chosen)

    def start(self, host: str, port: int) -> None:
        """Serve until interrupted."""
        # trame would read our own words as its own.
        os.environ["TRAME_ARGS"] = ""
        self.server.start(
            host=host, port=port, open_browser=False, show_connection_info=False, disable_logging=True, timeout=0
        )

    def go(self, step: int) -> None:
        """Lead the tour on, or back."""
        with language(self.lang):
            self.session.go(step)
            self._tell()

    def home(self) -> None:
        """Show the whole town."""
        self.session.stage.aim(self.session.home)
        self._tell()

    def _chosen(self, **_state: Any) -> None:
        wanted = {name: self.state[name] for name in CHOSEN}
        if wanted == {name: getattr(self.session.shown, name) for name in CHOSEN}:
            return  # said by ourselves
        with language(self.lang):
            self.session.choose(wanted)
            self._tell()

    def _tell(self) -> None:
        with language(self.lang):
            self.state.update(self.session.words())
        self.view.update()

    def _write(self, client: Any, html: Any, vtk: Any) -> None:
        whole = html.Div(classes=("day ? 'jumeau by-day' : 'jumeau'",), raw_attrs=[f'lang="{self.lang}"'])
        with whole:
            client.Style(STYLE)
            with html.Header():
                html.H1("{{ heading }}")
                html.P("{{ note }}", v_for="note in notices", key="note", classes="notice")
            with html.Div(classes="view", raw_attrs=['role="img"', ':aria-label="l_view"']):
                self.view = vtk.VtkRemoteView(self.session.stage.window, ref="view", **MOVING)
            with html.Section(classes="bench"):
                self._write_choices(html)
            with html.Section(classes="story", raw_attrs=['aria-live="polite"']):
                html.P("{{ rank }}", v_if="rank", classes="rank")
                html.H2("{{ title }}", v_if="title")
                with html.P(v_if="figure", classes="figure"):
                    html.Strong("{{ figure }}")
                    html.Span("{{ figure_label }}")
                html.P("{{ text }}", v_if="text", classes="text")
                html.P("{{ note }}", v_if="notes_shown && note", classes="note")
            with html.Nav(classes="tour"):
                html.Button("◀", click=lambda: self.go(-1), raw_attrs=['id="back"', ':aria-label="l_back"'])
                html.Button("{{ next }} ▶", click=lambda: self.go(1), raw_attrs=['id="next"'])
                html.Button(
                    "{{ l_notes }}",
                    click="notes_shown = !notes_shown",
                    raw_attrs=['id="notes"', ':aria-pressed="String(notes_shown)"'],
                )
                html.Button("{{ l_home }}", click=self.home, raw_attrs=['id="home"'])

    def _write_choices(self, html: Any) -> None:
        for name, items in (("choice", "choices"), ("situation", "situations")):
            html.Label(f"{{{{ l_{name} }}}}", raw_attrs=[f'for="{name}"'])
            with html.Select(raw_attrs=[f'id="{name}"', f'v-model="{name}"']):
                html.Option(
                    "{{ item.label }}", v_for=f"item in {items}", key="item.value", raw_attrs=[':value="item.value"']
                )
        with html.P(classes="row"):
            for name in ("before", "day"):
                html.Button(
                    f"{{{{ l_{name} }}}}",
                    click=f"{name} = !{name}",
                    raw_attrs=[f'id="{name}"', f':aria-pressed="String({name})"'],
                )
        with html.Label(classes="row"):
            html.Input(raw_attrs=['id="change"', 'type="checkbox"', 'v-model="change"'])
            html.Span("{{ l_change }}")
        html.P("{{ seen }}", classes="seen")
        html.P("{{ legend }}", classes="legend")
        html.Div(classes="bar", raw_attrs=[':style="{ background: bar }"'])
        with html.Div(classes="ticks"):
            html.Span(
                "{{ tick.label }}", v_for="tick in ticks", key="tick.left", raw_attrs=[':style="{ left: tick.left }"']
            )
        with html.P(v_if="gaps", classes="gap"):
            html.Span(classes="swatch")
            html.Span("{{ l_gap }}")


def _labels() -> dict[str, str]:
    """Return the words of the page itself, in the current language."""
    return {
        "l_view": _("3D view of the town. Its figures are given as text in the table."),
        "l_choice": _("What the colours show"),
        "l_situation": _("Situation shown"),
        "l_before": _("See before"),
        "l_day": _("Day"),
        "l_change": _("Show the change from before"),
        "l_gap": _("no figure"),
        "l_back": _("Previous stop"),
        "l_notes": _("Notes"),
        "l_home": _("Whole town"),
    }


def _steer(window: Any) -> None:
    """Let a browser's mouse turn the town, which stays upright."""
    from vtkmodules.vtkInteractionStyle import vtkInteractorStyleTerrain
    from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

    # The usual one would look for a screen.
    interactor = vtkGenericRenderWindowInteractor()
    interactor.SetRenderWindow(window)
    interactor.SetInteractorStyle(vtkInteractorStyleTerrain())
    interactor.EnableRenderOff()


def _trame() -> tuple[Any, Any, tuple[Any, Any, Any]]:
    """Import trame where it is asked for only: it is an extra."""
    logging.getLogger("wslink").setLevel(logging.ERROR)
    from trame.app import get_server
    from trame.ui.html import DivLayout
    from trame.widgets import client, html, vtk

    return get_server, DivLayout, (client, html, vtk)
