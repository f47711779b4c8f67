"""`jumeau size gateways`: how many radio gateways, where, and what they let devices say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.commands.parser import Parser, positive
from jumeau.commands.status import DONE
from jumeau.commands.terminal import width, write, write_files
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number

if TYPE_CHECKING:
    from jumeau.radio.gateways import Sized
    from jumeau.radio.path_loss import LossModel
    from jumeau.radio.places import Devices, Sites
    from jumeau.territory.model import Territory

#: Layers whose features carry devices where the option says nothing, in order of preference.
USUAL = (("lamps", "outdoor"), ("waste_containers", "outdoor"), ("addresses", "indoor"), ("buildings", "indoor"))


#: What `jumeau size` calls them.
WHAT = "gateways"

#: Words that only gateways know.
WORDS = ("devices", "sites", "roofs", "redundancy", "chance", "model", "spreading", "messages", "payload")

#: What is taken where a word is left out.
DEFAULTS = {
    "redundancy": 1, "target": "95%", "chance": 0.9, "model": "hata_urban", "spreading": 12, "messages": 24.0,
    "payload": 20, "seconds": 60.0,
}  # fmt: skip


def add_words(parser: Parser) -> None:
    """Add the words that `jumeau size gateways` knows beside those of `jumeau size`."""
    group = parser.add_argument_group(_("radio gateways"))
    group.add_argument(
        "--devices",
        action="append",
        default=[],
        metavar=_("LAYER[:SETTING]"),
        help=_("layer whose features carry devices, and where these stand: outdoor, indoor or pit; may be repeated"),
    )
    group.add_argument(
        "--sites", type=Path, action="append", default=[], help=_("file of candidate sites; may be repeated")
    )
    group.add_argument("--roofs", action="store_true", help=_("take the roofs of buildings too; alone without --sites"))
    group.add_argument("--redundancy", type=positive, help=_("gateways that must hear each device; 1 by default"))
    group.add_argument(
        "--chance", type=share, help=_("chance with which a gateway must hear a device; 90%% by default")
    )
    group.add_argument("--model", help=_("model of path loss, such as hata_urban or oulu"))
    group.add_argument("--spreading", type=int, choices=range(7, 13), help=_("slowest spreading factor; 12 by default"))
    group.add_argument("--messages", type=float, help=_("messages of a device in a day; 24 by default"))
    group.add_argument(
        "--payload", type=int, choices=range(243), metavar="0-242", help=_("bytes of a message; 20 by default")
    )


def share(text: str) -> float:
    """Read a share: `95%`, `95 %` or `0.95`."""
    plain = text.strip().replace(",", ".")
    try:
        value = float(plain.removesuffix("%")) / (100.0 if plain.endswith("%") else 1.0)
    except ValueError:
        raise argparse.ArgumentTypeError(_("write a share such as 95%")) from None
    if not 0.0 < value <= 1.0:
        raise argparse.ArgumentTypeError(_("a share lies above 0 and at most at 100%"))
    return value


def run(arguments: argparse.Namespace) -> int:
    """Size the gateways, tell and write what was found."""
    from jumeau.files import check_writable
    from jumeau.radio.findings import device_table, gateway_table, record
    from jumeau.radio.gateways import Wanted, size_gateways
    from jumeau.radio.path_loss import loss_model
    from jumeau.radio.relief import Relief
    from jumeau.radio.writing import write_tables
    from jumeau.report.coverage_map import write_coverage_map
    from jumeau.report.gateways import gateway_lines
    from jumeau.results.storage import write_json
    from jumeau.territory.storage import read_territory

    for name, value in DEFAULTS.items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    model = loss_model(arguments.model)
    try:
        target = share(arguments.target)
    except argparse.ArgumentTypeError as error:
        raise InputError(Problem(f"--target {arguments.target}", hint=str(error))) from None
    if arguments.territory is None:
        raise InputError(Problem(_("say on which territory, with the option --territory")))
    territory = read_territory(arguments.territory)
    devices, sites = _devices(arguments, territory), _sites(arguments, territory)
    if arguments.output:
        check_writable(arguments.output)
    relief = Relief.of(territory.layers.get("relief"))
    wanted = Wanted(target, arguments.redundancy, arguments.chance, arguments.spreading, arguments.seconds)
    sized = size_gateways(devices, sites, model, wanted, relief)
    found = {"territory": territory.name, "model": model.name} | record(sized, territory.crs)
    notes = _notes(arguments, sized, model)
    if relief is None:
        notes.append(_("the territory has no relief: hills take nothing away"))
    write(gateway_lines(found, notes, width()))
    written = [write_json(found, arguments.json)] if arguments.json else []
    if arguments.output:
        gateways, coverage = gateway_table(sized, territory.crs), device_table(sized, territory.crs)
        written += write_tables(arguments.output, gateways, coverage)
        title = _("{count} gateway(s), {model}").format(count=len(gateways), model=model.name)
        written.append(
            write_coverage_map(arguments.output / "coverage.png", territory, sites, gateways, coverage, title)
        )
    if written:
        write_files(written)
    return DONE


def _notes(arguments: argparse.Namespace, sized: Sized, model: LossModel) -> list[str]:
    """Return what a reader of the answer should know."""
    from jumeau.radio.airtime import message_airtime, most_messages
    from jumeau.radio.path_loss import outside
    from jumeau.radio.tables import FACTORS

    notes = [_("Simulation, not measurement: calibrate on a drive test before buying.")]
    count = outside(model, [float(item) for item in sized.gateways.height])
    if count:
        text = _("{count} gateway(s) stand lower or higher than what the model was fitted on (30 to 200 m)")
        notes.append(text.format(count=count))
    allowed = float(most_messages(message_airtime(arguments.payload, arguments.spreading), FACTORS.value("duty_cycle")))
    if arguments.messages > allowed:
        text = _("{messages} messages a day are more than the duty cycle allows at SF{spreading}: {allowed}")
        most = format_number(int(allowed))
        told = {"messages": format_number(arguments.messages), "spreading": arguments.spreading, "allowed": most}
        notes.append(text.format(**told))
    return notes


def _devices(arguments: argparse.Namespace, territory: Territory) -> Devices:
    """Return the devices that the options name; those of the usual layers that the territory has, else."""
    from jumeau.radio.places import all_devices, devices_of

    asked = [item.partition(":")[::2] for item in arguments.devices]
    if not asked:
        asked = [(layer, setting) for layer, setting in USUAL if territory.has(layer)][:1]
    if not asked:
        hint = _("its layers: {layers}").format(layers=", ".join(sorted(territory.layers)) or "—")
        raise InputError(Problem(_("name the layer that carries devices, with the option --devices"), hint=hint))
    parts = []
    for layer, setting in asked:
        frame = territory.layer(layer)
        column = next((str(name) for name in frame.columns if str(name).endswith("_id")), None)
        if column is None:
            frame["device_id"], column = [f"{layer}-{row}" for row in range(1, len(frame) + 1)], "device_id"
        parts.append(devices_of(frame, column, setting or "outdoor", arguments.messages, arguments.payload, name=layer))
    return all_devices(parts)


def _sites(arguments: argparse.Namespace, territory: Territory) -> Sites:
    """Return the candidates: those of the files, and roofs where they are asked for or nothing else is."""
    from jumeau.radio.places import ROOF_CELL, roofs, together
    from jumeau.radio.site_file import read_sites

    parts = [read_sites(path, territory.crs) for path in arguments.sites]
    if (arguments.roofs or not parts) and territory.has("buildings"):
        parts.append(roofs(territory.layer("buildings"), ROOF_CELL))
    parts = [item for item in parts if len(item)]
    if not parts:
        hint = _("give a file of sites with --sites, or a territory whose buildings have heights")
        raise InputError(Problem(_("no candidate site"), hint=hint))
    return together(parts)
