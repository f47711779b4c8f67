"""Small files of OpenStreetMap, made for these tests: nodes, ways and relations in one line each."""

from xml.sax.saxutils import quoteattr


def _tags(tags):
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def osm_file(path, nodes, ways=(), relations=()):
    """Write an OSM XML file.

    Parameters
    ----------
    path : Path
    nodes : mapping
        Number -> (longitude, latitude) or (longitude, latitude, tags).
    ways : sequence
        (number, numbers of nodes, tags).
    relations : sequence
        (number, ((type, number, role), …), tags).
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    for number, (lon, lat, *tags) in sorted(nodes.items()):
        lines.append(f'<node id="{number}" lon="{lon:.7f}" lat="{lat:.7f}" version="1">{_tags(*tags or [{}])}</node>')
    for number, refs, tags in sorted(ways):
        held = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1">{held}{_tags(tags)}</way>')
    for number, members, tags in sorted(relations):
        held = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        lines.append(f'<relation id="{number}" version="1">{held}{_tags(tags)}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]) + "\n", encoding="utf-8")
    return path


def grid(columns, rows, step=0.001, lon=2.0, lat=48.0):
    """Return nodes on a grid, numbered from 1 along its rows."""
    return {
        1 + row * columns + column: (lon + column * step, lat + row * step)
        for row in range(rows)
        for column in range(columns)
    }
