"""The register of sensors and the public notice sheet, from the bill: what is installed, what it observes, and why."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd

from jumeau.files import write_text
from jumeau.i18n import _, current_language, local
from jumeau.redaction import presentable
from jumeau.report.numbers import plain, significant
from jumeau.results import Results
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import network_label, variant_title

COLUMNS = (
    "variant", "network", "measure", "kind", "label", "count", "observes", "messages_per_day", "power", "life", "layer",
)  # fmt: skip


def register(results: Results) -> pd.DataFrame:
    """Return one row per kind of device that observes something, by variant; texts in the current language."""
    bill = results.bill
    rows = bill[(bill["observes"].fillna("") != "") & (bill["variant"] != BASELINE)].copy()
    for name in ("label", "observes"):
        rows[name] = [_(text) for text in rows[name]]
    return rows[list(COLUMNS)].reset_index(drop=True)


def write_register(results: Results, folder: Path) -> list[Path]:
    """Write `register.csv`, and one notice sheet per variant that installs sensors, to be completed and posted."""
    folder = Path(folder)
    table = register(results)
    text = table.to_csv(index=False, lineterminator="\n")
    written = [write_text(folder / "register.csv", presentable(text))]
    for variant in dict.fromkeys(table["variant"]):
        page = presentable(notice(results, str(variant), table[table["variant"] == variant]))
        written.append(write_text(folder / f"notice_{variant}_{current_language()}.html", page))
    return written


def notice(results: Results, variant: str, rows: pd.DataFrame) -> str:
    """Return the public notice sheet of a variant: a page that fetches nothing and prints on A4.

    Whether data are personal, and who answers for them, only the authority can say: the sheet leaves room for it.
    """
    provenance = results.provenance
    place = local(provenance["territory"].get("title") or provenance["territory"]["name"])
    items = "".join(
        f"<tr><th scope='row'>{escape(str(row['label']))}</th>"
        f"<td>{escape(network_label(provenance, str(row['network'])))}</td><td>{plain(float(row['count']), 0)}</td>"
        f"<td>{escape(str(row['observes']))}</td><td>{significant(float(row['messages_per_day']), 3)}</td></tr>"
        for row in rows.to_dict("records")
    )
    heads = (_("Device"), _("Network"), _("Number"), _("What it observes, and why"), _("Messages a day"))
    blanks = (
        _("Who is responsible"),
        _("Contact, further information"),
        _("Personal data (to be confirmed by the authority: none / which, on what ground, kept how long)"),
        _("Since when"),
    )
    return _page(
        _("Sensors in public space: {place}").format(place=place),
        [
            f"<p>{escape(variant_title(provenance, variant))}</p>",
            f"<p class='draft'>{escape(_('DRAFT from a simulation: nothing has been installed.'))}</p>",
            "<table><thead><tr>"
            + "".join(f"<th scope='col'>{escape(head)}</th>" for head in heads)
            + f"</tr></thead><tbody>{items}</tbody></table>",
            *(f"<p class='blank'><strong>{escape(text)}</strong><br>…</p>" for text in blanks),
        ],
    )


def _page(title: str, parts: Sequence[str]) -> str:
    style = (
        "body{font:16px/1.5 system-ui,'DejaVu Sans',Arial,sans-serif;max-width:50rem;margin:1.5rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}th,td{border:1px solid #888;padding:.4rem .6rem;text-align:left;"
        "vertical-align:top}.blank{border:1px dashed #888;padding:.6rem;min-height:3rem}.draft{font-weight:700}"
        "@page{size:A4;margin:15mm}"
    )
    return (
        f"<!DOCTYPE html>\n<html lang='{current_language()}'><head><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style}</style></head><body><h1>{escape(title)}</h1>"
        + "\n".join(parts)
        + "</body></html>\n"
    )
