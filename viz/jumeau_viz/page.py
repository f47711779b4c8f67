"""The page: one HTML file that works offline, by double-click, with the keyboard and with a screen reader.

The 3D view fills its first screen; a tour, the aligned pictures under a slider and the figures as a table follow. The
content policy in its head forbids any connection: what is not in the file is not shown.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image as Pillow

from jumeau.i18n import _, current_language, local
from jumeau.redaction import everywhere, visible
from jumeau.remarks import Counts
from jumeau.remarks.model import CHOICES, KINDS
from jumeau_viz.assets import AssetLayer
from jumeau_viz.captions import Captions, with_unit
from jumeau_viz.facts import Facts
from jumeau_viz.figures import Table
from jumeau_viz.packing import (
    gradient,
    pack_addresses,
    pack_assets,
    pack_names,
    pack_remarks,
    pack_scene,
    pack_stop,
    pack_sun,
    page_language,
    script_json,
)
from jumeau_viz.page_texts import page_texts
from jumeau_viz.pictures import SCENE_HEIGHT, WIDTH, frame_camera, legend_title
from jumeau_viz.places import Addresses, Names
from jumeau_viz.scene import Scene
from jumeau_viz.stage import Image
from jumeau_viz.stops import Stop
from jumeau_viz.sunlight import Sunlight

TEMPLATES = Path(__file__).parent / "templates"
VIEWER = ("graphics", "shaders", "sun", "camera", "pace", "tiles", "town", "lamps", "moving", "layer", "viewer")
#: The page's own scripts, in the order in which they are read.
SCRIPTS = (
    *(f"viewer/{name}.js" for name in VIEWER),
    *(f"page/{name}.js" for name in ("pictures", "labels", "search", "clock", "story", "remarks", "page")),
)
#: When the page opens: an hour at which towns are recognised by their shadows, and far from the clock changes.
OPENING_HOUR = 10.5
LANGUAGE_NAMES = {"fr": "Français", "en": "English"}


@dataclass(frozen=True)
class Place:
    """What the page knows of the territory beside its scene.

    Attributes
    ----------
    names : Names
        Of quarters, public places and streets.
    addresses : Addresses
    sun : Sunlight
        Over the period.
    """

    names: Names
    addresses: Addresses
    sun: Sunlight


def build_page(
    scene: Scene,
    layers: Sequence[AssetLayer],
    captions: Captions,
    *,
    place: Place,
    pictures: Sequence[tuple[AssetLayer, Mapping[str, str]]],
    tables: Sequence[Table] = (),
    tour: Sequence[Stop] = (),
    facts: Facts | None = None,
    languages: Sequence[str] = (),
    message: str = "",
    remarks: Counts | None = None,
    run: str = "",
) -> str:
    """Return the page in the current language.

    Parameters
    ----------
    scene : Scene
    layers : sequence of AssetLayer
        Those of the 3D view.
    captions : Captions
    place : Place
    pictures : sequence of (AssetLayer, mapping of str to str)
        By layer, its pictures without words as `data_uri` gives them, by the names of `pictures.views`; may be empty.
    tables : sequence of Table
    tour : sequence of Stop
    facts : Facts, optional
        Where the large figures beside the view come from.
    languages : sequence of str
        Languages in which the page is written, for the links between them.
    message : str
        Why there are no pictures, when there are none.
    remarks : Counts, optional
        What residents said, counted.
    run : str
        Id of the run, which remarks keep.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_finalize
    )
    environment.globals["_"] = _
    days = len(place.sun.declination)
    data = {
        **page_language(),
        **pack_scene(scene, frame_camera(layers[0])),
        "run": run,
        "texts": page_texts(),
        # A working day in the middle of the period.
        "opening": days // 2 + OPENING_HOUR / 24.0,
        "sun": pack_sun(place.sun),
        "names": pack_names(place.names),
        "addresses": pack_addresses(place.addresses),
        "assets": [pack_assets(layer, captions) for layer in layers],
        "tour": [pack_stop(stop, list(layers)) for stop in tour],
        "remarks": pack_remarks(remarks, scene),
        "figures": facts.large() if facts is not None else {},
    }
    return environment.get_template("scene.html.j2").render(
        lang=current_language(),
        others=[_link(lang) for lang in languages if lang != current_language()],
        captions=captions,
        groups=[group for layer, sources in pictures if (group := _group(layer, captions, sources)) is not None],
        message=message or _("There is no variant to compare with."),
        width=WIDTH,
        height=SCENE_HEIGHT,
        choices=choices_of(layers),
        example=next(iter(place.names.texts), "") or (str(layers[0].ids[0]) if len(layers[0].ids) else ""),
        tables=tables,
        tour=tour,
        frame=scene.frame,
        kinds=[{"name": name, "label": _(label)} for name, label in KINDS.items()],
        votes=[{"name": name, "label": _(label)} for name, label in CHOICES.items()],
        css=_own("page/page.css"),
        script=Markup("\n").join(_own(name) for name in SCRIPTS),
        data=script_json(data),
    )


def _finalize(value: Any) -> Any:
    """Return what is printed: plain texts without control characters."""
    return everywhere(value, visible) if isinstance(value, str) else value


def _own(name: str) -> Markup:
    """Return one of the package's own files, which needs no escaping."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - shipped with the package


def _link(lang: str) -> dict[str, str]:
    return {"lang": lang, "file": f"scene_{lang}.html", "name": LANGUAGE_NAMES.get(lang, lang)}


def choices_of(layers: Sequence[AssetLayer]) -> list[dict[str, str]]:
    """Return what the colours may show: `value`, places of layer and indicator, and `label`."""
    return [
        {
            "value": f"{row}:{column}",
            "label": _("{layer}: {indicator}").format(
                layer=local(layer.appearance.label or layer.appearance.layer), indicator=with_unit(indicator)
            ),
        }
        for row, layer in enumerate(layers)
        for column, indicator in enumerate(layer.indicators)
    ]


def _group(assets: AssetLayer, captions: Captions, sources: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the pictures of one layer that can be compared: before, after by variant, and what the colours mean."""
    variants = [name for name in assets.variants if f"after_{name}" in sources]
    if "before" not in sources or not variants:
        return None
    indicator = assets.indicators[0]
    scale = assets.scale(indicator)
    what = legend_title(indicator, scale)
    span = scale.high - scale.low
    return {
        "label": local(assets.appearance.label or assets.appearance.layer),
        "before": {"source": sources["before"], "alt": _alt(captions.before(), what)},
        "after": [
            {
                "variant": name,
                "label": captions.after(name),
                "source": sources[f"after_{name}"],
                "alt": _alt(captions.after(name), what),
            }
            for name in variants
        ],
        "legend": {
            "title": what,
            "gradient": Markup(gradient(scale)),  # noqa: S704 - made of numbers
            "ticks": [
                {"left": round(100 * (tick - scale.low) / span, 3), "label": label}
                for tick, label in zip(scale.ticks, scale.tick_labels(), strict=True)
            ],
        },
    }


def _alt(situation: str, what: str) -> str:
    return _(
        "Night view of the town from the south. {situation}. Colours: {what}. The figures are in the table."
    ).format(situation=situation, what=what)


def data_uri(image: Image) -> str:
    """Return a picture as a WebP inside an address: a fifth of a PNG of 256 colours, and markers keep theirs."""
    buffer = BytesIO()
    Pillow.fromarray(image).save(buffer, format="WEBP", quality=86, method=4)
    return "data:image/webp;base64," + b64encode(buffer.getvalue()).decode("ascii")
