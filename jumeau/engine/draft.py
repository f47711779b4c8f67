"""Drafts a territory file from what lies in a folder: what is recognised is tried, the best of each layer is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyproj

from jumeau.engine.territory import import_formats
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, local
from jumeau.sources.format import Format
from jumeau.sources.imported import Imported
from jumeau.sources.imports import import_network
from jumeau.sources.products.catalogue import preference
from jumeau.sources.products.draft import Draft, Entry
from jumeau.sources.products.limit import limit_of
from jumeau.sources.products.names import plain
from jumeau.sources.products.place import Place, place_of_commune, place_of_point
from jumeau.sources.products.recognition import Left, Recognised, recognised
from jumeau.sources.products.whereabouts import communes_of, country_of, middle_of
from jumeau.territory.calendar import known_countries
from jumeau.territory.file import TerritoryFile

#: Formats of which the reader takes all tables of a file, whether or not the catalogue knows them one by one.
WHOLE = ("raepa", "stareau", "eclext", "gmns", "gtfs")

#: More communes than anybody means to simulate at once.
MANY = 40

#: Two limits of one name are the same where their areas differ less than by this: a city that is a country.
SAME_AREA = 1.001


@dataclass(frozen=True)
class Wanted:
    """What the user says of the territory.

    Attributes
    ----------
    commune : str
        INSEE code; empty where the data tell it.
    name : str
    people : mapping of str to int
        Totals: `residents`, `jobs`.
    """

    commune: str = ""
    name: str = ""
    people: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A file that could be imported.

    Attributes
    ----------
    found : tuple of Recognised
        The tables of it.
    entry : Entry
    count : mapping of str to int
        Features of each layer that it gives, once tried; -1 where streets decide.
    limits : tuple of (str, float)
        Names of the limits that it gives, with their areas [m2].
    """

    found: tuple[Recognised, ...]
    entry: Entry
    count: Mapping[str, int] = field(default_factory=dict)
    limits: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Drafting:
    """A draft, and how it came about.

    Attributes
    ----------
    draft : Draft
    commune : str
        INSEE code, where the territory is one commune.
    found : tuple of Recognised
    left : tuple of Left
        Files of no known product.
    refused : tuple of (Candidate, str)
        What was recognised and cannot be used, and why.
    beaten : tuple of (Candidate, str, str)
        Layers of files that a better one gives: file, layer, product taken.
    unused : tuple of Recognised
        Recognised, and not used yet.
    notes : tuple of str
        What was guessed.
    """

    draft: Draft
    commune: str
    found: tuple[Recognised, ...]
    left: tuple[Left, ...]
    refused: tuple[tuple[Candidate, str], ...]
    beaten: tuple[tuple[Candidate, str, str], ...]
    unused: tuple[Recognised, ...]
    notes: tuple[str, ...]


def draft_territory(folder: Path, wanted: Wanted) -> Drafting:
    """Return a territory file made of what lies in a folder; nothing is written.

    Parameters
    ----------
    folder : Path
    wanted : Wanted

    Raises
    ------
    InputError
        When nothing in the folder can be used, or it is not known where or of which commune it is.
    """
    if not folder.is_dir():
        raise InputError(Problem(_("the folder does not exist"), file=str(folder), hint=_("check the path")))
    found, left = recognised(folder)
    notes: list[str] = []
    told = communes_of(found)
    commune = _commune(folder, told, wanted, notes)
    place = _place(folder, found, commune, notes)
    formats = {item.name: item for item in import_formats() if item.read is not None}
    candidates, unused = _candidates(folder, found, commune, formats, pyproj.CRS.from_user_input(place.crs))
    tried, refused = _tried(candidates, folder, place, formats)
    people = {name: value for name, value in wanted.people.items() if value}
    chosen, beaten = _chosen(tried, taken={"population"} if people else set())
    if not chosen:
        hint = _("add a product that gives streets: BD TOPO or OpenStreetMap")
        message = _("nothing in the folder can be made a territory of")
        later = [Problem(_("recognised, not used yet"), file=item.held.name) for item in unused]
        later += [Problem(reason, file=candidate.entry.file) for candidate, reason in refused]
        later += [Problem(item.reason, file=item.held.name) for item in left]
        raise InputError(Problem(message, file=str(folder), hint=hint), *later)
    title = wanted.name or told.get(commune, "") or _title(folder, chosen)
    entries = tuple(item.entry for item in chosen)
    # Where a territory may end at a limit, it does: the roads of a département do not end at the commune's.
    limited = any("limits" in entry.layers for entry in entries)
    within = (commune or _limit_of_name(chosen, title, notes)) if limited else ""
    # A delivery of networks is read as a whole: its tables that no catalogue names are not left out.
    read_whole = {folder / entry.file for entry in entries if entry.format in WHOLE}
    left = [item for item in left if item.held.file not in read_whole]
    draft = Draft((plain(title) or "territory")[:60], title, place, folder, entries, people, within)
    return Drafting(
        draft, commune, tuple(found), tuple(left), tuple(refused), tuple(beaten), tuple(unused), tuple(notes)
    )


