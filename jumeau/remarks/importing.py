"""Brings files of remarks into a run's folder: checked, without personal data, each counted once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyproj

from jumeau.engine.lock import only_campaign
from jumeau.engine.places import inside
from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _, current_language
from jumeau.remarks.contacts import masked
from jumeau.remarks.exchange import Given, few, read_export
from jumeau.remarks.model import Collection, Remark
from jumeau.remarks.paper import read_paper
from jumeau.remarks.storage import FILE, read_remarks, write_remarks
from jumeau.remarks.subject import Subject, subject_of


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    written : tuple of Path
    remarks, votes : int
        How many are new.
    known : int
        How many were there already.
    total : Collection
        All that the folder now keeps.
    contacts : tuple of str
        Identifiers of remarks whose text looks like it holds an address or a telephone number.
    kept : bool
        Whether these stay as they are.
    dropped : tuple of str
        Keys that were not kept.
    unplaced : tuple of str
        Places in words that the territory does not know.
    """

    written: tuple[Path, ...]
    remarks: int
    votes: int
    known: int
    total: Collection
    contacts: tuple[str, ...]
    kept: bool
    dropped: tuple[str, ...]
    unplaced: tuple[str, ...]


def import_remarks(
    files: Sequence[Path], folder: Path, *, any_run: bool = False, keep_contacts: bool = False
) -> Imported:
    """Bring files of remarks into a run's folder; what is there stays.

    Parameters
    ----------
    files : sequence of Path
        Exports of the page (JSON), tables of paper forms (CSV).
    folder : Path
        Of the run.
    any_run : bool
        Whether files about another run, of other figures, are taken too.
    keep_contacts : bool
        Whether e-mail addresses and telephone numbers stay in the texts.

    Returns
    -------
    Imported

    Raises
    ------
    InputError
        When a file cannot be used: nothing is then written.
    """
    subject = subject_of(folder)
    given = [_read(Path(file), subject) for file in files]
    problems = [
        problem
        for file, item in zip(files, given, strict=True)
        for problem in _faults(item, Path(file), subject, any_run)
    ]
    if problems:
        raise InputError(*problems)
    with only_campaign(folder):
        return _merge(given, subject, any_run=any_run, keep_contacts=keep_contacts)


def _merge(given: Sequence[Given], subject: Subject, *, any_run: bool, keep_contacts: bool) -> Imported:
    there = read_remarks(subject.folder)
    if there is not None and there.run != subject.run and not any_run:
        raise InputError(_of_another_run(subject.folder / FILE, there.run, subject))
    language = there.language if there is not None else given[0].collection.language if given else current_language()
    start = Collection.model_validate({"run": subject.run, "language": language})
    total = start if there is None else there.model_copy(update={"run": subject.run})
    before = total
    contacts: list[str] = []
    offered = 0
    for item in given:
        collection = item.collection
        offered += len(collection.remarks) + len(collection.votes)
        suspects = {remark.id for remark in collection.remarks if masked(remark.text) != remark.text}
        contacts += [name for name in suspects if name not in {remark.id for remark in total.remarks}]
        if not keep_contacts:
            quiet = tuple(_masked(remark) if remark.id in suspects else remark for remark in collection.remarks)
            collection = collection.model_copy(update={"remarks": quiet})
        total = total.with_more(collection)
    remarks, votes = len(total.remarks) - len(before.remarks), len(total.votes) - len(before.votes)
    return Imported(
        tuple(write_remarks(total, subject.folder, subject.crs)),
        remarks,
        votes,
        offered - remarks - votes,
        total,
        tuple(dict.fromkeys(sorted(contacts))),
        keep_contacts,
        tuple(dict.fromkeys(key for item in given for key in item.dropped)),
        tuple(dict.fromkeys(place for item in given for place in item.unplaced)),
    )


def _read(file: Path, subject: Subject) -> Given:
    if file.suffix.lower() == ".csv":
        return read_paper(file, subject, current_language())
    return read_export(file)


def _masked(remark: Remark) -> Remark:
    return remark.model_copy(update={"text": masked(remark.text)})


def _faults(given: Given, file: Path, subject: Subject, any_run: bool) -> list[Problem]:  # noqa: FBT001
    """Return what a file says that the run does not know."""
    collection = given.collection
    if collection.run != subject.run and not any_run:
        return [_of_another_run(file, collection.run, subject)]
    found = [
        Problem(f"{path}: {message}", file=str(file), value=value, hint=hint)
        for path, message, value, hint in _misfits(collection, subject)
    ]
    return few(found, file)


def _of_another_run(file: Path, run: str, subject: Subject) -> Problem:
    return Problem(
        _("these remarks are about another run (here {run})").format(run=subject.run),
        file=str(file),
        value=run,
        hint=_("import them into the folder of that run; « --any-run » takes them although the figures were others"),
    )


def _misfits(collection: Collection, subject: Subject) -> Iterator[tuple[str, str, str, str]]:
    """Yield path, message, value and advice of what the run does not know."""
    known: dict[str, bool] = {}
    for rank, remark in enumerate(collection.remarks):
        path = f"remarks[{rank}]"
        if remark.variant is not None and remark.variant not in subject.variants:
            yield f"{path}.variant", _("unknown variant"), remark.variant, _near(remark.variant, subject.variants)
        if remark.network is not None and remark.network not in subject.networks:
            yield f"{path}.network", _("unknown network"), remark.network, _near(remark.network, subject.networks)
        if (remark.x is None) != (remark.y is None):
            yield f"{path}.x", _("x and y go together"), "", ""
        if remark.x is None or remark.y is None:
            continue
        if remark.crs is not None and not known.setdefault(remark.crs, _same(remark.crs, subject.crs)):
            expected = subject.crs.to_string() if subject.crs is not None else ""
            hint = _("coordinates are in {crs}").format(crs=expected)
            yield f"{path}.crs", _("these coordinates are in another system"), remark.crs, hint
        elif not inside(subject.box, remark.x, remark.y):
            value = f"{remark.x:g}, {remark.y:g}"
            yield f"{path}.x", _("these coordinates lie outside the territory"), value, ""
    for rank, vote in enumerate(collection.votes):
        if vote.variant not in subject.variants:
            near = _near(vote.variant, subject.variants)
            yield f"votes[{rank}].variant", _("unknown variant"), vote.variant, near


def _near(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known)
    if near:
        return _("did you mean « {near} »?").format(near=near)
    return _("one of: {names}").format(names=", ".join(known))


def _same(written: str, crs: pyproj.CRS | None) -> bool:
    if crs is None or written == crs.to_string():
        return True
    try:
        return bool(pyproj.CRS.from_user_input(written) == crs)
    except pyproj.exceptions.CRSError:
        return False
