"use strict";
/* The page's controls: the before/after slider, what the viewer shows, the legend, the tour, what is pointed at. */

(function () {
  const data = JSON.parse(document.getElementById("scene-data").textContent);
  const say = data.texts;
  const $ = (id) => document.getElementById(id);
  const number = new Intl.NumberFormat(data.lang, { maximumSignificantDigits: 4 });
  const signed = new Intl.NumberFormat(data.lang, { maximumSignificantDigits: 4, signDisplay: "exceptZero" });

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (all, key) => (key in values ? values[key] : all));
  }

  slider();
  const canvas = $("view");
  if (!canvas) return;
  let viewer = null;
  try {
    viewer = createViewer(canvas, data);
  } catch (error) {
    console.error(error);
  }
  if (!viewer) {
    $("no-webgl").hidden = false;
    $("explorer").hidden = true;
    return;
  }
  const assets = data.assets.map((asset) => ({
    ...asset,
    present: bytes(asset.present),
    indicators: asset.indicators.map((item) => ({ ...item, values: floats(item.values) })),
  }));
  const state = { asset: 0, indicator: 0, row: 0, change: false, selected: -1, lastAfter: 1 };

  function slider() {
    const range = $("cut");
    if (!range) return;
    const stage = $("stage"), choice = $("pair");
    const move = () => {
      stage.style.setProperty("--cut", range.value + "%");
      range.setAttribute("aria-valuetext", fill(say.cut, { share: range.value }));
    };
    const follow = (event) => {
      const box = stage.getBoundingClientRect();
      range.value = Math.round(((event.clientX - box.left) / box.width) * 100);
      move();
    };
    range.addEventListener("input", move);
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      follow(event);
    });
    stage.addEventListener("pointermove", (event) => {
      if (event.buttons) follow(event);
    });
    if (choice) {
      choice.addEventListener("change", () => {
        const group = choice.value.split("/")[0], figure = stage.parentElement;
        stage.querySelectorAll("img.after").forEach((image) => { image.hidden = image.dataset.pair !== choice.value; });
        figure.querySelectorAll("[data-group]").forEach((part) => { part.hidden = part.dataset.group !== group; });
        $("after-name").textContent = choice.selectedOptions[0].textContent;
      });
    }
    move();
  }

  /* Values of the state: one per asset, not-a-number where unknown; and whether each asset is shown. */
  function current() {
    const asset = assets[state.asset], item = asset.indicators[state.indicator], n = asset.ids.length;
    const row = state.row, change = state.change && row > 0;
    const values = new Float32Array(n), shown = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      const here = item.values[row * n + i];
      values[i] = change ? here - item.values[i] : here;
      shown[i] = asset.present[row * n + i] || (change && asset.present[i]) ? 1 : 0;
      if (item.onlyKnown && Number.isNaN(values[i])) shown[i] = 0;
    }
    return { asset, item, values, shown, scale: change ? item.change : item.scale };
  }

  function paint() {
    const now = current(), lut = bytes(now.scale.colours), span = now.scale.high - now.scale.low;
    const shades = new Uint8Array(4 * now.values.length);
    for (let i = 0; i < now.values.length; i++) {
      const value = now.values[i], at = 4 * i;
      if (Number.isNaN(value)) shades.set(data.missing, at);
      else {
        const k = 3 * Math.round(Math.min(1, Math.max(0, (value - now.scale.low) / span)) * 255);
        shades[at] = lut[k];
        shades[at + 1] = lut[k + 1];
        shades[at + 2] = lut[k + 2];
      }
      shades[at + 3] = now.shown[i] ? 255 : 0;
    }
    viewer.colour(state.asset, shades);
    legend(now.scale, lut, Array.from(now.values).some((value, i) => Number.isNaN(value) && now.shown[i]));
    describe();
  }

  function legend(scale, lut, gaps) {
    const stops = [];
    for (let k = 0; k <= 16; k++) {
      const at = 3 * Math.round((k / 16) * 255);
      stops.push(`rgb(${lut[at]},${lut[at + 1]},${lut[at + 2]}) ${(k / 16) * 100}%`);
    }
    $("legend-title").textContent = scale.title;
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
  }

  /* The value of one asset in every scenario, as text. */
  function facts(i) {
    const asset = assets[state.asset], n = asset.ids.length, lines = [];
    for (const item of asset.indicators) {
      const parts = asset.scenarios.map((scenario, row) => {
        const value = item.values[row * n + i];
        const told = !asset.present[row * n + i] ? say.absent : Number.isNaN(value) ? say.unknown : number.format(value);
        const change = value - item.values[i];
        const gap = row > 0 && !Number.isNaN(change) ? ` (${signed.format(change)})` : "";
        return fill(say.value, { scenario: scenario.short, value: told + gap });
      });
      lines.push([item.unit ? `${item.label} [${item.unit}]` : item.label, parts]);
    }
    return lines;
  }

  function describe() {
    const panel = $("facts");
    panel.replaceChildren();
    const heading = document.createElement("h3");
    if (state.selected < 0) {
      heading.textContent = say.nothing;
      panel.append(heading);
      place();
      return;
    }
    heading.textContent = `${assets[state.asset].label} ${assets[state.asset].ids[state.selected]}`;
    panel.append(heading);
    for (const [title, parts] of facts(state.selected)) {
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
    place();
  }

  /* Keep the ring around the selected asset where that asset is drawn. */
  function place() {
    const ring = $("ring"), where = state.selected < 0 ? null : viewer.locate(state.selected);
    ring.hidden = !where;
    if (where) ring.style.transform = `translate(${where[0]}px, ${where[1]}px)`;
  }

  function select(i) {
    state.selected = i;
    describe();
  }

  function modes() {
    const box = $("modes"), asset = assets[state.asset];
    box.querySelectorAll("label").forEach((label) => label.remove());
    if (state.row >= asset.scenarios.length) state.row = 0;
    asset.scenarios.forEach((scenario, row) => {
      const label = document.createElement("label"), radio = document.createElement("input");
      radio.type = "radio";
      radio.name = "mode";
      radio.value = row;
      radio.checked = row === state.row;
      radio.addEventListener("change", () => show(row));
      label.append(radio, " " + scenario.label);
      box.append(label);
    });
  }

  function show(row) {
    state.row = Math.min(row, assets[state.asset].scenarios.length - 1);
    if (row > 0) state.lastAfter = row;
    document.querySelectorAll("input[name=mode]").forEach((radio) => { radio.checked = Number(radio.value) === state.row; });
    paint();
  }

  /* The change from before has no meaning for "before" itself: asking for it shows the last situation after. */
  function showChange() {
    state.change = $("change").checked;
    show(state.change && state.row === 0 ? state.lastAfter : state.row);
  }

  function hover(event) {
    const tip = $("tip"), box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top, i = viewer.pick(x, y, 12);
    tip.hidden = i < 0;
    if (i < 0) return;
    const now = current(), value = now.values[i];
    const told = Number.isNaN(value) ? say.unknown : (state.change && state.row > 0 ? signed : number).format(value);
    tip.textContent = `${now.asset.ids[i]} : ${told} ${Number.isNaN(value) ? "" : now.item.unit}`;
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
      const box = canvas.getBoundingClientRect();
      select(viewer.pick(event.clientX - box.left, event.clientY - box.top, 16));
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    canvas.addEventListener("pointerleave", () => { $("tip").hidden = true; });
    /* The wheel scrolls the page until the view is clicked, so that readers are not trapped in it. */
    canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== canvas) return;
      event.preventDefault();
      viewer.zoom(Math.exp(Math.sign(event.deltaY) * 0.15));
    }, { passive: false });
  }

  function keyboard() {
    const step = 0.08;
    const actions = {
      ArrowLeft: (shift) => (shift ? viewer.turn(-6, 0) : viewer.pan(-step, 0)),
      ArrowRight: (shift) => (shift ? viewer.turn(6, 0) : viewer.pan(step, 0)),
      ArrowUp: (shift) => (shift ? viewer.turn(0, 4) : viewer.pan(0, step)),
      ArrowDown: (shift) => (shift ? viewer.turn(0, -4) : viewer.pan(0, -step)),
      "+": () => viewer.zoom(0.85), "=": () => viewer.zoom(0.85), "-": () => viewer.zoom(1.18),
      Home: () => viewer.home(), Escape: () => select(-1),
      b: () => show(state.row === 0 ? state.lastAfter : 0),
    };
    canvas.addEventListener("keydown", (event) => {
      const action = actions[event.key] || actions[event.key.toLowerCase()];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action(event.shiftKey);
    });
    const buttons = {
      "go-in": () => viewer.zoom(0.75), "go-out": () => viewer.zoom(1.33), "go-left": () => viewer.turn(-15, 0),
      "go-right": () => viewer.turn(15, 0), "go-up": () => viewer.turn(0, 8), "go-down": () => viewer.turn(0, -8),
      "go-home": () => viewer.home(),
    };
    for (const [id, action] of Object.entries(buttons)) $(id).addEventListener("click", action);
  }

  function search() {
    $("search").addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = $("wanted").value.trim().toLowerCase(), ids = assets[state.asset].ids;
      let i = ids.findIndex((id) => id.toLowerCase() === wanted);
      if (i < 0 && wanted) i = ids.findIndex((id) => id.toLowerCase().includes(wanted));
      $("search-answer").textContent = i < 0 ? fill(say.notFound, { wanted: $("wanted").value }) : "";
      if (i < 0) return;
      select(i);
      viewer.fly({ target: viewer.head(i), distance: 220, elevation: 50, azimuth: viewer.camera().azimuth });
    });
  }

  function tour() {
    const stops = Array.from(document.querySelectorAll("#tour-stops li"));
    let at = -1;
    const go = (k) => {
      at = (k + stops.length) % stops.length;
      stops.forEach((stop, j) => stop.querySelector("button").toggleAttribute("aria-current", j === at));
      $("tour-now").textContent = `${at + 1} / ${stops.length} – ${stops[at].querySelector("button").textContent}`;
      viewer.fly(data.tour[at]);
    };
    stops.forEach((stop, k) => stop.querySelector("button").addEventListener("click", () => go(k)));
    if (!stops.length) return;
    $("tour-back").addEventListener("click", () => go(at < 0 ? stops.length - 1 : at - 1));
    $("tour-next").addEventListener("click", () => go(at + 1));
  }

  const choice = $("quantity");
  choice.addEventListener("change", () => {
    const [asset, indicator] = choice.value.split(":").map(Number);
    if (asset !== state.asset) state.selected = -1;
    state.asset = asset;
    state.indicator = indicator;
    modes();
    paint();
  });
  $("change").addEventListener("change", showChange);
  viewer.onDraw(place);
  modes();
  mouse();
  keyboard();
  search();
  tour();
  paint();
})();