def _commune(folder: Path, told: Mapping[str, str], wanted: Wanted, notes: list[str]) -> str:
    """Return the commune: stated, or the only one that the data are of."""
    if wanted.commune:
        return wanted.commune
    if len(told) == 1:
        code = next(iter(told))
        notes.append(_("commune: {code} {name}, the only one of the data").format(code=code, name=told[code]))
        return code
    if len(told) > MANY:
        message = _("the files cover {count} communes").format(count=len(told))
        hint = _("say which with « --commune », for instance « --commune {code} »").format(code=next(iter(told)))
        raise InputError(Problem(message, file=str(folder), hint=hint))
    if told:
        names = ", ".join(f"{code} {name}" for code, name in list(told.items())[:5])
        text = _("the files cover {count} communes, all taken ({names} …); « --commune » keeps one")
        notes.append(text.format(count=len(told), names=names))
    return ""


def _place(folder: Path, found: Sequence[Recognised], commune: str, notes: list[str]) -> Place:
    if commune:
        return place_of_commune(commune)
    middle = middle_of(found)
    if middle is None:
        message = _("no file tells where the territory is")
        hint = _("state « --commune », or add a file with coordinates")
        raise InputError(Problem(message, file=str(folder), hint=hint))
    french = any(item.product.national and not item.product.world for item in found)
    place = place_of_point(*middle, french=french)
    said = country_of(found)
    if said and said != place.country and said in known_countries() and not french:
        place = replace(place, country=said)
    where = f"{middle[0]:.3f}, {middle[1]:.3f}"
    text = _("place: {where} (longitude, latitude): {country}, {zone}, {crs}; correct them if they are wrong")
    notes.append(text.format(where=where, country=place.country, zone=place.timezone, crs=place.crs))
    return place


def _candidates(
    folder: Path, found: Sequence[Recognised], commune: str, formats: Mapping[str, Format], crs: pyproj.CRS
) -> tuple[list[Candidate], list[Recognised]]:
    """Return what could be imported, and what is recognised without a use."""
    groups: dict[tuple[str, Path], list[Recognised]] = {}
    unused: list[Recognised] = []
    for item in found:
        if {item.product.format, *item.product.also} & set(formats):
            groups.setdefault((item.product.name, _container(item, found)), []).append(item)
        else:
            unused.append(item)
    candidates = []
    limits = [item for item in found if commune and _holds(item, commune, crs)]
    contours = [item for item in found if item.product.name == "contours_iris"]
    for (_name, path), items in groups.items():
        if not any(item.layers for item in items):
            unused += items
            continue
        product = items[0].product
        keys = {}
        if product.format not in formats:
            unused += items
        readable = [name for name in (product.format, *product.also) if name in formats]
        options = formats[readable[0]].options.model_fields
        if commune and "commune" in options:
            keys["commune"] = commune
            if "within" in options and limits and not any(item in limits for item in items) and _needs_limit(items):
                keys["within"] = _named(_container(limits[0], found), folder)
        if "contours" in options and contours:
            keys["contours"] = _named(_container(contours[0], found), folder)
        files = tuple(dict.fromkeys(item.held.file.name for item in items if item.held.file != path))
        entry = Entry(readable[0], _named(path, folder), product, keys=keys, parts=files)
        candidates.append(Candidate(tuple(items), entry))
        candidates += [Candidate(tuple(items), replace(entry, format=name, keys={})) for name in readable[1:]]
    return candidates, unused


def _holds(item: Recognised, commune: str, crs: pyproj.CRS) -> bool:
    """Return whether a file holds the limit of a commune; one that cannot be read does not."""
    try:
        return limit_of([item], commune, crs) is not None
    except InputError:
        return False


def _needs_limit(items: Sequence[Recognised]) -> bool:
    """Return whether a table is known by its place only, not by the code of its commune."""
    return any(table.layer and table.commune not in item.names(table) for item in items for table in item.tables)


