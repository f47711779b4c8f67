"use strict";
/* Hour and day: where the sun stands, which lamps burn, and what the journal says goes on; played when asked to. */

function createClock(data, page) {
  const $ = (id) => document.getElementById(id);
  const hour = $("hour"), date = $("date"), play = $("play"), speed = $("speed"), light = $("light");
  const first = Date.UTC(...data.sun.first.split("-").map(Number).map((part, k) => part - (k === 1 ? 1 : 0)));
  const days = data.sun.declination.length, words = new Intl.DateTimeFormat(data.lang === "en" ? "en-GB" : data.lang, { weekday: "short", day: "numeric", month: "long", timeZone: "UTC" });
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let now = 0, playing = false, last = null, shown = "", seen = { now: -1, found: new Map() };
  date.max = String(days - 1);

  function set(time) {
    now = ((time % days) + days) % days;
    const day = Math.floor(now), clock = (now - day) * 24;
    hour.value = String(clock);
    date.value = String(day);
    const whole = Math.floor(clock + 1e-6), minutes = Math.floor((clock + 1e-6 - whole) * 60);
    $("hour-now").textContent = fill(data.texts.hour, { hour: String(whole), minutes: String(minutes).padStart(2, "0") });
    $("date-now").textContent = words.format(new Date(first + day * 86400000));
    hour.setAttribute("aria-valuetext", $("hour-now").textContent);
    date.setAttribute("aria-valuetext", $("date-now").textContent);
    const sun = page.viewer.sun.light(day, clock), bright = sun.daylight > 0.5;
    document.body.classList.toggle("by-day", bright);
    light.setAttribute("aria-pressed", String(!bright));
    page.viewer.set({ day, hour: clock });
    page.time(now, bright);
  }

  /* Spells of a layer that are under way in a situation: per asset 0, 1 (out of order) or 2 (something wrong). Colours,
     lamps and counts ask for the same ones at each moment: they are gone through once. */
  function under(asset, row) {
    if (seen.now !== now) seen = { now, found: new Map() };
    const key = `${asset.network}/${asset.layer}/${row}`;
    if (!seen.found.has(key)) seen.found.set(key, spellsNow(asset, row));
    return seen.found.get(key);
  }

  function spellsNow(asset, row) {
    const flags = new Uint8Array(asset.ids.length), counts = asset.spells.map(() => 0);
    asset.spells.forEach((spell, kind) => {
      const rows = spell.rows[row] || spell.rows[0];
      for (let k = 0; k < rows.asset.length; k++)
        if (rows.begin[k] <= now && now < rows.end[k]) {
          if (!flags[rows.asset[k]]) counts[kind]++;
          flags[rows.asset[k]] = spell.sign === "dark" ? 1 : 2;
        }
    });
    return { flags, counts };
  }

  /* Where vehicles are in a situation, three numbers each. */
  function vehicles(scenario) {
    const found = [];
    for (const asset of page.assets) {
      if (!asset.moves) continue;
      const row = asset.scenarios.findIndex((item) => item.name === scenario), journeys = asset.moves.rows[Math.max(0, row)];
      if (!journeys) continue;
      for (let k = 0; k < journeys.begin.length; k++) {
        if (journeys.begin[k] > now || journeys.end[k] <= now) continue;
        const share = (now - journeys.begin[k]) / (journeys.end[k] - journeys.begin[k]);
        found.push(...along(journeys, k, share));
      }
    }
    return found;
  }

  function along(journeys, k, share) {
    const p = journeys.points, from = journeys.starts[k], to = journeys.starts[k + 1];
    if (!journeys.lengths) journeys.lengths = {};
    if (!journeys.lengths[k]) {
      const sums = new Float32Array(to - from);
      for (let i = from + 1; i < to; i++) sums[i - from] = sums[i - from - 1] + Math.hypot(p[3 * i] - p[3 * i - 3], p[3 * i + 1] - p[3 * i - 2]);
      journeys.lengths[k] = sums;
    }
    const sums = journeys.lengths[k], far = share * sums[sums.length - 1];
    let i = 0;
    while (i + 2 < sums.length && sums[i + 1] < far) i++;
    const step = sums[i + 1] - sums[i] || 1, part = (far - sums[i]) / step, a = 3 * (from + i);
    return [0, 1, 2].map((axis) => p[a + axis] + (p[a + 3 + axis] - p[a + axis]) * part);
  }

  function tick(time) {
    if (!playing) return;
    if (last !== null) {
      const gone = (time - last) / 1000;
      if (calm.matches && gone < 1) {
        window.requestAnimationFrame(tick);
        return;
      }
      page.viewer.stir();
      set(now + gone * Number(speed.value));
    }
    last = time;
    window.requestAnimationFrame(tick);
  }

  function toggle(on) {
    playing = on;
    last = null;
    play.setAttribute("aria-pressed", String(on));
    play.textContent = on ? `❚❚ ${data.texts.pause}` : `▶ ${data.texts.play}`;
    if (on) window.requestAnimationFrame(tick);
  }

  function tell(text) {
    if (text === shown) return;
    shown = text;
    $("happening").textContent = text;
  }

  /* A slider that is drawn along moves what is seen. */
  const drawn = (time) => {
    page.viewer.stir();
    set(time);
  };
  hour.addEventListener("input", () => drawn(Math.floor(now) + Number(hour.value) / 24));
  date.addEventListener("input", () => drawn(Number(date.value) + (now - Math.floor(now))));
  play.addEventListener("click", () => toggle(!playing));
  const swap = () => set(Math.floor(now) + (document.body.classList.contains("by-day") ? 23 : 10.5) / 24);
  light.addEventListener("click", swap);
  return { set, under, vehicles, tell, swap, stop: () => toggle(false), now: () => now, at: (clock) => set(Math.floor(now) + clock / 24) };
}
