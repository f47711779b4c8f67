"""Writes the pages of `docs/reference/` from the tables and the models that the program itself reads.

Run `python docs/generate.py`; a test fails while a page is not what this gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jumeau.accounts import LINES, VOCABULARY
from jumeau.accounts.quantity import ACTORS, CARRIERS
from jumeau.engine.scenario_model import ScenarioBase
from jumeau.engine.tour import TourFigure, TourStop
from jumeau.i18n import language
from jumeau.network import Network, discover
from jumeau.simulation.events import crew_events
from jumeau.radio.tables import FACTORS as RADIO
from jumeau.simulation.shared import SHARED, shared_factors
from jumeau.attribute_docs import field_docs
from jumeau.attributes import AttributeTable
from jumeau.factors import FactorTable
from jumeau.territory.model import SHARED as SHARED_LAYERS

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/generate.py from the program's own tables: edit these, not this page. -->\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; pipes in cells are escaped."""

    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(heads), line("---" for _head in heads), *(line(row) for row in rows)]) + "\n"


def page(title: str, lead: str, parts: Iterable[tuple[str, str]]) -> str:
    """Return a page: title, what it holds, and its parts under their headings."""
    body = "\n".join(f"## {heading}\n\n{text}" for heading, text in parts)
    return f"{NOTE}\n# {title}\n\n{lead}\n\n{body}"


def _limits(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}".strip()


def _columns(attributes: AttributeTable) -> Iterator[Sequence[object]]:
    for row in attributes:
        allowed = ", ".join(row.choices) or _limits(row.minimum, row.maximum) or row.references
        yield (
            row.layer, f"`{row.attribute}`", row.type, row.unit, "yes" if row.required else "",
            row.default, allowed, row.description, row.source,
        )  # fmt: skip


def columns(networks: Mapping[str, Network]) -> str:
    """Return the page of the columns that territories hold."""
    heads = ("layer", "column", "type", "unit", "required", "default", "values", "what it is", "source")
    parts = [("Shared layers", table(heads, _columns(SHARED_LAYERS)))]
    parts += [(network.label, table(heads, _columns(network.attributes))) for network in networks.values()]
    return page("Columns of territories", "What the layers of a territory may hold, by network.", parts)


def outputs(networks: Mapping[str, Network]) -> str:
    """Return the page of what runs give of each asset."""
    heads = ("layer", "column", "unit", "over the period", "adds up to", "what it is")
    parts = [
        (
            network.label,
            table(
                heads,
                [
                    (row.layer, f"`{row.attribute}`", row.unit, row.cell_methods, row.sums_to, row.description)
                    for row in network.attributes.outputs()
                ],
            ),
        )
        for network in networks.values()
    ]
    lead = "The columns that a run adds to the layers of `assets.gpkg`: means over replications."
    return page("Figures of assets", lead, parts)


def _factors(factors: FactorTable) -> Iterator[Sequence[object]]:
    for item in factors.values():
        yield (
            f"`{item.name}`", f"{item.value:g}", f"{item.low:g} to {item.high:g}", str(item.domain), item.unit, item.year,
            item.confidence, item.use, item.description, item.source, item.licence,
        )  # fmt: skip


def factors(networks: Mapping[str, Network]) -> str:
    """Return the page of the assumptions that are numbers."""
    heads = (
        "name", "value", "range", "can be", "unit", "year", "confidence", "used by", "what it is", "source", "licence",
    )  # fmt: skip
    parts = [(f"Shared (`{SHARED}`)", table(heads, _factors(shared_factors())))]
    parts += [(f"{item.label} (`{name}`)", table(heads, _factors(item.factors))) for name, item in networks.items()]
    parts.append(("Radio (`radio: {assumptions: …}`, see radio.md)", table(heads, _factors(RADIO))))
    lead = (
        "Every number that is not yours. A scenario replaces one under `assumptions`, by network, and draws it under "
        "`uncertainties`. « run »: simulations read it; « account »: it only values what they found. A value that cannot be "
        "is refused; one more than ten times beyond the range is, unless the scenario stands by it (see scenario.md)."
    )
    return page("Factors", lead, parts)


def _fields(model: type[Any]) -> Iterator[Sequence[object]]:
    docs = field_docs(model)
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else _default(field.get_default(call_default_factory=True))
        yield f"`{field.alias or name}`", default, docs[name].replace("\n", " ")


def _default(value: Any) -> str:
    if value is None or value == () or value == {} or value == []:
        return ""
    dump = getattr(value, "model_dump_json", None)
    return str(dump(by_alias=True) if dump else value)


def measures(networks: Mapping[str, Network]) -> str:
    """Return the page of measures and their parameters."""
    heads = ("key", "default", "what it says")
    parts = []
    for name, network in networks.items():
        for item in network.measures.values():
            doc = " ".join((item.parameters.__doc__ or "").split())
            text = f"{item.label}, on the layer `{item.layer}`. {doc}\n\n"
            parts.append((f"`{name}.{item.name}`", text + table(heads, _fields(item.parameters))))
    return page("Measures", "What variants can do. Each takes `where` too (see scenario.md).", parts)


