"""All that a run found, for a terminal: the four figures first, then every indicator before and after."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jumeau.accounts import TOTAL
from jumeau.i18n import _, local
from jumeau.report.numbers import NOTHING, figures, labelled, plain
from jumeau.report.outcome import chosen_lines
from jumeau.report.ranges import draws_text
from jumeau.report.words import beware, distinct, period_text, several_networks, touched, unchanged, verdict_text
from jumeau.results import Record
from jumeau.results.summary import Findings
from jumeau.results.titles import network_label, variant_title

GAP = "  "

#: Narrower than this, a label is not readable in a column: indicators are then stacked.
LABEL_WIDTH = 18
VERDICT_WIDTH = 18


@dataclass(frozen=True)
class _Row:
    label: str
    cells: tuple[str, ...]
    verdict: str
    under: str


def comparison_table(
    findings: Findings, width: int = 80, variants: Sequence[str] = (), networks: Sequence[str] = ()
) -> str:
    """Return the four figures, then every indicator before and after, one block per variant.

    Parameters
    ----------
    findings : Findings
    width : int
        Columns of the terminal; what does not fit side by side is stacked.
    variants, networks : sequence of str, optional
        Those to tell of; all by default.

    Returns
    -------
    str
        Several lines in the current language, without a final newline.
    """
    provenance = findings.provenance
    compared = distinct(findings.records)
    known = dict.fromkeys(record.network for record in compared)
    asked = [name for name in known if not networks or name in networks]
    names = sorted(asked, key=lambda name: name != TOTAL)
    told = list(variants or dict.fromkeys(record.variant for record in compared))
    blocks = [chosen_lines(findings, told, names, width) if findings.figures() else []]
    for variant in told:
        shown, still = touched([record for record in compared if record.variant == variant])
        chosen = [record for record in shown if record.network in names]
        heading = _("{before} → {after}").format(
            before=variant_title(provenance, "baseline"), after=variant_title(provenance, variant)
        )
        rest = unchanged(provenance, [name for name in still.get(variant, ()) if name in names])
        blocks.append([*textwrap.wrap(heading, width), *_block(chosen, provenance, width), *textwrap.wrap(rest, width)])
    blocks.append(_footer(findings, compared, width))
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _block(records: Sequence[Record], provenance: Mapping[str, Any], width: int) -> list[str]:
    if not records:
        return []
    rows = [_row(record, provenance, named=several_networks(records)) for record in records]
    heads = (_("Before"), _("After"), _("Difference"), _("95% interval"), _("Relative"))
    widths = [max(len(head), *(len(row.cells[place]) for row in rows)) for place, head in enumerate(heads)]
    verdict = min(VERDICT_WIDTH, max(len(_("Verdict")), *(len(row.verdict) for row in rows)))
    room = width - sum(widths) - verdict - len(GAP) * (len(widths) + 1)
    if room < LABEL_WIDTH:
        return [line for row in rows for line in _stacked(row, width)]
    room = min(room, max(len(_("Indicator")), *(max(len(row.label), len(row.under)) for row in rows)))
    sizes = [room, *widths, verdict]
    rule = "─" * (sum(sizes) + len(GAP) * (len(sizes) - 1))
    lines = [_line([_("Indicator"), *heads, _("Verdict")], sizes), rule]
    for row in rows:
        lines += _aligned(row, sizes)
    return lines


def _row(record: Record, provenance: Mapping[str, Any], *, named: bool) -> _Row:
    written = figures(record)
    label = local(record.label)
    if named:
        label = f"{network_label(provenance, record.network)} · {label}"
    under = ""
    if written.range80 != NOTHING:
        under = _("over assumptions: {interval}").format(interval=written.range80)
    cells = (written.baseline, written.variant, written.difference, written.interval, written.relative)
    return _Row(labelled(label, record.unit), cells, verdict_text(record), under)


def _aligned(row: _Row, sizes: Sequence[int]) -> list[str]:
    labels = textwrap.wrap(row.label, sizes[0], break_on_hyphens=False) or [""]
    verdicts = textwrap.wrap(row.verdict, sizes[-1], subsequent_indent=GAP) or [""]
    lines = []
    for place in range(max(len(labels), len(verdicts))):
        label = labels[place] if place < len(labels) else ""
        verdict = verdicts[place] if place < len(verdicts) else ""
        lines.append(_line([label, *(row.cells if place == 0 else [""] * len(row.cells)), verdict], sizes))
    if row.under:
        # It ends where the interval's column ends, so that the two intervals stand one above the other.
        end = sum(sizes[:5]) + len(GAP) * 4
        lines.append(row.under.rjust(end))
    return lines


def _line(cells: Sequence[str], sizes: Sequence[int]) -> str:
    first, *middle, last = cells
    parts = [first.ljust(sizes[0]), *(cell.rjust(size) for cell, size in zip(middle, sizes[1:-1], strict=True)), last]
    return GAP.join(parts).rstrip()


def _stacked(row: _Row, width: int) -> list[str]:
    before, after, difference, interval, relative = row.cells
    text = _("{before} → {after}; difference {difference}; 95% interval {interval}; relative {relative}").format(
        before=before, after=after, difference=difference, interval=interval, relative=relative
    )
    parts = [text, row.verdict] + ([row.under] if row.under else [])
    lines = textwrap.wrap(row.label, width)
    for part in parts:
        lines += textwrap.wrap(part, max(width, 20), initial_indent=GAP, subsequent_indent=GAP * 2)
    return lines


def _footer(findings: Findings, records: Sequence[Record], width: int) -> list[str]:
    lines = [replications_text(findings), period_text(findings.provenance), _("Simulation, not measurement.")]
    if findings.provenance.get("territory", {}).get("synthetic"):
        lines.append(_("SYNTHETIC territory: it does not exist."))
    if any(record.range80 is not None for record in records) and draws_text(findings):
        lines.append(draws_text(findings))
    if findings.failed:
        lines.append(failures_text(findings))
    lines += beware(findings.provenance, findings.variants)
    return [piece for line in lines for piece in textwrap.wrap(line, width)]


def replications_text(findings: Findings) -> str:
    """Return how many paired replications the intervals rest on."""
    count = findings.replications
    if count < 2:
        return _("One replication only: no interval, nothing is established.")
    return _("{count} paired replications; 95% intervals of the mean difference.").format(count=plain(count, 0))


def failures_text(findings: Findings) -> str:
    """Return how many runs are missing."""
    return _("Runs that failed and were set aside: {count}.").format(count=plain(findings.failed, 0))
