"use strict";
/* Remarks pinned on places and votes on situations: kept in this browser, saved to a file and read from one. No name
   and no hour is recorded. */

function createRemarks(data, page, labels) {
  const $ = (id) => document.getElementById(id);
  if (!$("opinions")) return null;
  const FORMAT = "jumeau-remarks", VERSION = 1, drawer = `jumeau-remarks/${data.run}`;
  const known = { remarks: [], votes: [] };
  let spot = null, choosing = false;

  function identity() {
    if (window.crypto && window.crypto.randomUUID) return window.crypto.randomUUID();
    return Array.from(window.crypto.getRandomValues(new Uint8Array(16)), (part) => part.toString(16).padStart(2, "0")).join("");
  }

  function today() {
    const now = new Date();
    return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
  }

  /* A browser may refuse to keep anything: remarks then last as long as the page. */
  function keep() {
    try {
      window.localStorage.setItem(drawer, JSON.stringify(known));
    } catch {
      say(data.texts.notKept);
    }
  }

  function restore() {
    try {
      const read = JSON.parse(window.localStorage.getItem(drawer) || "{}");
      known.remarks = Array.isArray(read.remarks) ? read.remarks : [];
      known.votes = Array.isArray(read.votes) ? read.votes : [];
    } catch {
      known.remarks = [];
    }
  }

  function say(text) {
    $("remark-answer").textContent = text;
  }

  function show() {
    const list = $("remark-list"), count = known.remarks.length + known.votes.length;
    $("remark-count").textContent = count ? `(${count})` : "";
    list.replaceChildren();
    known.remarks.forEach((remark, k) => {
      const entry = document.createElement("li");
      entry.textContent = `${data.texts.kinds[remark.kind] || remark.kind} – ${remark.text} `;
      const drop = document.createElement("button");
      drop.type = "button";
      drop.textContent = data.texts.drop;
      drop.setAttribute("aria-label", `${data.texts.drop} ${k + 1}`);
      drop.addEventListener("click", () => {
        known.remarks.splice(k, 1);
        changed();
      });
      entry.append(drop);
      list.append(entry);
    });
    const frame = data.frame;
    labels.pin([
      ...known.remarks.filter((remark) => Number.isFinite(remark.x)).map((remark) => ({
        text: data.texts.kinds[remark.kind] || remark.kind, x: remark.x - frame.origin_x, y: remark.y - frame.origin_y, z: remark.z || 0,
      })),
      ...(data.remarks ? data.remarks.entries : []).map((entry) => ({ text: entry.kind, x: entry.x, y: entry.y, z: entry.z })),
    ]);
    page.viewer.redraw();
  }

  function changed() {
    keep();
    show();
  }

  /* Take the place that was clicked while one was being chosen; tells whether it was wanted. */
  function place(x, y, asset) {
    if (!choosing) return false;
    const at = asset >= 0 ? page.viewer.head(asset) : page.viewer.ground(x, y);
    if (!at) return true;
    const layer = page.assets[page.state.asset];
    spot = { at, network: asset >= 0 ? layer.network : null, layer: asset >= 0 ? layer.layer : null, asset: asset >= 0 ? layer.ids[asset] : null };
    choose(false);
    $("remark-where").textContent = asset >= 0 ? `${layer.label} ${spot.asset}` : data.texts.placed;
    $("remark-text").focus();
    return true;
  }

  function choose(on) {
    choosing = on;
    $("remark-place").setAttribute("aria-pressed", String(on));
    if (on) $("remark-where").textContent = data.texts.click;
  }

  $("remark-place").addEventListener("click", () => choose(!choosing));
  $("remark").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("remark-text").value.trim();
    if (!text) {
      say(data.texts.empty);
      return;
    }
    const at = spot ? spot.at : page.viewer.camera().target, frame = data.frame;
    known.remarks.push({
      id: identity(), day: today(), network: spot ? spot.network : null, layer: spot ? spot.layer : null, asset: spot ? spot.asset : null,
      x: Math.round((at[0] + frame.origin_x) * 10) / 10, y: Math.round((at[1] + frame.origin_y) * 10) / 10, crs: frame.crs,
      variant: page.shownScenario(), kind: $("remark-kind").value, text: text.slice(0, 2000),
    });
    $("remark-text").value = "";
    $("remark-where").textContent = "";
    spot = null;
    changed();
    say(data.texts.kept);
  });
  $("vote").addEventListener("click", (event) => {
    const choice = event.target.dataset.choice;
    if (!choice) return;
    known.votes.push({ id: identity(), day: today(), variant: page.shownScenario(), choice });
    changed();
    say(fill(data.texts.voted, { count: String(known.votes.length) }));
  });
  $("remark-export").addEventListener("click", () => {
    const file = { format: FORMAT, version: VERSION, run: data.run, language: data.lang, remarks: known.remarks, votes: known.votes };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: "application/json" }));
    link.download = "remarks.json";
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 5000);
    say(data.texts.saved);
  });
  $("remark-import").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    try {
      const read = JSON.parse(await file.text());
      if (read.format !== FORMAT || read.version !== VERSION || !Array.isArray(read.remarks) || !Array.isArray(read.votes)) throw new Error("format");
      let added = 0;
      for (const part of ["remarks", "votes"]) {
        const ids = new Set(known[part].map((item) => item.id));
        for (const item of read[part])
          if (item && typeof item.id === "string" && !ids.has(item.id)) {
            known[part].push(item);
            added++;
          }
      }
      changed();
      say(fill(data.texts.added, { count: String(added) }));
    } catch {
      say(data.texts.unreadable);
    }
  });
  restore();
  show();
  return { place, known };
}
