"use strict";
/* Names over the view: quarters from afar, streets from near, never one over another. */

function createLabels(box, names, canvas) {
  const points = floats(names.points), sizes = floats(names.sizes), MOST = 60;
  const spans = new Map();
  let pins = [];

  function place(viewer, matrix) {
    const taken = covered(), wanted = new Set(), present = document.body.classList.contains("present");
    const scale = (parseFloat(getComputedStyle(box).fontSize) / 16) * (present ? 1.25 : 1);
    const put = (key, kind, text, x, y, z, size) => {
      if (wanted.size >= MOST) return;
      const at = viewer.project(x, y, z + 12, matrix);
      const big = kind === "quarter" ? 1.95 : 1, wide = text.length * 8.2 * scale * big, tall = 20 * scale * big;
      /* A name that the edge of the window cuts is not one. */
      if (!at || at[0] < wide / 2 || at[1] < tall / 2 || at[0] > canvas.clientWidth - wide / 2 || at[1] > canvas.clientHeight - tall / 2) return;
      const pixels = (size * canvas.clientHeight) / (2 * matrix.tall * at[2]);
      if (kind === "street" && pixels < wide * 1.15) return;
      if (kind === "place" && pixels < 60 * scale) return;
      if (kind === "quarter" && pixels > 3.2 * canvas.clientHeight) return;
      const spot = [at[0] - wide / 2, at[1] - tall / 2, at[0] + wide / 2, at[1] + tall / 2];
      if (taken.some((other) => spot[0] < other[2] + 6 && spot[2] > other[0] - 6 && spot[1] < other[3] + 4 && spot[3] > other[1] - 4)) return;
      taken.push(spot);
      wanted.add(key);
      let span = spans.get(key);
      if (!span) {
        span = document.createElement("span");
        span.className = kind;
        span.textContent = text;
        spans.set(key, span);
        box.append(span);
      }
      span.style.transform = `translate(${at[0].toFixed(1)}px, ${at[1].toFixed(1)}px) translate(-50%, -50%)`;
    };
    pins.forEach((pin, k) => put(`pin${k}/${pin.text}`, "pin", pin.text, pin.x, pin.y, pin.z, 1e9));
    for (let i = 0; i < names.texts.length; i++)
      put(i, names.kinds[i], names.texts[i], points[3 * i], points[3 * i + 1], points[3 * i + 2], sizes[i]);
    for (const [key, span] of spans)
      if (!wanted.has(key)) {
        span.remove();
        spans.delete(key);
      }
  }

  /* What lies over the view: a name half under a panel cannot be read. */
  function covered() {
    const own = canvas.getBoundingClientRect();
    return Array.from(document.querySelectorAll("#headline, #bench > *, #moves, #story, #cut-bar, #deck, #names-of-panes > *"), (panel) => panel.getBoundingClientRect())
      .filter((rect) => rect.width && rect.height)
      .map((rect) => [rect.left - own.left, rect.top - own.top, rect.right - own.left, rect.bottom - own.top]);
  }

  return { place, pin: (list) => { pins = list; } };
}
