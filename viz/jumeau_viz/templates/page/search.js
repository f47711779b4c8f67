"use strict";
/* Finding a street, a place, an address or an asset by what it is called. */

function createSearch(data, page) {
  const $ = (id) => document.getElementById(id), MOST = 8;
  const names = data.names, points = floats(names.points), sizes = floats(names.sizes);
  const labels = data.addresses.labels ? data.addresses.labels.split("\n") : [];
  const raw = bytes(data.addresses.points);
  const places = data.addresses.wide ? new Int32Array(raw.buffer) : new Int16Array(raw.buffer);
  /* Accents, case and hyphens do not count. */
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[-'’]/g, " ").trim();
  let prepared = null;

  function all() {
    if (!prepared)
      prepared = [
        ...names.texts.map((text, i) => ({ text, key: plain(text), at: Array.from(points.subarray(3 * i, 3 * i + 3)), near: Math.max(180, Math.min(sizes[i] * 1.6, 900)) })),
        ...labels.map((text, i) => ({ text, key: plain(text), at: Array.from(places.subarray(3 * i, 3 * i + 3)), near: 170 })),
      ];
    return prepared;
  }

  function find(wanted) {
    const key = plain(wanted);
    if (!key) return [];
    const asset = page.assets[page.state.asset];
    const ids = asset.ids.flatMap((id, i) => (plain(id) === key ? [{ text: `${asset.label} ${id}`, asset: i }] : []));
    const match = (test) => all().filter((item) => test(item.key));
    const found = [...ids, ...match((text) => text === key), ...match((text) => text !== key && text.startsWith(key)),
      ...match((text) => !text.startsWith(key) && text.includes(key))];
    if (found.length < MOST && !ids.length)
      found.push(...asset.ids.flatMap((id, i) => (plain(id).includes(key) ? [{ text: `${asset.label} ${id}`, asset: i }] : [])).slice(0, MOST));
    return found.slice(0, MOST);
  }

  function show(item) {
    if (item.asset !== undefined) {
      page.select(item.asset);
      $("chosen").open = true;
      page.viewer.fly({ target: page.viewer.head(item.asset), distance: 220, elevation: 45, azimuth: page.viewer.camera().azimuth });
    } else page.viewer.fly({ target: item.at, distance: item.near, elevation: 40, azimuth: page.viewer.camera().azimuth });
  }

  $("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const found = find($("wanted").value), list = $("found");
    list.replaceChildren();
    $("search-answer").textContent = found.length ? "" : fill(data.texts.notFound, { wanted: $("wanted").value });
    for (const item of found) {
      const entry = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.textContent = item.text;
      button.addEventListener("click", () => show(item));
      entry.append(button);
      list.append(entry);
    }
    if (found.length) show(found[0]);
  });
  return { find };
}
