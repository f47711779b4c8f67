"use strict";
/* The two aligned pictures under a slider: what readers without WebGL and printers see. */

function createPictureSlider(say) {
  const range = document.getElementById("cut");
  if (!range) return;
  const stage = document.getElementById("stage"), choice = document.getElementById("pair");
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
  if (choice)
    choice.addEventListener("change", () => {
      const group = choice.value.split("/")[0], figure = stage.parentElement;
      stage.querySelectorAll("img.after").forEach((image) => { image.hidden = image.dataset.pair !== choice.value; });
      figure.querySelectorAll("[data-group]").forEach((part) => { part.hidden = part.dataset.group !== group; });
      document.getElementById("after-name").textContent = choice.selectedOptions[0].textContent;
    });
  move();
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, key) => (key in values ? values[key] : all));
}
