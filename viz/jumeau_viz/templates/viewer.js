"use strict";
/* A small WebGL viewer: static meshes, assets coloured by value, an orbiting camera, picking. It knows no language
   and no indicator: the page gives it colours and reads back which asset is pointed at. */

function createViewer(canvas, scene) {
  const gl = canvas.getContext("webgl", { antialias: true, alpha: false, preserveDrawingBuffer: true });
  if (!gl || !gl.getExtension("OES_standard_derivatives") || !gl.getExtension("OES_element_index_uint")) return null;

  const SHADED = program(
    "attribute vec3 place; uniform mat4 view; varying vec3 spot;" +
      "void main() { spot = place; gl_Position = view * vec4(place, 1.0); }",
    "varying vec3 spot; uniform vec3 tint; uniform vec3 eye; uniform vec3 sky; uniform float reach;" +
      "void main() {" +
      "  vec3 normal = normalize(cross(dFdx(spot), dFdy(spot)));" +
      "  if (dot(normal, eye - spot) < 0.0) normal = -normal;" +
      "  float light = 0.38 + 0.52 * max(dot(normal, vec3(-0.37, -0.56, 0.74)), 0.0)" +
      "    + 0.25 * max(dot(normal, vec3(0.9, -0.3, 0.3)), 0.0);" +
      "  float far = smoothstep(reach * 2.0, reach * 4.5, distance(eye, spot));" +
      "  gl_FragColor = vec4(mix(tint * light * 1.1, sky, far), 1.0);" +
      "}"
  );
  const PLAIN = program(
    "attribute vec3 place; attribute vec4 shade; uniform mat4 view; varying vec3 colour;" +
      "void main() { colour = shade.rgb; gl_Position = shade.a > 0.0 ? view * vec4(place, 1.0) : vec4(2.0, 2.0, 2.0, 1.0); }",
    "varying vec3 colour; void main() { gl_FragColor = vec4(colour, 1.0); }"
  );
  const POOL = program(
    "attribute vec3 place; attribute vec2 side; attribute vec4 shade; uniform mat4 view; varying vec3 colour; varying vec2 across;" +
      "void main() { colour = shade.rgb; across = side; gl_Position = shade.a > 0.0 ? view * vec4(place, 1.0) : vec4(2.0, 2.0, 2.0, 1.0); }",
    "varying vec3 colour; varying vec2 across;" +
      "void main() { float fade = max(0.0, 1.0 - length(across)); gl_FragColor = vec4(colour, 0.55 * fade); }"
  );
  const MARKER = program(
    "attribute vec3 place; attribute vec4 shade; uniform mat4 view; uniform float least; uniform float zoom; varying vec3 colour;" +
      "void main() {" +
      "  colour = shade.rgb;" +
      "  gl_Position = shade.a > 0.0 ? view * vec4(place, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);" +
      "  gl_PointSize = clamp(zoom / gl_Position.w, least, least * 3.0);" +
      "}",
    "varying vec3 colour; uniform float strength;" +
      "void main() {" +
      "  float radius = length(gl_PointCoord - 0.5) * 2.0;" +
      "  if (radius > 1.0) discard;" +
      "  gl_FragColor = vec4(mix(colour, vec3(0.04, 0.06, 0.1), smoothstep(0.78, 1.0, radius) * 0.7), strength);" +
      "}"
  );

  const meshes = scene.meshes.map((mesh) => ({
    tint: mesh.colour.map((part) => part / 255),
    points: buffer(gl.ARRAY_BUFFER, floats(mesh.points)),
    triangles: buffer(gl.ELEMENT_ARRAY_BUFFER, indices(mesh)),
    type: mesh.wide ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT,
    count: mesh.count,
  }));
  const sky = scene.sky.map((part) => part / 255);
  const home = { ...scene.camera, target: scene.camera.target.slice() };
  const camera = { ...home, target: home.target.slice() };
  const layers = scene.assets.map(assetLayer);
  let layer = layers[0];
  let dirty = true;
  let flight = null;
  let afterDraw = () => {};

  function program(vertex, fragment) {
    const made = gl.createProgram();
    const head = "#extension GL_OES_standard_derivatives : enable\n" +
      "#ifdef GL_FRAGMENT_PRECISION_HIGH\nprecision highp float;\n#else\nprecision mediump float;\n#endif\n";
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, head + fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    const names = { program: made };
    for (const name of ["place", "shade", "side"]) names[name] = gl.getAttribLocation(made, name);
    for (const name of ["view", "tint", "eye", "sky", "reach", "least", "zoom", "strength"])
      names[name] = gl.getUniformLocation(made, name);
    return names;
  }

  function buffer(kind, data, usage) {
    const made = gl.createBuffer();
    gl.bindBuffer(kind, made);
    gl.bufferData(kind, data, usage || gl.STATIC_DRAW);
    return made;
  }

  function indices(mesh) {
    const raw = bytes(mesh.triangles);
    return mesh.wide ? new Uint32Array(raw.buffer) : new Uint16Array(raw.buffer);
  }

  function assetLayer(asset) {
    const feet = floats(asset.feet), heads = floats(asset.heads), count = asset.ids.length;
    const pools = new Float32Array(count * 12), sides = new Float32Array(count * 8);
    const corners = new Uint32Array(count * 6), poles = new Float32Array(count * 6);
    const SIDES = [-1, -1, 1, -1, 1, 1, -1, 1], CORNERS = [0, 1, 2, 0, 2, 3];
    for (let i = 0; i < count; i++) {
      const x = feet[3 * i], y = feet[3 * i + 1], z = feet[3 * i + 2];
      const radius = (heads[3 * i + 2] - z) * scene.poolReach;
      for (let c = 0; c < 4; c++) {
        pools.set([x + SIDES[2 * c] * radius, y + SIDES[2 * c + 1] * radius, z + 1], 12 * i + 3 * c);
        sides.set([SIDES[2 * c], SIDES[2 * c + 1]], 8 * i + 2 * c);
      }
      for (let k = 0; k < 6; k++) corners[6 * i + k] = 4 * i + CORNERS[k];
      poles.set([x, y, z, x, y, heads[3 * i + 2]], 6 * i);
    }
    const made = {
      kind: asset.geometry, heads, count,
      shown: new Uint8Array(count),
      headBuffer: buffer(gl.ARRAY_BUFFER, heads),
      shades: gl.createBuffer(), poolShades: gl.createBuffer(), poleShades: gl.createBuffer(), ribbonShades: gl.createBuffer(),
    };
    if (asset.geometry === "pole") {
      made.pools = buffer(gl.ARRAY_BUFFER, pools);
      made.sides = buffer(gl.ARRAY_BUFFER, sides);
      made.corners = buffer(gl.ELEMENT_ARRAY_BUFFER, corners);
      made.poles = buffer(gl.ARRAY_BUFFER, poles);
    }
    if (asset.geometry === "line") {
      made.owner = new Uint32Array(bytes(asset.ribbonOwner).buffer);
      made.ribbon = buffer(gl.ARRAY_BUFFER, floats(asset.ribbon.points));
      made.ribbonTriangles = buffer(gl.ELEMENT_ARRAY_BUFFER, indices(asset.ribbon));
      made.ribbonType = asset.ribbon.wide ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT;
      made.ribbonCount = asset.ribbon.count;
    }
    return made;
  }

  /* Give the colours of one layer: `shades` holds red, green, blue and 255 where the asset exists, four bytes each. */
  function colour(number, shades) {
    layer = layers[number];
    for (let i = 0; i < layer.count; i++) layer.shown[i] = shades[4 * i + 3] > 0 ? 1 : 0;
    const load = (target, data) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, target);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    };
    load(layer.shades, shades);
    if (layer.kind === "pole") {
      load(layer.poolShades, repeat(shades, (i) => i >> 2, layer.count * 4));
      const grey = repeat(shades, (i) => i >> 1, layer.count * 2);
      for (let i = 0; i < grey.length; i += 4) grey.set(scene.pole, i);
      load(layer.poleShades, grey);
    }
    if (layer.kind === "line") load(layer.ribbonShades, repeat(shades, (i) => layer.owner[i], layer.owner.length));
    redraw();
  }

  function repeat(shades, from, length) {
    const made = new Uint8Array(4 * length);
    for (let i = 0; i < length; i++) {
      const start = 4 * from(i);
      made[4 * i] = shades[start];
      made[4 * i + 1] = shades[start + 1];
      made[4 * i + 2] = shades[start + 2];
      made[4 * i + 3] = shades[start + 3];
    }
    return made;
  }

  function axes() {
    const turn = (camera.azimuth * Math.PI) / 180, rise = (camera.elevation * Math.PI) / 180;
    const right = [Math.cos(turn), -Math.sin(turn), 0];
    const forward = [Math.sin(turn) * Math.cos(rise), Math.cos(turn) * Math.cos(rise), -Math.sin(rise)];
    const up = [
      right[1] * forward[2] - right[2] * forward[1],
      right[2] * forward[0] - right[0] * forward[2],
      right[0] * forward[1] - right[1] * forward[0],
    ];
    return { right, up, forward, eye: camera.target.map((part, k) => part - camera.distance * forward[k]) };
  }

  function matrix(a) {
    const aspect = canvas.width / canvas.height;
    const angle = Math.tan((camera.viewAngle * Math.PI) / 360);
    /* A narrow window must still show the whole width that the pictures show. */
    const tall = aspect < scene.aspect ? (angle * scene.aspect) / aspect : angle;
    const near = Math.max(0.5, camera.distance * 0.03), far = camera.distance + scene.reach * 6;
    const rows = [
      a.right.map((part) => part / (tall * aspect)),
      a.up.map((part) => part / tall),
      a.forward.map((part) => (part * (far + near)) / (far - near)),
      a.forward,
    ];
    const dot = (row) => -(row[0] * a.eye[0] + row[1] * a.eye[1] + row[2] * a.eye[2]);
    const shift = [dot(rows[0]), dot(rows[1]), dot(rows[2]) - (2 * far * near) / (far - near), dot(rows[3])];
    const made = new Float32Array(16);
    for (let r = 0; r < 4; r++) {
      for (let c = 0; c < 3; c++) made[4 * c + r] = rows[r][c];
      made[12 + r] = shift[r];
    }
    made.tall = tall;
    return made;
  }

  function attribute(where, data, size, type, normalised) {
    gl.bindBuffer(gl.ARRAY_BUFFER, data);
    gl.enableVertexAttribArray(where);
    gl.vertexAttribPointer(where, size, type || gl.FLOAT, Boolean(normalised), 0, 0);
  }

  function draw() {
    resize();
    const a = axes(), view = matrix(a);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(sky[0], sky[1], sky[2], 1);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    gl.disable(gl.BLEND);
    gl.useProgram(SHADED.program);
    gl.uniformMatrix4fv(SHADED.view, false, view);
    gl.uniform3fv(SHADED.eye, a.eye);
    gl.uniform3fv(SHADED.sky, sky);
    gl.uniform1f(SHADED.reach, Math.max(scene.reach, camera.distance * 0.5));
    gl.enable(gl.POLYGON_OFFSET_FILL);
    meshes.forEach((mesh, rank) => {
      gl.polygonOffset(meshes.length - rank, 2 * (meshes.length - rank));
      gl.uniform3fv(SHADED.tint, mesh.tint);
      attribute(SHADED.place, mesh.points, 3);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles);
      gl.drawElements(gl.TRIANGLES, mesh.count, mesh.type, 0);
    });
    gl.disable(gl.POLYGON_OFFSET_FILL);
    drawAssets(view);
    afterDraw();
  }

  function drawAssets(view) {
    if (!layer) return;
    if (layer.kind === "line") {
      plain(view, layer.ribbon, layer.ribbonShades);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, layer.ribbonTriangles);
      gl.drawElements(gl.TRIANGLES, layer.ribbonCount, layer.ribbonType, 0);
      return;
    }
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    if (layer.kind === "pole") {
      plain(view, layer.poles, layer.poleShades);
      gl.drawArrays(gl.LINES, 0, layer.count * 2);
      gl.depthMask(false);
      gl.useProgram(POOL.program);
      gl.uniformMatrix4fv(POOL.view, false, view);
      attribute(POOL.place, layer.pools, 3);
      attribute(POOL.side, layer.sides, 2);
      attribute(POOL.shade, layer.poolShades, 4, gl.UNSIGNED_BYTE, true);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, layer.corners);
      gl.drawElements(gl.TRIANGLES, layer.count * 6, gl.UNSIGNED_INT, 0);
      gl.disableVertexAttribArray(POOL.side);
    }
    gl.useProgram(MARKER.program);
    gl.uniformMatrix4fv(MARKER.view, false, view);
    const ratio = canvas.width / Math.max(canvas.clientWidth, 1);
    gl.uniform1f(MARKER.least, scene.markers[layers.indexOf(layer)] * ratio * Math.min(1, Math.max(0.45, canvas.clientWidth / 1600)));
    gl.uniform1f(MARKER.zoom, (5.0 * canvas.height) / view.tall / 2);
    attribute(MARKER.place, layer.headBuffer, 3);
    attribute(MARKER.shade, layer.shades, 4, gl.UNSIGNED_BYTE, true);
    gl.depthMask(false);
    gl.depthFunc(gl.GREATER);
    gl.uniform1f(MARKER.strength, 0.4);
    gl.drawArrays(gl.POINTS, 0, layer.count);
    gl.depthFunc(gl.LEQUAL);
    gl.depthMask(true);
    gl.uniform1f(MARKER.strength, 1);
    gl.drawArrays(gl.POINTS, 0, layer.count);
  }

  function plain(view, points, shades) {
    gl.useProgram(PLAIN.program);
    gl.uniformMatrix4fv(PLAIN.view, false, view);
    attribute(PLAIN.place, points, 3);
    attribute(PLAIN.shade, shades, 4, gl.UNSIGNED_BYTE, true);
  }

  function resize() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
  }

  function tick(time) {
    if (flight) {
      if (flight.start === null) flight.start = time;
      const share = Math.min(1, (time - flight.start) / flight.duration), eased = share * share * (3 - 2 * share);
      for (const key of ["distance", "azimuth", "elevation"])
        camera[key] = flight.from[key] + (flight.to[key] - flight.from[key]) * eased;
      camera.target = flight.from.target.map((part, k) => part + (flight.to.target[k] - part) * eased);
      if (share === 1) flight = null;
      dirty = true;
    }
    if (dirty) {
      dirty = false;
      draw();
    }
    if (flight || dirty) window.requestAnimationFrame(tick);
    else tick.waiting = false;
  }

  function redraw() {
    dirty = true;
    if (!tick.waiting) {
      tick.waiting = true;
      window.requestAnimationFrame(tick);
    }
  }

  /* Fly to a viewpoint; readers who asked for less motion get there at once. */
  function fly(to) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const full = { ...home, ...to, target: (to.target || home.target).slice() };
    if (calm) {
      flight = null;
      Object.assign(camera, full);
    } else flight = { from: { ...camera, target: camera.target.slice() }, to: full, start: null, duration: 900 };
    redraw();
  }

  function turn(azimuth, elevation) {
    flight = null;
    camera.azimuth += azimuth;
    camera.elevation = Math.min(89, Math.max(8, camera.elevation + elevation));
    redraw();
  }

  function zoom(factor) {
    flight = null;
    camera.distance = Math.min(home.distance * 3, Math.max(25, camera.distance * factor));
    redraw();
  }

  /* Move by picture shares: (1, 0) is one picture width to the right. */
  function pan(across, upwards) {
    flight = null;
    const a = axes(), tall = 2 * camera.distance * Math.tan((camera.viewAngle * Math.PI) / 360);
    const wide = (tall * canvas.width) / canvas.height, turned = (camera.azimuth * Math.PI) / 180;
    const north = (upwards * tall) / Math.max(Math.sin((camera.elevation * Math.PI) / 180), 0.3);
    camera.target[0] += a.right[0] * across * wide + Math.sin(turned) * north;
    camera.target[1] += a.right[1] * across * wide + Math.cos(turned) * north;
    redraw();
  }

  /* Return the place of an asset on the canvas, in CSS pixels, or null behind the viewer. */
  function locate(number) {
    const view = matrix(axes()), h = layer.heads, i = 3 * number;
    const w = view[3] * h[i] + view[7] * h[i + 1] + view[11] * h[i + 2] + view[15];
    if (w <= 0) return null;
    const x = (view[0] * h[i] + view[4] * h[i + 1] + view[8] * h[i + 2] + view[12]) / w;
    const y = (view[1] * h[i] + view[5] * h[i + 1] + view[9] * h[i + 2] + view[13]) / w;
    return [((x + 1) / 2) * canvas.clientWidth, ((1 - y) / 2) * canvas.clientHeight, w];
  }

  /* Return the number of the asset nearest to a point of the canvas, or -1. */
  function pick(x, y, reach) {
    const view = matrix(axes()), h = layer.heads;
    const wide = canvas.clientWidth / 2, tall = canvas.clientHeight / 2;
    let best = -1, least = reach * reach;
    for (let n = 0, i = 0; n < layer.count; n++, i += 3) {
      if (!layer.shown[n]) continue;
      const w = view[3] * h[i] + view[7] * h[i + 1] + view[11] * h[i + 2] + view[15];
      if (w <= 0) continue;
      const dx = ((view[0] * h[i] + view[4] * h[i + 1] + view[8] * h[i + 2] + view[12]) / w + 1) * wide - x;
      const dy = (1 - (view[1] * h[i] + view[5] * h[i + 1] + view[9] * h[i + 2] + view[13]) / w) * tall - y;
      const gap = dx * dx + dy * dy;
      if (gap < least) {
        least = gap;
        best = n;
      }
    }
    return best;
  }

  window.addEventListener("resize", redraw);
  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  canvas.addEventListener("webglcontextrestored", () => window.location.reload());
  return {
    colour, fly, turn, zoom, pan, pick, locate, redraw,
    home: () => fly({ ...home, target: home.target.slice() }),
    head: (number) => Array.from(layer.heads.subarray(3 * number, 3 * number + 3)),
    camera: () => camera,
    onDraw: (action) => { afterDraw = action; },
  };
}

function bytes(text) {
  const raw = window.atob(text), made = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) made[i] = raw.charCodeAt(i);
  return made;
}

function floats(text) {
  return new Float32Array(bytes(text).buffer);
}
