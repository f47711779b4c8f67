"use strict";
/* The town: its meshes, trees, cars and people, and the shadows that the sun makes of them. */

function createTown(graphics, scene, lamps) {
  const gl = graphics.gl;
  const town = graphics.program(...SHADERS.town), depth = graphics.program(...SHADERS.depth);
  const SHADE = Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE), 2048);
  const target = graphics.depthTarget(SHADE);
  const FLAT = ["ground", "water", "green", "paths", "streets"], CASTING = ["walls", "roofs", "slopes", "trees"];
  const colour = (list) => list.map((part) => part / 255);
  const mix = (one, other, share) => one.map((part, k) => part + (other[k] - part) * share);
  const meshes = scene.meshes.map((mesh) => {
    const corners = floats(mesh.points), rises = mesh.rises && new Uint16Array(bytes(mesh.rises).buffer), loose = meshIndices(mesh);
    const { order, tiles } = sortIntoTiles(scene.box, loose.length / 3, corners, 3, (i) => loose.subarray(3 * i, 3 * i + 3));
    const indices = new loose.constructor(loose.length);
    for (let i = 0; i < order.length; i++) for (let k = 0; k < 3; k++) indices[3 * i + k] = loose[3 * order[i] + k];
    return {
      name: mesh.name, corners, heights: rises, indices, tiles,
      night: colour(scene.night[mesh.name]), day: colour(scene.day[mesh.name]),
      surface: FLAT.includes(mesh.name) ? 0 : mesh.name === "walls" ? 1 : 2,
      points: graphics.buffer(corners), rises: rises ? graphics.buffer(rises) : null,
      triangles: graphics.buffer(indices, gl.ELEMENT_ARRAY_BUFFER),
      type: mesh.wide ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT,
    };
  });
  const planted = [
    things("trees", scene.trees, crown(7), 1, [1, 1, 1], crown(4)),
    things("cars", scene.cars, car(), 2, [4.3, 1.8, 1.5]),
    things("people", scene.people, person(), 2, [0.5, 0.5, 1.75]),
  ].filter((item) => item.count);
  let shadeKey = "", shadeSun = null, culling = true;
  let shadeView = new Float32Array(16);

  function things(name, packed, shape, kind, size, far) {
    const loose = floats(packed), feet = new Float32Array(loose.length);
    const { order, tiles } = sortIntoTiles(scene.box, loose.length / 4, loose, 4, (i) => [i]);
    order.forEach((from, i) => feet.set(loose.subarray(4 * from, 4 * from + 4), 4 * i));
    /* Trees are as tall as their fourth number says; cars and people are smaller than any tree. */
    let tallest = 5;
    if (kind === 1) for (let i = 3; i < feet.length; i += 4) tallest = Math.max(tallest, feet[i]);
    const night = { trees: scene.night.trees, cars: [70, 76, 92], people: [96, 98, 110] }[name];
    const day = { trees: scene.day.trees, cars: [120, 132, 150], people: [88, 70, 90] }[name];
    return {
      name, kind, size, night: colour(night), day: colour(day), surface: 2, count: feet.length / 4, tiles: padded(tiles, tallest),
      feet: graphics.buffer(feet), shape: graphics.buffer(shape), corners: shape.length / 3,
      far: far && { shape: graphics.buffer(far), corners: far.length / 3 },
    };
  }

  /* A tree of height and width 1: a trunk, and a crown with some sides. */
  function crown(sides) {
    const made = [], rings = [[0.1, 0.0], [0.1, 0.24], [0.85, 0.34], [1.0, 0.56], [0.55, 0.86], [0.0, 1.0]];
    for (let r = 0; r + 1 < rings.length; r++)
      for (let k = 0; k < sides; k++) {
        const at = (ring, step) => {
          const angle = (2 * Math.PI * step) / sides;
          return [rings[ring][0] * Math.cos(angle), rings[ring][0] * Math.sin(angle), rings[ring][1]];
        };
        const a = at(r, k), b = at(r, k + 1), c = at(r + 1, k + 1), d = at(r + 1, k);
        made.push(...a, ...b, ...c);
        if (rings[r + 1][0] > 0) made.push(...a, ...c, ...d);
      }
    return new Float32Array(made);
  }

  function block(x0, x1, y0, y1, z0, z1) {
    const c = [[x0, y0, z0], [x1, y0, z0], [x1, y1, z0], [x0, y1, z0], [x0, y0, z1], [x1, y0, z1], [x1, y1, z1], [x0, y1, z1]];
    const faces = [[4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]];
    return faces.flatMap(([p, q, r, s]) => [p, q, r, p, r, s].flatMap((k) => c[k]));
  }

  function car() {
    return new Float32Array([...block(-0.5, 0.5, -0.5, 0.5, 0.15, 0.6), ...block(-0.28, 0.22, -0.42, 0.42, 0.6, 1)]);
  }

  function person() {
    return new Float32Array([...block(-0.35, 0.35, -0.5, 0.5, 0, 0.82), ...block(-0.3, 0.3, -0.3, 0.3, 0.84, 1)]);
  }

  /* Draw the town from the sun, where the last shadows no longer do. */
  function shadows(sun, camera) {
    const radius = Math.min(scene.reach * 0.75, Math.max(160, camera.at.distance * 0.9));
    const step = radius * 0.2, centre = camera.at.target.map((part) => Math.round(part / step) * step);
    const key = [...centre, Math.round(Math.log(radius) * 6), ...sun.direction.map((part) => part.toFixed(3))].join();
    if (sun.strength <= 0 || key === shadeKey) return;
    shadeKey = key;
    shadeSun = sun.direction;
    const wide = radius * 1.35, far = wide + 400;
    const [x, y, z] = sun.direction, flat = Math.hypot(x, y) || 1e-6;
    const right = [-y / flat, x / flat, 0], up = [-(x * z) / flat, -(y * z) / flat, flat];
    const rows = [right.map((p) => p / wide), up.map((p) => p / wide), [-x / far, -y / far, -z / far], [0, 0, 0]];
    shadeView = new Float32Array(16);
    for (let r = 0; r < 4; r++) {
      for (let c = 0; c < 3; c++) shadeView[4 * c + r] = rows[r][c];
      shadeView[12 + r] = r < 3 ? -(rows[r][0] * centre[0] + rows[r][1] * centre[1] + rows[r][2] * centre[2]) : 1;
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.viewport(0, 0, SHADE, SHADE);
    gl.disable(gl.SCISSOR_TEST);
    gl.disable(gl.BLEND);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    gl.depthMask(true);
    gl.colorMask(false, false, false, false);
    gl.clear(gl.DEPTH_BUFFER_BIT);
    gl.useProgram(depth.program);
    gl.uniformMatrix4fv(depth.uniforms.view, false, shadeView);
    const planes = culling && frustum(shadeView, 0, 1);
    for (const mesh of meshes) if (CASTING.includes(mesh.name)) drawMesh(depth, mesh, planes);
    for (const item of planted) if (CASTING.includes(item.name)) drawThings(depth, item, "far", planes);
    gl.colorMask(true, true, true, true);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  function drawMesh(user, mesh, planes) {
    gl.uniform1i(user.uniforms.planted, 0);
    graphics.bind(user, [["place", mesh.points, 3], ["rise", mesh.rises, 1, gl.UNSIGNED_SHORT, false], ["foot", null], ["size", null]]);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles);
    const wide = mesh.indices.BYTES_PER_ELEMENT;
    for (const [start, count] of runs(mesh.tiles, planes)) gl.drawElements(gl.TRIANGLES, 3 * count, mesh.type, 3 * start * wide);
    graphics.unbind(user);
  }

  function drawThings(user, item, detail, planes) {
    const { shape, corners } = item[detail] || item;
    gl.uniform1i(user.uniforms.planted, item.kind);
    for (const [start, count] of runs(item.tiles, planes)) {
      graphics.bind(user, [["place", shape, 3], ["rise", null], ["foot", item.feet, 4, gl.FLOAT, false, 1, 16 * start], ["size", null]]);
      if (user.attributes.size !== undefined) gl.vertexAttrib4f(user.attributes.size, ...item.size, 0);
      gl.drawArraysInstanced(gl.TRIANGLES, 0, corners, count);
    }
    graphics.unbind(user);
  }

  /* Whether the last shadows still are those of this sun. */
  function shaded(sun) {
    return sun.strength > 0 && shadeSun !== null && sun.direction.every((part, k) => Math.abs(part - shadeSun[k]) < 0.02);
  }

  /* Draw with a camera under a sun what lies between two shares of the picture's width; `glass` makes the ground
     transparent over what was drawn before. */
  function draw(view, camera, sun, sky, map, glass, lateness, left, right) {
    const planes = culling && frustum(view, left, right);
    const u = shineOn(gl, town, view, camera, sun, sky, scene, lamps);
    gl.uniformMatrix4fv(u.shadeView, false, shadeView);
    gl.uniform1f(u.lateness, lateness);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, target.texture);
    gl.uniform1i(u.shade, 0);
    gl.uniform1f(u.shadeOn, sun.strength > 0 ? 1 : 0);
    gl.uniform1f(u.shadeStep, 1 / SHADE);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, map);
    gl.uniform1i(u.lamps, 1);
    beginSolids(gl, glass);
    meshes.forEach((mesh, rank) => {
      gl.polygonOffset(meshes.length - rank, 2 * (meshes.length - rank));
      gl.uniform3fv(u.tint, mix(mesh.night, mesh.day, sun.daylight));
      gl.uniform3fv(u.albedo, mesh.day);
      gl.uniform1i(u.surface, mesh.surface);
      gl.uniform1f(u.opacity, glass ? (mesh.name === "ground" ? 0.32 : mesh.surface === 0 ? 0.16 : 0.15) : 1);
      drawMesh(town, mesh, planes);
    });
    gl.disable(gl.POLYGON_OFFSET_FILL);
    gl.disable(gl.CULL_FACE);
    /* From far away people and cars are less than a pixel. */
    for (const item of glass ? [] : planted) {
      if (item.name !== "trees" && camera.at.distance > 1600) continue;
      gl.uniform3fv(u.tint, mix(item.night, item.day, sun.daylight));
      gl.uniform3fv(u.albedo, item.day);
      gl.uniform1i(u.surface, 2);
      gl.uniform1f(u.opacity, 1);
      drawThings(town, item, camera.at.distance > 900 ? "far" : "near", planes);
    }
    gl.activeTexture(gl.TEXTURE0);
  }

  return {
    draw, shadows, shaded, meshes, planted, mix, shade: () => ({ texture: target.texture, view: shadeView, size: SHADE }),
    cull: (on) => {
      culling = on;
      shadeKey = "";
    },
  };
}
