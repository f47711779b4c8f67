"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const lang = document.documentElement.lang;
  const measure = document.getElementById("measure");
  const variant = document.getElementById("variant");
  const table = document.querySelector("table.sortable");
  const marks = [...document.querySelectorAll(".map [data-i]")];

  function paint() {
    const chosen = data.measures[measure.value];
    const name = variant ? variant.value : Object.keys(chosen.at)[0];
    const at = chosen.at[name], texts = chosen.texts[name];
    for (const mark of marks) {
      const i = Number(mark.dataset.i);
      const text = data.aside[i] ? data.set_aside : at[i] < 0 ? data.none : texts[i];
      mark.setAttribute("fill", data.aside[i] ? "url(#aside)" : at[i] < 0 ? "#ffffff" : chosen.shades[at[i]].colour);
      const link = mark.parentNode;
      link.setAttribute("aria-label", `${data.titles[i]}: ${text}`);
      link.querySelector("title").textContent = `${data.titles[i]}: ${text}`;
    }
    document.getElementById("measured").textContent = chosen.unit ? `${chosen.label} (${chosen.unit})` : chosen.label;
    if (variant) document.getElementById("varied").textContent = variant.selectedOptions[0].textContent;
    const legend = document.getElementById("legend");
    legend.replaceChildren(...chosen.shades.map(shade => {
      const item = document.createElement("li"), colour = document.createElement("i");
      colour.style.background = shade.colour;
      item.append(colour, shade.label);
      return item;
    }));
  }

  function filter() {
    if (!table || !variant) return;
    table.classList.add("one-variant");
    for (const row of table.tBodies[0].rows) {
      const own = row.dataset.variant === variant.value;
      row.hidden = !own;
      row.id = own ? `row-${row.dataset.i}` : "";
    }
  }

  function sort(head, place) {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const numeric = head.classList.contains("num");
    const value = row => row.cells[place].dataset.v;
    const rows = [...table.tBodies[0].rows].sort((one, other) => {
      const a = value(one), b = value(other);
      // What has no figure stays at the end, either way.
      if (a === "" || b === "") return (a === "") - (b === "");
      const order = numeric ? Number(a) - Number(b) : a.localeCompare(b, lang, {numeric: true});
      return down ? -order : order;
    });
    table.tBodies[0].append(...rows);
  }

  if (table) [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head, place));
  });
  if (measure) {
    measure.form.hidden = false;
    for (const select of [measure, variant]) if (select) select.addEventListener("change", () => { paint(); filter(); });
    // What a browser keeps of an earlier visit is shown.
    paint();
    filter();
  }
})();
