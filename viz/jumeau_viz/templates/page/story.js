"use strict";
/* The guided tour: each stop brings its place, layer, situation and hour, one sentence and one large figure. */

function createStory(data, page) {
  const $ = (id) => document.getElementById(id), stops = data.tour;
  if (!stops.length) return { next() {}, back() {} };
  const listed = Array.from(document.querySelectorAll("#tour-stops li button"));
  let at = -1, notes = false;

  function go(k) {
    at = (k + stops.length) % stops.length;
    const stop = stops[at];
    listed.forEach((button, j) => button.toggleAttribute("aria-current", j === at));
    $("story").hidden = false;
    $("story-now").textContent = `${at + 1} / ${stops.length}`;
    $("story-title").textContent = stop.title;
    $("story-text").textContent = stop.text;
    $("story-figure").hidden = !stop.figure;
    $("story-figure").querySelector("strong").textContent = stop.figure || "";
    $("story-figure").querySelector("span").textContent = stop.figureLabel || "";
    $("tour-now").textContent = `${at + 1} / ${stops.length} – ${stop.title}`;
    $("tour-next").textContent = `${data.texts.next} ▶`;
    $("tour-notes").hidden = !stops.some((item) => item.note);
    note();
    if (Number.isInteger(stop.layer)) page.show({ asset: stop.layer, indicator: stop.indicator, row: stop.row, change: Boolean(stop.change) });
    if (stop.hour !== null && stop.hour !== undefined) page.clock.at(stop.hour);
    page.viewer.fly(stop);
  }

  function note() {
    const text = at >= 0 ? stops[at].note : "";
    $("story-note").hidden = !(notes && text);
    $("story-note").textContent = text || "";
    $("tour-notes").setAttribute("aria-pressed", String(notes));
  }

  const next = () => go(at + 1), back = () => go(at < 0 ? stops.length - 1 : at - 1);
  listed.forEach((button, k) => button.addEventListener("click", () => {
    go(k);
    $("explorer").scrollIntoView();
  }));
  $("tour-back").addEventListener("click", back);
  $("tour-next").addEventListener("click", next);
  $("tour-notes").addEventListener("click", () => {
    notes = !notes;
    note();
  });
  return { next, back };
}
