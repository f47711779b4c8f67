"use strict";
/* The viewer: a town under a sun or under its lamps, one layer of assets, one camera, one or two situations side by
   side. It knows no language and no indicator: the page gives it colours and reads back what is pointed at. */

function createViewer(canvas, scene) {
  /* Without a graphics card smooth edges cost more than they give. */
  const software = drawnBySoftware(), gl = canvas.getContext("webgl2", { antialias: !software, alpha: false });
  if (!gl) return null;
  const graphics = createGraphics(gl), sun = createSun(scene.sun);
  const camera = createCamera(scene.camera, scene.aspect, scene.reach);
  const lamps = createLamps(graphics, scene, scene.assets);
  const town = createTown(graphics, scene, lamps);
  const layers = createLayers(graphics, scene, scene.assets);
  /* Situations on the screen from left to right, and where the second begins. */
  const state = { layer: 0, panes: ["baseline"], cut: 0.5, day: 0, hour: 12, below: false, vehicles: [[], []] };
  /* While something moves, frames matter more than detail: less is drawn until there are enough of them, and everything
     as soon as it stands still. Without a graphics card a movement begins where most end up. */
  const pace = createPace(software ? 6 : 0), motion = { on: false, last: 0, timer: 0, stirred: 0 }, REST = 220;
  let dirty = true, waiting = false, movingTown = null, afterDraw = () => {}, outOf = () => ({ key: "", out: null });

  const level = () => LEVELS[motion.on ? pace.current() : 0];
  const movingOne = () => movingTown || (movingTown = createMovingTown(graphics, scene, lamps, town));

  function draw() {
    const now = level(), plain = now.plain ? movingOne() : null;
    resize(now.scale);
    const light = sun.light(state.day, state.hour), view = camera.matrix(canvas.width, canvas.height);
    const sky = scene.night.sky.map((part, k) => (part + (scene.day.sky[k] - part) * light.daylight) / 255);
    if (!plain) town.shadows(light, camera);
    const maps = state.panes.map((name, pane) => lamps.light(pane, name, state.hour, outOf, light.daylight < 1, now.plain));
    const ratio = canvas.width / Math.max(canvas.clientWidth, 1);
    const drawn = {
      daylight: light.daylight, height: canvas.height,
      through: state.below && layers.layers[state.layer].underground,
      rim: light.daylight > 0.5 ? [1, 1, 1] : [0.015, 0.02, 0.04],
      /* Markers grow with the picture: on a wall they are seen from the back row. */
      scale: Math.max(0.7 * ratio, Math.min(canvas.height, 0.6 * canvas.width) / 850),
    };
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(sky[0], sky[1], sky[2], 1);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    const below = drawn.through, split = state.panes.length > 1, cut = Math.round(canvas.width * state.cut);
    const alike = !below && (!split || maps[0] === maps[1]);
    const standing = (lit) => plain.draw(view, camera, light, sky, lit, split ? state.cut : 2, [canvas.width, canvas.height], below, lateness(), now);
    if (plain && !below) standing(maps);
    else if (alike) town.draw(view, camera, light, sky, maps[0], false, lateness(), 0, 1);
    state.panes.forEach((_name, pane) => {
      const span = split ? (pane ? [state.cut, 1] : [0, state.cut]) : [0, 1];
      const coarse = plain && { ...now, markers: now.markers / state.panes.length, pieces: now.pieces / state.panes.length, span, poles: camera.at.distance < 700 };
      if (split) {
        gl.enable(gl.SCISSOR_TEST);
        gl.scissor(pane ? cut : 0, 0, pane ? canvas.width - cut : cut, canvas.height);
      }
      if (below) layers.draw(state.layer, pane, view, drawn, true, coarse);
      if (plain && below) standing([maps[pane]]);
      else if (!plain && !alike) town.draw(view, camera, light, sky, maps[pane], below, lateness(), ...span);
      if (!below) layers.draw(state.layer, pane, view, drawn, false, coarse);
      layers.markers(state.layer, pane, view, drawn, coarse);
      layers.vehicles(state.vehicles[pane] || [], light.daylight > 0.5 ? [196, 60, 0] : [255, 214, 90], view, drawn);
    });
    gl.disable(gl.SCISSOR_TEST);
    afterDraw(view, now.plain);
  }

  /* Share of the windows that are lit: most in the evening, few after midnight. */
  function lateness() {
    const h = ((state.hour % 24) + 24) % 24;
    return h >= 17 ? 0.45 - Math.max(0, h - 21.5) * 0.13 : h < 5 ? 0.05 : h < 8 ? 0.25 : 0.05;
  }

  function resize(scale) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2) * scale;
    const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      /* Smoothing the stretched picture costs a processor as much as drawing it does. */
      canvas.classList.toggle("stretched", scale < 1 && software);
    }
  }

  function tick(time) {
    const flying = camera.step(time);
    if (flying) stir();
    if (motion.on && motion.last) pace.feed(time - motion.last);
    motion.last = 0;
    const drawing = flying || dirty;
    dirty = false;
    if (drawing) draw();
    /* One more frame than is drawn: it tells how long the last took, which a pause of the hand does not. */
    waiting = drawing;
    if (drawing) {
      motion.last = time;
      window.requestAnimationFrame(tick);
    }
  }

  function stir() {
    motion.on = true;
    motion.stirred += 1;
    window.clearTimeout(motion.timer);
    motion.timer = window.setTimeout(() => calm(motion.stirred, 2), REST);
  }

  /* It stands still when nothing stirred for a while in which frames came: a hand moves on behind a slow one. */
  function calm(stirred, frames) {
    if (stirred !== motion.stirred) return;
    if (frames) {
      window.requestAnimationFrame(() => calm(stirred, frames - 1));
      return;
    }
    motion.on = false;
    motion.last = 0;
    pace.pause();
    redraw();
  }

  function redraw() {
    dirty = true;
    if (!waiting) {
      waiting = true;
      window.requestAnimationFrame(tick);
    }
  }

  function project(x, y, z, view) {
    const v = view || camera.matrix(canvas.width, canvas.height);
    const w = v[3] * x + v[7] * y + v[11] * z + v[15];
    if (w <= 0) return null;
    const across = (v[0] * x + v[4] * y + v[8] * z + v[12]) / w, upwards = (v[1] * x + v[5] * y + v[9] * z + v[13]) / w;
    return [((across + 1) / 2) * canvas.clientWidth, ((1 - upwards) / 2) * canvas.clientHeight, w];
  }

  /* Return the number of the asset nearest to a point of the canvas, or -1. */
  function pick(x, y, reach) {
    const v = camera.matrix(canvas.width, canvas.height), layer = layers.layers[state.layer], h = layer.heads;
    const shown = layer.panes[paneAt(x)].shown, wide = canvas.clientWidth / 2, tall = canvas.clientHeight / 2;
    let best = -1, least = reach * reach;
    for (let n = 0, i = 0; n < layer.count; n++, i += 3) {
      if (!shown[n]) continue;
      const w = v[3] * h[i] + v[7] * h[i + 1] + v[11] * h[i + 2] + v[15];
      if (w <= 0) continue;
      const dx = ((v[0] * h[i] + v[4] * h[i + 1] + v[8] * h[i + 2] + v[12]) / w + 1) * wide - x;
      const dy = (1 - (v[1] * h[i] + v[5] * h[i + 1] + v[9] * h[i + 2] + v[13]) / w) * tall - y;
      const gap = dx * dx + dy * dy;
      if (gap < least) {
        least = gap;
        best = n;
      }
    }
    return best;
  }

  function paneAt(x) {
    return state.panes.length > 1 && x > state.cut * canvas.clientWidth ? 1 : 0;
  }

  /* Where a point of the canvas meets the level of the place looked at, in the local frame. */
  function ground(x, y) {
    const a = camera.axes(), view = camera.matrix(canvas.width, canvas.height), wide = canvas.width / canvas.height;
    const across = (2 * x) / canvas.clientWidth - 1, upwards = 1 - (2 * y) / canvas.clientHeight;
    const way = a.forward.map((part, k) => part + a.right[k] * across * view.tall * wide + a.up[k] * upwards * view.tall);
    if (way[2] >= -1e-3) return null;
    const far = (camera.at.target[2] - a.eye[2]) / way[2];
    return a.eye.map((part, k) => part + far * way[k]);
  }

  const moved = (action) => (...args) => {
    action(...args);
    redraw();
  };
  const stirred = (action) => (...args) => {
    stir();
    action(...args);
    redraw();
  };
  window.addEventListener("resize", redraw);
  if (window.ResizeObserver) new window.ResizeObserver(redraw).observe(canvas);
  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  canvas.addEventListener("webglcontextrestored", () => window.location.reload());
  return {
    state, pick, project, ground, paneAt, redraw, sun, lux: lamps.lux, box: () => scene.box,
    colour: moved((number, pane, shades) => layers.colour(number, pane, shades)),
    set: moved((change) => Object.assign(state, change)),
    fly: moved((to) => camera.fly(to)), home: moved(() => camera.home()),
    turn: stirred((azimuth, elevation) => camera.turn(azimuth, elevation)), zoom: stirred((factor) => camera.zoom(factor)),
    pan: stirred((across, upwards) => camera.pan(across, upwards, canvas.width / canvas.height)),
    head: (number) => Array.from(layers.layers[state.layer].heads.subarray(3 * number, 3 * number + 3)),
    camera: () => camera.at, stir, moving: () => motion.on,
    /* The picture as it stands, for whoever keeps it. */
    snapshot: (moving) => {
      motion.on = Boolean(moving);
      draw();
      return canvas.toDataURL();
    },
    /* What a movement is drawn at; `force` a level, null for the one that the machine can do. */
    level: () => pace.current(), force: pace.force, cull: town.cull,
    onDraw: (action) => { afterDraw = action; },
    onOut: (action) => { outOf = action; },
  };
}

/* Whether this browser draws without a graphics card. */
function drawnBySoftware() {
  const probe = document.createElement("canvas").getContext("webgl2");
  if (!probe) return false;
  const named = probe.getExtension("WEBGL_debug_renderer_info");
  const name = named ? probe.getParameter(named.UNMASKED_RENDERER_WEBGL) : probe.getParameter(probe.RENDERER);
  const lost = probe.getExtension("WEBGL_lose_context");
  if (lost) lost.loseContext();
  return /swiftshader|llvmpipe|softpipe|basic render|software/i.test(String(name));
}
