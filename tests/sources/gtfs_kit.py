"""Feeds of public transport, as GTFS writes them, made by the tests themselves."""

import zipfile


def clock(minutes):
    """A time of day as a feed writes it; it may lie beyond 24 h."""
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}:00"


def feed(folder, places, lines, **more):
    """A feed with a calendar of working days, Saturdays and Sundays.

    `places`: id of a stop -> (longitude, latitude); `lines`: name -> (stops, minutes between two, {service: first
    departures in minutes}), services being `W`, `S`, `D`. `more` replaces or adds whole files by their names.
    """
    trips, times = ["route_id,service_id,trip_id"], ["trip_id,arrival_time,departure_time,stop_id,stop_sequence"]
    for line, (way, ride, services) in lines.items():
        for service, starts in services.items():
            for number, start in enumerate(starts):
                trip = f"{line}-{service}-{number}"
                trips.append(f"{line},{service},{trip}")
                for place, stop in enumerate(way):
                    at = clock(start + place * ride)
                    times.append(f"{trip},{at},{at},{stop},{place + 1}")
    files = {
        "agency": "agency_id,agency_name,agency_url,agency_timezone\nA,Bus,https://bus.example,Europe/Paris\n",
        "stops": "stop_id,stop_name,stop_lat,stop_lon\n"
        + "".join(f"{name},Arrêt {name},{y},{x}\n" for name, (x, y) in places.items()),
        "routes": "route_id,agency_id,route_short_name,route_long_name,route_type\n"
        + "".join(f"{line},A,{line},,3\n" for line in lines),
        "trips": "\n".join(trips) + "\n",
        "stop_times": "\n".join(times) + "\n",
        "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "W,1,1,1,1,1,0,0,20260105,20260628\nS,0,0,0,0,0,1,0,20260105,20260628\nD,0,0,0,0,0,0,1,20260105,20260628\n",
    } | more
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        if text is not None:
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def zipped(folder, path, under=""):
    """The files of a folder in a zip, in a sub-folder of it where one is named."""
    with zipfile.ZipFile(path, "w") as archive:
        for item in sorted(folder.iterdir()):
            archive.write(item, f"{under}{item.name}")
    return path