def _container(item: Recognised, found: Sequence[Recognised]) -> Path:
    """Return the file to import: the folder where several files of a product give one layer, or one together."""
    file = item.held.file
    beside = [
        other
        for other in found
        if other.product == item.product and other.held.file.parent == file.parent and other.held.file != file
    ]
    together = item.product.structure == "relief" or item.product.format in (
        "raepa",
        "stareau",
        "eclext",
        "comptage_mobilites",
    )
    if beside and item.product.structure in (None, "relief"):
        same = any(set(other.layers) & set(item.layers) for other in beside)
        if same or together:
            return file.parent
    return file


def _named(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _tried(
    candidates: Sequence[Candidate], folder: Path, place: Place, formats: Mapping[str, Format]
) -> tuple[list[Candidate], list[tuple[Candidate, str]]]:
    """Return the candidates that can be read, with what they give, and those that cannot, with why."""
    tried: list[Candidate] = []
    refused: list[tuple[Candidate, str]] = []
    whole = TerritoryFile.model_construct(name="draft")
    crs = pyproj.CRS.from_user_input(place.crs)
    for candidate in candidates:
        item = formats[candidate.entry.format]
        if item.read is None:
            continue
        options = item.options(format=item.name, file=candidate.entry.file, **candidate.entry.keys)
        try:
            made = import_network(options, item.read, folder, crs, whole)
        except InputError as error:
            refused.append((candidate, "; ".join(_short(problem) for problem in error.problems[:3])))
            continue
        tried.append(replace(candidate, count=_count(candidate, made), limits=_limits(made, crs)))
    return tried, refused


def _count(candidate: Candidate, made: Imported) -> dict[str, int]:
    given = {name: len(frame) for name, frame in made.layers.items() if len(frame)}
    if made.later is not None:
        given |= dict.fromkeys(candidate.entry.product.gives(), -1)
    return given


def _short(problem: Problem) -> str:
    return problem.message + (f" ({problem.value})" if problem.value else "")


def _chosen(tried: Sequence[Candidate], taken: set[str]) -> tuple[list[Candidate], list[tuple[Candidate, str, str]]]:
    """Return the candidates that give a layer better than all others, and which layers were left to others."""
    order = preference()
    giver: dict[str, Candidate] = {}
    for candidate in tried:
        for layer in candidate.count:
            best = giver.get(layer)
            if best is None or _rank(order, layer, candidate) < _rank(order, layer, best):
                giver[layer] = candidate
    chosen: list[Candidate] = []
    beaten: list[tuple[Candidate, str, str]] = []
    for candidate in tried:
        kept = tuple(layer for layer in candidate.count if giver[layer] is candidate and layer not in taken)
        for layer in candidate.count:
            if layer in taken:
                beaten.append((candidate, layer, _("the totals that you state")))
            elif giver[layer] is not candidate:
                other = giver[layer].entry
                beaten.append((candidate, layer, f"{local(other.product.label)}, {other.shown}"))
        if kept:
            only = kept if len(kept) < len(candidate.count) else ()
            chosen.append(replace(candidate, entry=replace(candidate.entry, layers=kept, only=only)))
    return chosen, beaten


def _rank(order: Mapping[str, tuple[str, ...]], layer: str, candidate: Candidate) -> tuple[int, int]:
    """Return the place of a product in the preference for a layer, and of its own format among those of its file."""
    products, name = order.get(layer, ()), candidate.entry.product.name
    place = products.index(name) if name in products else len(products)
    return place, int(candidate.entry.format != candidate.entry.product.format)


def _limits(made: Imported, crs: pyproj.CRS) -> tuple[tuple[str, float], ...]:
    """Return the names of limits, with their areas [m2]."""
    limits = made.layers.get("limits")
    if limits is None or "name" not in limits.columns:
        return ()
    areas = limits.geometry.to_crs(crs).area
    return tuple(zip(limits["name"].astype(str), areas.tolist(), strict=True))


def _limit_of_name(chosen: Sequence[Candidate], title: str, notes: list[str]) -> str:
    """Return the limit that bears the name of the territory, empty where there is none, or two that differ."""
    given = [limit for item in chosen if "limits" in item.entry.layers for limit in item.limits]
    same = [(name, area) for name, area in given if plain(name) == plain(title)]
    if not same or max(area for _name, area in same) > SAME_AREA * min(area for _name, area in same):
        return ""
    name = same[0][0]
    notes.append(_("border: the limit « {name} » of the data, of the same name").format(name=name))
    return name


def _title(folder: Path, chosen: Sequence[Candidate]) -> str:
    """Return a name of the only file, else of the folder."""
    files = {candidate.entry.file for candidate in chosen}
    base = Path(next(iter(files))).name.split(".")[0] if len(files) == 1 else folder.absolute().name
    return base.replace("_", " ").replace("-", " ").strip().capitalize() or "Territory"
