"""Downloads from a server of this machine: whole, resumed, moved, refused; never from the internet."""

import errno
import hashlib
import http.server
import json
import threading
from pathlib import Path

import pytest

from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.sources.products import fetch as fetching
from jumeau.sources.products.contents import MANIFEST
from jumeau.sources.products.fetch import fetch
from jumeau.sources.products.resolver import SHIPPED, wanted_files

CONTENT = bytes(range(256)) * 4000
SUM = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves one content: with ranges, cut short, moved, or not at all."""

    asked: list

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        if self.path.startswith("/missing"):
            self.send_error(404)
            return
        if self.path.startswith(("/moved", "/escape")):
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname" if self.path.startswith("/escape") else "/whole.bin")
            self.end_headers()
            return
        content, start = self.server.content, 0
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") == self.server.tag and not self.path.startswith("/norange"):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("ETag", self.server.tag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut = self.server.cut and len(content) // 3
        self.server.cut = False
        self.wfile.write(content[start : start + cut] if cut else content[start:])

    def log_message(self, *_words):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.asked, made.content, made.tag, made.cut = [], CONTENT, '"one"', False
    made.url = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def refused(url, target, words, **options):
    with language("en"), pytest.raises(InputError, match=words):
        fetch(url, target, **options)
    assert not target.exists()


def test_a_file_is_whole_or_absent(server, tmp_path):
    told = []
    found = fetch(f"{server.url}/moved", tmp_path / "a.bin", SUM, lambda done, whole: told.append((done, whole)))
    assert (found.path.read_bytes(), found.sha256, found.size) == (CONTENT, SUM, len(CONTENT))
    assert found.url == f"{server.url}/whole.bin"
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [item.name for item in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("path", ["/whole.bin", "/norange.bin"])
def test_what_was_cut_is_continued(server, tmp_path, path):
    server.cut = True
    refused(server.url + path, tmp_path / "a.bin", "the download did not end")
    part = tmp_path / "a.bin.part"
    start = part.stat().st_size
    assert 0 < start < len(CONTENT)
    assert fetch(server.url + path, tmp_path / "a.bin").sha256 == SUM
    assert server.asked[1] == (path, f"bytes={start}-")
    assert [item.name for item in tmp_path.iterdir()] == ["a.bin"]


def test_a_file_that_changed_meanwhile_is_begun_anew(server, tmp_path):
    server.cut = True
    refused(f"{server.url}/a", tmp_path / "a.bin", "did not end")
    server.content, server.tag = CONTENT[::-1], '"two"'
    assert fetch(f"{server.url}/a", tmp_path / "a.bin").path.read_bytes() == CONTENT[::-1]


def test_what_cannot_be_had_is_told(server, tmp_path, monkeypatch):
    target = tmp_path / "a.bin"
    refused(f"{server.url}/missing", target, "no such file.*404")
    refused(f"{server.url}/escape", target, "another kind of address")
    refused(f"{server.url}/a", target, "another checksum", sha256="0" * 64)
    assert not list(tmp_path.iterdir())
    refused("http://127.0.0.1:1/a", target, "the download did not end")

    def full(*_words):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching, "_write", full)
    refused(f"{server.url}/a", target, "the disk is full")


def resolver(folder, server, *lines):
    path = folder / "addresses.yaml"
    path.write_text("\n".join(("addresses:", *lines)).format(url=server.url), encoding="utf-8")
    return path


def test_the_command_records_what_it_fetched(server, tmp_path, capsys):
    path = resolver(
        tmp_path, server, "  ban: {url}/adresses-{{departement}}.csv.gz",
        f"  mine: {{{{url: '{{url}}/x/{{{{commune}}}}', file: '{{{{departement3}}}}.bin', sha256: {SUM}}}}}",
    )  # fmt: skip
    words = ["territory", "fetch", "--commune", "2A004", "--to", str(tmp_path / "to"), "--lang", "en"]
    words += ["--products", "ban,mine", "--resolver", str(path)]
    assert main(words) == 0
    assert {item.name for item in (tmp_path / "to").iterdir()} == {"adresses-2A.csv.gz", "02A.bin", MANIFEST}
    assert {path for path, _range in server.asked} == {"/adresses-2A.csv.gz", "/x/2A004"}
    row = json.loads((tmp_path / "to" / MANIFEST).read_text(encoding="utf-8"))["files"]["adresses-2A.csv.gz"]
    assert (row["product"], row["sha256"], row["licence"]) == ("ban", SUM, "Licence Ouverte 2.0")
    assert row["downloaded"].startswith("20")
    assert main(words) == 0
    assert "there already" in capsys.readouterr().out
    assert len(server.asked) == 2


def test_one_product_that_moved_keeps_none_away(server, tmp_path, capsys):
    path = resolver(tmp_path, server, "  ban: {url}/missing", "  cadastre: {url}/b.json.gz")
    words = ["territory", "fetch", "--commune", "12174", "--to", str(tmp_path / "to"), "--lang", "en"]
    assert main([*words, "--products", "ban,cadastre", "--resolver", str(path)]) == 2
    assert (tmp_path / "to" / "b.json.gz").is_file()
    assert "404" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  ban: ftp://example.org/a", "http://"),
        ("  ban: file:///etc/passwd", "http://"),
        ("  ban: 'http://example.org/{{code}}/a'", "unknown word « code »"),
        ("  ban: {{url: 'http://example.org/a', file: ../a}}", "no name of a file"),
        ("  ban: {{url: 'http://example.org/a', sha256: abc}}", "sha256"),
    ],
)
def test_addresses_that_cannot_be_used(server, tmp_path, line, words, capsys):
    path = resolver(tmp_path, server, line)
    command = ["territory", "fetch", "--commune", "12174", "--to", str(tmp_path / "to"), "--lang", "en"]
    assert main([*command, "--products", "ban", "--resolver", str(path)]) == 2
    assert words in capsys.readouterr().err.replace("\u00a0", " ")
    assert not (tmp_path / "to").exists()


def test_the_addresses_shipped_can_be_used():
    for commune in ("12174", "2A004", "97411"):
        files = wanted_files(commune, ())
        assert all(item.url.startswith("https://") and "{" not in item.url for item in files)
    with language("en"), pytest.raises(InputError, match="no stable address"):
        wanted_files("12174", ["bdtopo"])
    assert Path(SHIPPED).is_file()