def indicators(networks: Mapping[str, Network]) -> str:
    """Return the page of the account, of quantities and of indicators."""
    lines = [(f"`{item.name}`", item.unit, item.part_of, "yes" if item.figure else "", item.label)
             for item in LINES.values()]  # fmt: skip
    quantities = [
        (f"`{item.name}`", item.unit, item.carrier, item.actor, item.price, item.emission, item.description)
        for item in VOCABULARY.values()
    ]
    actors = [(f"`{item.name}`", item.label, item.description) for item in ACTORS.values()]
    carriers = [(f"`{item.name}`", item.unit, item.content, "yes" if item.fuel else "") for item in CARRIERS.values()]
    heads = ("name", "unit", "carrier", "actor", "price", "emission", "what it is")
    parts = [
        ("Lines of the account", table(("name", "unit", "part of", "figure", "what it is"), lines)),
        ("Shared quantities", table(heads, quantities)),
        ("Actors", table(("name", "who", "what it means"), actors)),
        ("Carriers of energy", table(("name", "unit", "energy content", "counts as fuel"), carriers)),
    ]
    for network in networks.values():
        own = [(f"`{item.name}`", item.unit, item.carrier, item.actor, item.price, item.emission, item.description)
               for item in network.quantities.values()]  # fmt: skip
        said = [(f"`{item.name}`", item.unit, item.cell_methods, item.better, "yes" if item.key else "", item.label)
                for item in network.indicators]  # fmt: skip
        parts.append((f"{network.label}: quantities", table(heads, own)))
        indicator_heads = ("name", "unit", "over the period", "better", "key", "what it is")
        parts.append((f"{network.label}: indicators", table(indicator_heads, said)))
    lead = (
        "What results say, by network: the lines of the account, the quantities that they value, and indicators. "
        "Lines, and quantities that several networks give, are also said in `total`."
    )
    return page("Account, quantities and indicators", lead, parts)


def events(networks: Mapping[str, Network]) -> str:
    """Return the page of what the journal holds."""
    heads = ("kind", "column", "type", "unit", "layer", "what it is")

    def rows(kinds: Mapping[str, Any]) -> Iterator[Sequence[object]]:
        for kind, columns in kinds.items():
            for item in columns:
                yield f"`{kind}`", f"`{item.column}`", item.type, item.unit, item.layer, item.description

    parts = [("Crews, in the journal of the network that they work for", table(heads, rows(crew_events())))]
    for network in networks.values():
        own = {kind: item for kind, item in network.events.items() if kind not in crew_events()}
        parts.append((network.label, table(heads, rows(own))))
    lead = (
        "The kinds of events of `journal.csv` (the first replication of each situation), beside `scenario`, `network`, "
        "`kind`, `time` [s from the period's start] and `date` (local time)."
    )
    return page("Events", lead, parts)


def studies(networks: Mapping[str, Network]) -> str:
    """Return the page of studies: their parameters and tables."""
    parts = []
    for name, network in networks.items():
        for item in network.studies.values():
            doc = " ".join((item.parameters.__doc__ or "").split())
            text = f"{item.label}. {doc}\n\n" + table(("key", "default", "what it says"), _fields(item.parameters))
            rows = [
                (f"`{column.table}`", f"`{column.column}`", column.unit, column.description)
                for columns in network.study_tables.get(item.name, {}).values()
                for column in columns
            ]
            parts.append(
                (f"`{name}.{item.name}`", text + "\n" + table(("table", "column", "unit", "what it is"), rows))
            )
    lead = (
        "What `jumeau study NETWORK.STUDY TERRITORY -o FOLDER` works out. Each table is a CSV file, with its features in "
        "`study.gpkg`; `study.json` holds the summary, the parameters and what columns mean."
    )
    return page("Studies", lead, parts)


def scenario(networks: Mapping[str, Network]) -> str:
    """Return the page of the keys of scenario files."""
    heads = ("key", "default", "what it says")
    parts = [
        ("Scenario", table(heads, _fields(ScenarioBase))),
        ("`tour`, each stop", table(heads, _fields(TourStop))),
        ("`tour`, `figure` of a stop", table(heads, _fields(TourFigure))),
    ]
    parts += [
        (f"`assumptions.{name}`, structured ones", table(heads, _fields(network.assumptions)))
        for name, network in networks.items()
    ]
    return page("Keys of scenario files", "See scenario.md for how they go together.", parts)


PAGES = {
    "columns.md": columns,
    "outputs.md": outputs,
    "factors.md": factors,
    "measures.md": measures,
    "indicators.md": indicators,
    "events.md": events,
    "scenario_keys.md": scenario,
    "studies.md": studies,
}


def pages() -> dict[str, str]:
    """Return the text of each page, by file name."""
    house = {
        name: network
        for name, network in discover().items()
        if type(network.behaviour).__module__.startswith("jumeau.networks.")
    }
    with language("en"):
        return {name: write(house) for name, write in PAGES.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
