"use strict";
/* The page's controls: what the view shows, its colours and their legend, what is pointed at. */

(function () {
  const data = JSON.parse(document.getElementById("scene-data").textContent);
  const say = data.texts;
  const $ = (id) => document.getElementById(id);
  /* Numbers as Python writes them: the decimals that suit the scale, a true minus sign, and no trace of rounding. */
  function written(value, scale, sign) {
    const none = Math.abs(value) < Math.max(scale.least, 0.5 * 10 ** -scale.digits), digits = none ? 0 : scale.digits;
    const format = new Intl.NumberFormat(data.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: sign });
    return format.format(none ? 0 : value).replace("-", "\u2212");
  }
  const number = (value, scale) => written(value, scale, "auto");
  const signed = (value, scale) => written(value, scale, "exceptZero");

  createPictureSlider(say);
  const canvas = $("view");
  let viewer = null;
  try {
    viewer = createViewer(canvas, data);
  } catch (error) {
    console.error(error);
  }
  if (!viewer) {
    $("no-webgl").hidden = false;
    for (const id of ["bench", "moves", "deck", "view"]) $(id).hidden = true;
    document.body.classList.add("flat");
    return;
  }
  const unpacked = (rows) => rows.map((row) => ({ asset: new Uint32Array(bytes(row.asset).buffer), begin: floats(row.begin), end: floats(row.end) }));
  const assets = data.assets.map((asset) => ({
    ...asset,
    present: bytes(asset.present),
    indicators: asset.indicators.map((item) => ({
      ...item, values: floats(item.values),
      hourly: item.hourly && { ...item.hourly, steps: new Uint16Array(bytes(item.hourly.values).buffer) },
    })),
    spells: asset.spells.map((spell) => ({ ...spell, rows: unpacked(spell.rows) })),
    moves: asset.moves && {
      ...asset.moves,
      rows: asset.moves.rows.map((row) => row && {
        begin: floats(row.begin), end: floats(row.end), points: floats(row.points), starts: new Uint32Array(bytes(row.starts).buffer),
      }),
    },
  }));
  const state = { asset: 0, indicator: 0, row: 0, change: false, split: false, selected: -1, lastAfter: 1, bright: true, flags: "", hour: 0 };
  const page = { assets, state, viewer, select, show, time, shownScenario };
  const labels = createLabels($("labels"), data.names, canvas);

  function scenarios() {
    return assets[state.asset].scenarios;
  }

  /* Rows of the situations on the screen, from left to right. */
  function panes() {
    return state.split ? [0, state.row || Math.min(state.lastAfter, scenarios().length - 1)] : [state.row];
  }

  function shownScenario() {
    return scenarios()[panes()[panes().length - 1]].name;
  }

  /* Values of a situation: one per asset, not-a-number where unknown; and whether each asset is shown. */
  function values(row) {
    const asset = assets[state.asset], item = asset.indicators[state.indicator], n = asset.ids.length;
    const change = state.change && row > 0;
    const found = new Float32Array(n), shown = new Uint8Array(n);
    const at = (line, i) => item.values[line * n + i];
    const then = (line, i) => {
      const steps = item.hourly.steps[(line * 24 + state.hour) * n + i];
      return steps === 65535 ? NaN : steps * item.hourly.step;
    };
    const value = item.hourly ? then : at;
    for (let i = 0; i < n; i++) {
      const here = value(row, i);
      found[i] = change ? here - value(0, i) : here;
      shown[i] = asset.present[row * n + i] || (change && asset.present[i]) ? 1 : 0;
      if (item.onlyKnown && Number.isNaN(found[i])) shown[i] = 0;
    }
    return { values: found, shown, scale: change ? item.change : item.scale };
  }

  function paint() {
    const asset = assets[state.asset], light = state.bright ? "day" : "night";
    let gaps = false, scale = null;
    panes().forEach((row, pane) => {
      const now = values(row), lut = bytes(now.scale[light]), span = now.scale.high - now.scale.low;
      const shades = new Uint8Array(4 * now.values.length), told = clock.under(asset, row).flags;
      for (let i = 0; i < now.values.length; i++) {
        const value = now.values[i], at = 4 * i;
        if (Number.isNaN(value)) {
          shades.set(data.missing[light], at);
          gaps = gaps || now.shown[i] === 1;
        } else {
          const seen = Math.abs(value) < now.scale.least ? 0 : value;
          const k = 3 * Math.round(Math.min(1, Math.max(0, (seen - now.scale.low) / span)) * 255);
          shades[at] = lut[k];
          shades[at + 1] = lut[k + 1];
          shades[at + 2] = lut[k + 2];
        }
        shades[at + 3] = now.shown[i] ? 255 - told[i] : 0;
      }
      viewer.colour(state.asset, pane, shades);
      scale = now.scale;
    });
    viewer.set({ layer: state.asset, panes: panes().map((row) => scenarios()[row].name) });
    legend(scale, bytes(scale[light]), gaps);
  }

  function legend(scale, lut, gaps) {
    const stops = [];
    for (let k = 0; k <= 16; k++) {
      const at = 3 * Math.round((k / 16) * 255);
      stops.push(`rgb(${lut[at]},${lut[at + 1]},${lut[at + 2]}) ${(k / 16) * 100}%`);
    }
    const item = assets[state.asset].indicators[state.indicator];
    $("legend-title").textContent = item.hourly
      ? fill(say.between, { what: item.hourly.label, start: String(state.hour), end: String(state.hour + 1), unit: item.unit })
      : scale.title;
    $("legend-bar").style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    const ticks = $("legend-ticks");
    ticks.replaceChildren();
    scale.ticks.forEach((tick, k) => {
      const mark = document.createElement("span");
      mark.textContent = scale.labels[k];
      mark.style.left = ((tick - scale.low) / (scale.high - scale.low)) * 100 + "%";
      ticks.append(mark);
    });
    $("legend-gap").hidden = !gaps;
    $("legend-gap").querySelector(".swatch").style.background = `rgb(${data.missing[state.bright ? "day" : "night"].join()})`;
    const signs = [...assets[state.asset].spells.map((spell) => [spell.sign, spell.label]), ...assets.filter((asset) => asset.moves).map((asset) => ["vehicle", asset.moves.label])];
    $("signs").hidden = !signs.length;
    $("signs").replaceChildren(...signs.map(([sign, text]) => {
      const entry = document.createElement("li"), mark = document.createElement("span");
      mark.className = `sign ${sign}`;
      entry.append(mark, text);
      return entry;
    }));
  }

  /* The clock moved: colours change with the light, signs with what begins and ends. */
  function time(now, bright) {
    const flags = [];
    const lines = panes().map((row, pane) => {
      const scenario = scenarios()[row].name;
      viewer.state.vehicles[pane] = clock.vehicles(scenario);
      const told = assets.flatMap((asset) => {
        const at = Math.max(0, asset.scenarios.findIndex((item) => item.name === scenario)), under = clock.under(asset, at);
        if (asset === assets[state.asset]) flags.push(key(under.flags));
        return asset.spells.map((spell, kind) => `${spell.label}${say.colon} ${under.counts[kind]}`);
      });
      if (assets.some((asset) => asset.moves))
        told.push(`${assets.find((asset) => asset.moves).moves.label}${say.colon} ${viewer.state.vehicles[pane].length / 3}`);
      return told.length ? `${scenarios()[row].short} – ${told.join(", ")}` : "";
    });
    clock.tell(lines.filter(Boolean).join("   |   "));
    const changed = flags.join("/"), hour = Math.floor((now - Math.floor(now)) * 24 + 1e-6);
    const turned = hour !== state.hour && assets[state.asset].indicators[state.indicator].hourly;
    state.hour = hour;
    if (turned || bright !== state.bright || changed !== state.flags) {
      state.bright = bright;
      state.flags = changed;
      paint();
    }
    viewer.redraw();
  }

  function key(flags) {
    const found = [];
    for (let i = 0; i < flags.length; i++) if (flags[i]) found.push(i);
    return found.join();
  }

  /* The value of one asset in every situation, as text. */
  function facts(i) {
    const asset = assets[state.asset], n = asset.ids.length, lines = [];
    for (const item of asset.indicators) {
      const parts = asset.scenarios.flatMap((scenario, row) => {
        if (!scenario.changes) return [];
        const value = item.values[row * n + i];
        const told = !asset.present[row * n + i] ? say.absent : Number.isNaN(value) ? say.unknown : number(value, item.scale);
        const change = value - item.values[i];
        const gap = row > 0 && !Number.isNaN(change) ? ` (${signed(change, item.change)})` : "";
        return fill(say.value, { scenario: scenario.short, value: told + gap });
      });
      lines.push([item.unit ? `${item.label} [${item.unit}]` : item.label, parts]);
    }
    return lines;
  }

  function describe() {
    const panel = $("facts");
    panel.replaceChildren();
    const heading = document.createElement("p");
    heading.className = "fact-name";
    heading.textContent = state.selected < 0 ? say.nothing : `${assets[state.asset].label} ${assets[state.asset].ids[state.selected]}`;
    panel.append(heading);
    for (const [title, parts] of state.selected < 0 ? [] : facts(state.selected)) {
      const name = document.createElement("p");
      name.className = "fact-name";
      name.textContent = title;
      const list = document.createElement("ul");
      for (const part of parts) {
        const entry = document.createElement("li");
        entry.textContent = part;
        list.append(entry);
      }
      panel.append(name, list);
    }
    viewer.redraw();
  }

  function select(i) {
    state.selected = i;
    if (i >= 0) $("chosen").open = true;
    describe();
  }

  /* The large figures of the situation shown, from the same rows as the table. */
  function totals() {
    const row = panes()[panes().length - 1], scenario = scenarios()[row || Math.min(state.lastAfter, scenarios().length - 1)];
    const figures = data.figures[scenario.name] || [], body = $("big").tBodies[0];
    $("totals-title").textContent = scenario.label;
    $("totals").hidden = !figures.length;
    body.replaceChildren(...figures.map((figure) => {
      const line = document.createElement("tr"), head = document.createElement("th"), cell = document.createElement("td"), small = document.createElement("span"), note = document.createElement("span");
      head.scope = "row";
      head.textContent = figure.label;
      cell.className = "big";
      cell.textContent = figure.value;
      small.className = "small";
      small.textContent = figure.before;
      note.className = "small";
      note.textContent = figure.note;
      cell.append(small, note);
      line.append(head, cell);
      return line;
    }));
    if ($("vote-on")) $("vote-on").textContent = scenarios()[row].label;
  }

  /* The situations offered: before, and those that change the layer; a tour may show another one. */
  function situations() {
    const box = $("situation");
    box.replaceChildren(...scenarios().flatMap((scenario, row) => {
      if (!scenario.changes && row !== state.row) return [];
      const option = document.createElement("option");
      option.value = row;
      option.textContent = scenario.changes ? scenario.label : fill(say.unchanged, { situation: scenario.label });
      option.selected = row === state.row;
      return option;
    }));
  }

  /* Show a layer, an indicator and a situation; what is not given stays. */
  function show(change) {
    if (change.asset !== undefined && change.asset !== state.asset) state.selected = -1;
    Object.assign(state, change);
    /* Who chooses a quantity is shown a situation that changes it; who names a situation gets that one. */
    const told = change.asset === undefined || change.row !== undefined || scenarios()[state.row]?.changes;
    const first = scenarios().findIndex((scenario, row) => row > 0 && scenario.changes);
    if (!told && first > 0) state.row = first;
    if (first > 0 && !scenarios()[state.lastAfter]?.changes) state.lastAfter = first;
    state.indicator = Math.min(state.indicator, assets[state.asset].indicators.length - 1);
    state.row = Math.min(state.row, scenarios().length - 1);
    state.lastAfter = Math.min(state.row > 0 ? state.row : state.lastAfter, scenarios().length - 1);
    /* The change from before has no meaning for "before" itself: asking for it shows the last situation after. */
    if (state.change && state.row === 0 && !state.split) state.row = state.lastAfter;
    if (scenarios().length < 2) state.split = state.change = false;
    situations();
    $("quantity").value = `${state.asset}:${state.indicator}`;
    $("situation").value = String(state.row);
    $("change").checked = state.change;
    $("split").setAttribute("aria-pressed", String(state.split));
    for (const id of ["cut-bar", "cut-line", "names-of-panes"]) $(id).hidden = !state.split;
    $("below").hidden = !assets[state.asset].underground;
    if (state.split) {
      $("left-name").textContent = scenarios()[0].label;
      $("right-name").textContent = scenarios()[panes()[1]].label;
    }
    totals();
    paint();
    clock.set(clock.now());
    describe();
    cut(Number($("cut3d").value));
  }

  function cut(share) {
    $("cut3d").value = String(share);
    $("cut3d").setAttribute("aria-valuetext", fill(say.cut, { share: String(Math.round(share)) }));
    $("cut-line").style.left = `${share}%`;
    $("left-name").style.right = `calc(${100 - share}% + 3rem)`;
    $("right-name").style.left = `calc(${share}% + 3rem)`;
    viewer.set({ cut: share / 100 });
  }

  function swap() {
    show({ row: state.row === 0 ? state.lastAfter : 0, change: false });
  }

  /* Keep the ring around the selected asset where that asset is drawn, and names where they belong. */
  function follow(matrix, rough) {
    const ring = $("ring");
    const where = state.selected < 0 ? null : viewer.project(...viewer.head(state.selected), matrix);
    ring.hidden = !where;
    if (where) ring.style.transform = `translate(${where[0]}px, ${where[1]}px)`;
    /* Where frames are scarce, names come back when the view stands still. */
    $("labels").hidden = Boolean(rough);
    if (!rough) labels.place(viewer, matrix);
  }

  function hover(event) {
    const tip = $("tip"), box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top, i = viewer.pick(x, y, 12);
    tip.hidden = i < 0;
    if (i < 0) return;
    const row = panes()[viewer.paneAt(x)], asset = assets[state.asset], item = asset.indicators[state.indicator];
    const value = values(row).values[i];
    const told = Number.isNaN(value) ? say.unknown : (state.change && row > 0 ? signed(value, item.change) : number(value, item.scale));
    tip.textContent = `${asset.ids[i]}${say.colon} ${told} ${Number.isNaN(value) ? "" : item.unit}`;
    tip.style.left = Math.min(x + 14, box.width - 190) + "px";
    tip.style.top = Math.max(y - 34, 4) + "px";
  }

  function mouse() {
    const fingers = new Map();
    let moved = 0;
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      moved = 0;
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) {
        hover(event);
        return;
      }
      const dx = event.clientX - before[0], dy = event.clientY - before[1];
      moved += Math.abs(dx) + Math.abs(dy);
      $("tip").hidden = true;
      if (fingers.size === 2) {
        const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
        const gap = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
        viewer.zoom(gap(before) / Math.max(gap([event.clientX, event.clientY]), 1));
        viewer.pan(-dx / 2 / canvas.clientWidth, dy / 2 / canvas.clientHeight);
      } else if (event.buttons === 2 || event.shiftKey) viewer.pan(-dx / canvas.clientWidth, dy / canvas.clientHeight);
      else viewer.turn(dx * 0.25, dy * 0.2);
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
    });
    const lift = (event) => {
      fingers.delete(event.pointerId);
      if (event.type !== "pointerup" || moved > 6) return;
      const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
      const i = viewer.pick(x, y, 16);
      if (remarks && remarks.place(x, y, i)) return;
      select(i);
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    canvas.addEventListener("pointerleave", () => { $("tip").hidden = true; });
    /* The wheel scrolls the page until the view is clicked, so that readers are not trapped in it. */
    canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== canvas && !document.body.classList.contains("present")) return;
      event.preventDefault();
      viewer.zoom(Math.exp(Math.sign(event.deltaY) * 0.15));
    }, { passive: false });
    const line = $("cut-line");
    const slide = (share) => {
      viewer.stir();
      cut(share);
    };
    const drag = (event) => slide(Math.min(100, Math.max(0, (100 * event.clientX) / canvas.clientWidth)));
    line.addEventListener("pointerdown", (event) => line.setPointerCapture(event.pointerId));
    line.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
    $("cut3d").addEventListener("input", () => slide(Number($("cut3d").value)));
  }

  function keyboard() {
    const step = 0.08;
    const actions = {
      ArrowLeft: (shift) => (shift ? viewer.turn(-6, 0) : viewer.pan(-step, 0)),
      ArrowRight: (shift) => (shift ? viewer.turn(6, 0) : viewer.pan(step, 0)),
      ArrowUp: (shift) => (shift ? viewer.turn(0, 4) : viewer.pan(0, step)),
      ArrowDown: (shift) => (shift ? viewer.turn(0, -4) : viewer.pan(0, -step)),
      "+": () => viewer.zoom(0.85), "=": () => viewer.zoom(0.85), "-": () => viewer.zoom(1.18),
      Home: () => viewer.home(), b: swap, s: () => show({ split: !state.split }), n: () => clock.swap(), p: () => present(),
      PageDown: () => story.next(), PageUp: () => story.back(),
      Escape: () => (document.body.classList.contains("present") ? present() : select(-1)),
    };
    /* One-letter keys work in the view and while presenting only: elsewhere they belong to what is written. */
    document.addEventListener("keydown", (event) => {
      const presenting = document.body.classList.contains("present");
      if (event.target !== canvas && !(presenting && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName))) return;
      const action = actions[event.key] || actions[event.key.toLowerCase()];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action(event.shiftKey);
    });
    const buttons = {
      "go-in": () => viewer.zoom(0.75), "go-out": () => viewer.zoom(1.33), "go-left": () => viewer.turn(-15, 0),
      "go-right": () => viewer.turn(15, 0), "go-up": () => viewer.turn(0, 8), "go-down": () => viewer.turn(0, -8),
      "go-home": () => viewer.home(), present, split: () => show({ split: !state.split }),
      below: () => {
        viewer.set({ below: !viewer.state.below });
        $("below").setAttribute("aria-pressed", String(viewer.state.below));
      },
    };
    for (const [id, action] of Object.entries(buttons)) $(id).addEventListener("click", action);
  }

  /* Fill the screen with the view; where the browser cannot, fill the window. */
  function present() {
    const on = document.body.classList.toggle("present");
    $("present").textContent = on ? say.leave : say.present;
    const leave = () => document.fullscreenElement && document.exitFullscreen().catch(() => {});
    if (on && document.documentElement.requestFullscreen) document.documentElement.requestFullscreen().catch(() => {});
    if (!on) leave();
    canvas.focus();
    viewer.redraw();
  }

  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && document.body.classList.contains("present")) present();
  });
  $("quantity").addEventListener("change", () => {
    const [asset, indicator] = $("quantity").value.split(":").map(Number);
    show({ asset, indicator });
  });
  $("situation").addEventListener("change", () => show({ row: Number($("situation").value) }));
  $("change").addEventListener("change", () => show({ change: $("change").checked }));
  if (window.matchMedia("(max-width: 760px)").matches) for (const panel of document.querySelectorAll("#bench details")) panel.open = false;

  const clock = createClock(data, page);
  page.clock = clock;
  viewer.onOut((asset, scenario) => {
    const own = assets.find((item) => item.network === asset.network && item.layer === asset.layer);
    const row = Math.max(0, own.scenarios.findIndex((item) => item.name === scenario)), { flags } = clock.under(own, row);
    return { key: key(flags), out: flags };
  });
  viewer.onDraw(follow);
  const remarks = createRemarks(data, page, labels);
  const story = createStory(data, page);
  createSearch(data, page);
  clock.set(data.opening);
  show({});
  mouse();
  keyboard();
  window.jumeau = { viewer, page, clock };
})();
