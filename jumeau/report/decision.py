"""The first two pages: which variant, why, how sure, at whose expense, and what no figure says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jumeau.accounts import LINES, TOTAL
from jumeau.evaluation import Evaluation
from jumeau.evaluation.project import AUTHORITY, ENVIRONMENT, OTHER_PUBLIC, THIRD_PARTIES, USERS
from jumeau.i18n import _, local
from jumeau.report import valuation
from jumeau.report.figures import NETWORK, VARIANT, Cell, Column, Row, networks_of
from jumeau.report.numbers import (
    decimals,
    percent,
    plain,
    relative,
    scaled_unit,
    share_percent,
    signed,
    with_unit,
)
from jumeau.report.standing import Standing
from jumeau.report.words import UNFAVOURABLE, tone
from jumeau.results import Record, Results
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import missing, network_label, variant_title
from jumeau.units import conversion_factor

#: Criteria of the first pages: over the horizon, all actors together.
SHOWN = INVESTMENT, WORTH, PER_EURO = "investment", "collective_value", "collective_value_per_euro"

#: Indicators that get worse, of a variant, that the first pages name.
MOST_WORSE = 3

#: Who bears what a group of indicators counts, where no money says it.
BEARERS: Mapping[str, str] = {
    "service": "users",
    "work": "staff",
    "money": "the authority's budget",
    "energy": "energy and climate",
    "carbon": "energy and climate",
    "water": "the resource",
    "compliance": "compliance with the law",
}

#: Who gains or loses, by actor of the evaluation.
ACTOR_LABELS: Mapping[str, str] = {
    AUTHORITY: "the authority",
    OTHER_PUBLIC: "other public bodies",
    USERS: "users",
    THIRD_PARTIES: "third parties",
    ENVIRONMENT: "the environment",
}


@dataclass(frozen=True)
class Choice:
    """One line of the table of variants, written.

    Attributes
    ----------
    title : str
    cells : tuple of Cell
        The four figures of the period: levels before, differences of variants.
    investment, value, span, per_euro, verdict : str
        Over the horizon; empty for the situation before.
    """

    title: str
    cells: tuple[Cell, ...]
    investment: str = ""
    value: str = ""
    span: str = ""
    per_euro: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Decision:
    """What the first two pages say.

    Attributes
    ----------
    rows : tuple of Choice
        The situation before, then the variants.
    ranking, certainty : tuple of str
        Sentences.
    worse : tuple of (str, tuple of str)
        By variant: what gets worse, and for whom.
    """

    rows: tuple[Choice, ...]
    ranking: tuple[str, ...]
    certainty: tuple[str, ...]
    worse: tuple[tuple[str, tuple[str, ...]], ...]


def decision(
    results: Results,
    records: Sequence[Record],
    columns: Sequence[Column],
    evaluation: Evaluation | None,
    found: Mapping[str, Standing],
) -> Decision:
    """Return what the first pages say, in the current language.

    Parameters
    ----------
    results : Results
    records : sequence of Record
        Of the networks that variants change.
    columns : sequence of Column
        The four figures, and their units.
    evaluation : Evaluation or None
        None where results cannot be valued.
    found : mapping of str to Standing
        The verdict on each variant.
    """
    written = {} if evaluation is None else _written(evaluation)
    return Decision(
        rows=_rows(results, columns, evaluation, written, found),
        ranking=() if evaluation is None else tuple(_ranking(evaluation, written)),
        certainty=() if evaluation is None else tuple(_certainty(evaluation, found)),
        worse=_worse(results, records, evaluation),
    )


def ranked(worth: Mapping[str, float]) -> list[str]:
    """Return variants from the best to the least, by the median of their collective value [EUR]."""
    return sorted(worth, key=lambda name: -worth[name])


def _rows(
    results: Results,
    columns: Sequence[Column],
    evaluation: Evaluation | None,
    written: Mapping[tuple[str, str], valuation.Row],
    found: Mapping[str, Standing],
) -> tuple[Choice, ...]:
    figures = results.figures()
    networks = networks_of(figures)
    whole = TOTAL if len(networks) > 1 else next(iter(networks), TOTAL)
    by_variant: dict[str, dict[str, Record]] = {}
    for record in figures:
        if record.network == whole:
            by_variant.setdefault(record.variant, {})[record.indicator] = record
    rows = []
    if by_variant:
        first = Row("", NETWORK, next(iter(by_variant.values())))
        title = variant_title(results.provenance, BASELINE)
        rows.append(Choice(title, tuple(column.cell(first) for column in columns)))
    for name in results.variants:
        if name == BASELINE:
            continue
        cells = tuple(column.cell(Row("", VARIANT, by_variant.get(name, {}))) for column in columns)
        title = variant_title(results.provenance, name)
        if evaluation is None or name not in evaluation.variants:
            rows.append(Choice(title, cells))
            continue
        investment, worth, per_euro = (written[name, criterion] for criterion in SHOWN)
        rows.append(
            Choice(title, cells, investment.value, worth.value, worth.span, per_euro.value, found[name].short())
        )
    return tuple(rows)


def _written(evaluation: Evaluation) -> dict[tuple[str, str], valuation.Row]:
    """Return the criteria of the first pages as they are written, money in one unit, by variant and criterion.

    The table and the sentences below it print the same texts.
    """
    found = [evaluation.estimate(criterion, name) for name in evaluation.variants for criterion in SHOWN]
    rows = valuation.rows(found, evaluation)
    return {(item.variant, item.criterion): row for item, row in zip(found, rows, strict=True)}


def _ranking(evaluation: Evaluation, written: Mapping[tuple[str, str], valuation.Row]) -> list[str]:
    """Return which variant comes first and why, which next, and which are not worth their money."""
    title = {name: variant_title(evaluation.provenance, name) for name in evaluation.variants}
    judged = [name for name in evaluation.variants if name not in evaluation.outside]
    if not judged:
        return [_("No variant can be ranked: what was simulated lies outside what the models mean.")]
    worth = {name: evaluation.estimate(WORTH, name) for name in judged}
    order = ranked({name: item.p50 for name, item in worth.items()})
    first = order[0]
    years = plain(evaluation.assumed.block.horizon, 0)
    found = []
    if worth[first].p50 <= 0.0:
        text = _(
            "No variant is worth more than doing nothing over {years} years, in the median; “{first}” loses least "
            "({value})."
        )
        found.append(text.format(years=years, first=title[first], value=written[first, WORTH].value))
    else:
        text = _(
            "First comes “{first}”: what all together gain over {years} years is worth {value} more than it costs, in "
            "the median."
        )
        if len(judged) > 1 and not evaluation.outside:
            text = _(
                "First comes “{first}”: what all together gain over {years} years is worth {value} more than it "
                "costs, in the median, and it is the best choice in {best} of draws."
            )
        best = share_percent(evaluation.regret()["best"].to_dict()[first])
        value = written[first, WORTH].value.removeprefix("+")
        found.append(text.format(first=title[first], years=years, value=value, best=best))
    per = {name: evaluation.estimate(PER_EURO, name) for name in judged}
    rated = [name for name in judged if per[name].defined > 0.5]
    lean = max(rated, key=lambda name: per[name].p50, default=None)
    if len(order) > 1 and worth[order[1]].p50 > 0.0:
        text = _("Next comes “{second}” ({value}).").format(
            second=title[order[1]], value=written[order[1], WORTH].value
        )
        if lean is not None and per[lean].p50 > 0.0 and lean != first:
            text += " " + _("Each euro invested brings most with “{lean}”: {ratio} beyond itself.").format(
                lean=title[lean], ratio=with_unit(written[lean, PER_EURO].value, "EUR")
            )
        found.append(text)
    losing = [title[name] for name in order if worth[name].p50 <= 0.0 and name != first]
    if losing:
        names = ", ".join(_("“{name}”").format(name=name) for name in losing)
        found.append(_("Worth less than they cost, in the median: {names}.").format(names=names))
    if evaluation.outside:
        names = ", ".join(_("“{name}”").format(name=title[name]) for name in evaluation.outside)
        found.append(_("Not ranked, for lack of a verdict: {names}.").format(names=names))
    return found


def _certainty(evaluation: Evaluation, found: Mapping[str, Standing]) -> list[str]:
    """Return, variant by variant, how sure its collective value is and what it depends on."""
    lines = []
    for name, standing in found.items():
        title = variant_title(evaluation.provenance, name)
        text = _("“{name}”: {verdict}").format(name=title, verdict=standing.words())
        worth = evaluation.estimate(WORTH, name)
        if name not in evaluation.outside:
            chances = share_percent(worth.p_positive)
            text = _("{verdict}; worth more than it costs in {chances} of draws").format(verdict=text, chances=chances)
        lines.append(text + ".")
    return lines


def _worse(
    results: Results, records: Sequence[Record], evaluation: Evaluation | None
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what each variant makes worse, and for whom: actors who lose money's worth, indicators that worsen."""
    found = []
    for name in results.variants:
        if name == BASELINE:
            continue
        lines = list(_losers(evaluation, name)) if evaluation is not None and name in evaluation.variants else []
        worse = [
            record
            for record in records
            if record.variant == name and record.key and tone(record) == UNFAVOURABLE and not missing(record)
            if record.network != TOTAL and record.indicator not in LINES and record.seen
        ]
        worse.sort(key=lambda record: -abs(relative(record) or 0.0))
        for record in worse[:MOST_WORSE]:
            share = relative(record)
            label = _("{label} [{network}]").format(
                label=local(record.label), network=network_label(results.provenance, record.network)
            )
            whom = _(BEARERS.get(record.group, "users"))
            text = _("{label}, for {whom}") if share is None else _("{label} ({share}), for {whom}")
            lines.append(text.format(label=label, share=percent(share), whom=whom))
        if lines:
            found.append((variant_title(results.provenance, name), tuple(lines)))
    return tuple(found)


def _losers(evaluation: Evaluation, variant: str) -> list[str]:
    """Return who loses money's worth over the horizon, central assumptions."""
    table = evaluation.by_actor(variant)
    years = plain(evaluation.assumed.block.horizon, 0)
    lines = []
    for actor, value in table.sum().items() if len(table) else ():
        if value < 0.0:
            unit = scaled_unit("EUR", abs(value))
            scaled = value * conversion_factor("EUR", unit)
            text = _("{who}: {value} over {years} years")
            written = with_unit(signed(scaled, decimals(scaled, 2)), unit)
            lines.append(text.format(who=_(ACTOR_LABELS[str(actor)]), value=written, years=years))
    return lines
