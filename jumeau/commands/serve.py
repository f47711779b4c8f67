"""`jumeau serve`: a run in an application for a session in a room, on this machine alone."""

from __future__ import annotations

import argparse
import socket
import sys

from jumeau.commands.parser import Commands, folder_word
from jumeau.commands.pictures import tell_missing
from jumeau.commands.status import DONE, FAILED
from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.redaction import show

#: Where the application listens unless told otherwise.
HOST, PORT = "127.0.0.1", 8642


def add(commands: Commands) -> None:
    """Add the command."""
    serve = commands.add(
        "serve", _("lead a session in the browser: the 3D view of a run, drawn by this machine"), _serve
    )
    folder_word(serve)
    serve.add_argument("--port", type=port, default=PORT, help=_("port to listen at (8642 by default)"))
    serve.add_argument(
        "--host",
        default=HOST,
        metavar="HOST",
        help=_("let other machines in, by an address of this one; see the warning"),
    )


def _serve(arguments: argparse.Namespace) -> int:
    try:
        from jumeau_viz.served import Application, check_server, is_loopback
    except ModuleNotFoundError as error:
        tell_missing(error)
        return FAILED
    from jumeau.engine.progress import LOADING, TerminalProgress

    check_server()
    check_free(arguments.host, arguments.port)
    with TerminalProgress((LOADING,)) as progress:
        progress.phase(LOADING)
        application = Application(arguments.folder)
    if not is_loopback(arguments.host):
        show(
            _(
                "Warning: whoever reaches this machine at {host} sees and leads the session. Nothing is encrypted and "
                "no password is asked for: do so on a network that you trust only."
            ).format(host=arguments.host),
            file=sys.stderr,
        )
    show(_("Open in a browser: {address}").format(address=f"http://{written(arguments.host)}:{arguments.port}/"))
    show(_("Ctrl-C ends the session."))
    sys.stdout.flush()
    application.start(arguments.host, arguments.port)
    return DONE


def check_free(host: str, number: int) -> None:
    """Refuse an address that is not of this machine, or a port that another program holds.

    Raises
    ------
    InputError
    """
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except (OSError, UnicodeError) as error:
        raise InputError(
            _("cannot listen at {host}, port {port}: {reason}").format(host=host, port=number, reason=error),
            hint=_("choose another one with « --port »"),
        ) from error


def port(text: str) -> int:
    """Read a port."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(_("a port lies between 1 and 65535"))
    return number


def written(host: str) -> str:
    """Return a host as addresses have it: with brackets where it has colons."""
    return f"[{host}]" if ":" in host else host
