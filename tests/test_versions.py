"""What the two commands of the README install is what pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
SYSTEMS = ("linux", "darwin", "win32")
PYTHONS = ("3.11", "3.12", "3.13")


def locked(python: str, system: str) -> dict[str, str]:
    """Version of each package that requirements.lock gives on a Python and a system, by name."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    versions = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if not line[:1].strip() or line.startswith("#"):
            continue
        requirement = Requirement(line.rstrip("\\ "))
        if requirement.marker is None or requirement.marker.evaluate(environment):
            name = canonicalize_name(requirement.name)
            assert name not in versions, name
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            versions[name] = pin.version
    return versions


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_lock_holds_what_the_project_asks_for(python: str, system: str) -> None:
    asked = [*PROJECT["dependencies"], *EXTRAS["viz"], *EXTRAS["excel"], *EXTRAS["dev"]]
    versions = locked(python, system)
    for requirement in map(Requirement, asked):
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{requirement}: run make lock"
        assert requirement.specifier.contains(versions[name]), (
            f"{requirement}: {versions[name]} is locked, run make lock"
        )


def test_every_locked_file_has_its_checksum() -> None:
    for block in re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8").strip()):
        assert block.startswith("#") or "--hash=sha256:" in block, block


def test_a_library_that_users_install_is_bounded_below_and_above() -> None:
    for text in PROJECT["dependencies"]:
        requirement = Requirement(text)
        operators = {bound.operator for bound in requirement.specifier}
        assert ">=" in operators, text
        # xarray numbers its releases by date: no number announces a break.
        assert "<" in operators or requirement.name == "xarray", text


def test_promised_pythons_are_those_that_are_tested() -> None:
    prefix = "Programming Language :: Python :: 3."
    promised = {line.removeprefix(prefix) for line in PROJECT["classifiers"] if line.startswith(prefix)}
    tested = re.search(r"^PYTHONS := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert tested is not None
    assert {f"3.{minor}" for minor in promised} == set(tested.group(1).split()) == set(PYTHONS)
