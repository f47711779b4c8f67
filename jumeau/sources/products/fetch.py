"""Downloads files: in parts that are resumed, checked, and moved in place when whole; only over HTTP and HTTPS."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from jumeau.errors import InputError, Problem
from jumeau.files import refusal
from jumeau.i18n import _
from jumeau.sources.products.resolver import SCHEMES

#: Told the bytes that are there and those of the whole file, 0 where they are not known.
Progress = Callable[[int, int], None]

_BLOCK = 1 << 18
_PATIENCE = 60.0
_PARTIAL, _NOT_SATISFIABLE = 206, 416


@dataclass(frozen=True)
class Fetched:
    """A file that was downloaded.

    Attributes
    ----------
    path : Path
    url : str
        Where it came from in the end.
    sha256 : str
    size : int
        [byte]
    modified : str
        What the server says of its last change.
    """

    path: Path
    url: str
    sha256: str
    size: int
    modified: str


class _Redirects(HTTPRedirectHandler):
    """Follows redirections within HTTP and HTTPS."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme not in SCHEMES:
            message = _("the address leads to another kind of address")
            raise InputError(Problem(message, file=req.full_url, value=newurl))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, target: Path, sha256: str = "", progress: Progress | None = None) -> Fetched:
    """Download a file; what an earlier attempt left (`.part`) is continued if the server still has the same file.

    Parameters
    ----------
    url : str
        `http` or `https`.
    target : Path
    sha256 : str
        Checksum that it must have; any by default.
    progress : callable, optional

    Raises
    ------
    InputError
        When the server refuses, cannot be reached or breaks off, the checksum is another, or the disk refuses. What was
        downloaded stays beside as `.part`, unless it is wrong.
    """
    part = target.with_name(f"{target.name}.part")
    notes = target.with_name(f"{target.name}.part.json")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        response, start = _opened(url, part, notes)
        with response:
            final, modified = str(response.geturl()), str(response.headers.get("Last-Modified") or "")
            _write(response, part, notes, start, progress)
        found = _checksum(part)
        if sha256 and found != sha256.lower():
            for item in (part, notes):
                item.unlink(missing_ok=True)
            message = _("the file has another checksum than is stated: it is not kept")
            hint = _("try again; if it stays so, the producer changed the file: correct the resolver")
            raise InputError(Problem(message, file=url, value=f"{found} ≠ {sha256}", hint=hint))
        size = part.stat().st_size
        part.replace(target)
        notes.unlink(missing_ok=True)
    except HTTPError as error:
        raise InputError(_refused(url, error)) from error
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise InputError(_unreached(url, error)) from error
    except OSError as error:
        raise InputError(refusal(error, target)) from error
    return Fetched(target, final, found, size, modified)


def _opened(url: str, part: Path, notes: Path) -> tuple[HTTPResponse, int]:
    """Return the answer of the server, and the byte from which it sends."""
    have = part.stat().st_size if part.is_file() else 0
    same = _validator(notes) if have else ""
    if have and same:
        try:
            response = _open(url, {"Range": f"bytes={have}-", "If-Range": same})
        except HTTPError as error:
            if error.code != _NOT_SATISFIABLE:
                raise
        else:
            told = str(response.headers.get("Content-Range") or "")
            if response.status == _PARTIAL and told.startswith(f"bytes {have}-"):
                return response, have
            if response.status != _PARTIAL:
                return response, 0
            response.close()
    return _open(url, {}), 0


def _open(url: str, headers: Mapping[str, str]) -> HTTPResponse:
    # No handler of files or FTP: nothing else than HTTP can be opened, wherever an address leads.
    opener = OpenerDirector()
    for handler in (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPDefaultErrorHandler, HTTPErrorProcessor, _Redirects):
        opener.add_handler(handler())
    request = Request(url, headers={"User-Agent": "jumeau", "Accept-Encoding": "identity", **headers})  # noqa: S310 - see above
    response: Any = opener.open(request, timeout=_PATIENCE)
    return response  # type: ignore[no-any-return]


def _write(response: HTTPResponse, part: Path, notes: Path, start: int, progress: Progress | None) -> None:
    length = response.headers.get("Content-Length")
    whole = start + int(length) if length and length.isdigit() else 0
    mark = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
    # A weak mark says that a file is alike, not that its bytes are the same.
    notes.write_text(json.dumps({"same": "" if mark.startswith("W/") else mark}), encoding="utf-8")
    done = start
    with part.open("ab" if start else "wb") as stream:
        while block := response.read(_BLOCK):
            stream.write(block)
            done += len(block)
            if progress is not None:
                progress(done, whole)
    if whole and done < whole:
        raise ConnectionError(_("{done} of {whole} bytes came").format(done=done, whole=whole))


def _validator(notes: Path) -> str:
    with suppress(OSError, ValueError, AttributeError):
        return str(json.loads(notes.read_text(encoding="utf-8")).get("same") or "")
    return ""


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refused(url: str, error: HTTPError) -> Problem:
    moved = _("the producer moved it: look for the new address and state it in a resolver (« --resolver »)")
    if 300 <= error.code < 400:
        return Problem(
            _("the address leads to another kind of address"), file=url, value=f"HTTP {error.code}", hint=moved
        )
    gone = error.code in (404, 410)
    message = _("the server has no such file") if gone else _("the server refuses")
    hint = moved if gone else _("try again later; if it stays so, state another address in a resolver (« --resolver »)")
    return Problem(message, file=url, value=f"HTTP {error.code}", hint=hint)


def _unreached(url: str, error: Exception) -> Problem:
    reason = getattr(error, "reason", error)
    hint = _("check the network, then run the same command again: what came is kept and continued")
    return Problem(_("the download did not end"), file=url, value=str(reason) or type(error).__name__, hint=hint)
