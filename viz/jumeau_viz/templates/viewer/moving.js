"use strict";
/* The town while something moves on a machine that is too slow for all of it: what lies flat is a picture on the ground,
   buildings are lit by corner, the largest on the screen first. Made when it is first asked for. */

function createMovingTown(graphics, scene, lamps, town) {
  const gl = graphics.gl, DUSK = 0.4, KINDS = ["walls", "roofs", "slopes", "ground", "water", "green", "paths", "streets"];
  const picture = graphics.program(...SHADERS.picture), block = graphics.program(...SHADERS.block);
  const ball = graphics.program(...SHADERS.ball), paint = graphics.program(...SHADERS.paint);
  const side = 1 / lamps.box[2], SIZE = Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE), side > 6000 ? 4096 : 2048);
  const named = Object.fromEntries(town.meshes.map((mesh) => [mesh.name, mesh]));
  const flats = KINDS.slice(4).map((name) => named[name]).filter(Boolean), trees = town.planted.find((item) => item.name === "trees");
  /* By night all that lies flat has the hue of the ground. */
  const bright = (night) => night.reduce((sum, part) => sum + part, 0) / 3 / DUSK;
  const slopes = level(), blocks = cut(), laid = lay();
  /* Without smoothing: on a processor that takes a third to three quarters of the time of a texture. */
  const plain = nearest(gl.NEAREST), halved = nearest(gl.NEAREST_MIPMAP_NEAREST), compared = nearest(gl.NEAREST);
  gl.samplerParameteri(compared, gl.TEXTURE_COMPARE_MODE, gl.COMPARE_REF_TO_TEXTURE);
  gl.samplerParameteri(compared, gl.TEXTURE_COMPARE_FUNC, gl.LEQUAL);
  const share = (list) => new Float32Array(list.flat());

  /* Where the ground faces at its corners. */
  function level() {
    const { corners: c, indices } = named.ground, sums = new Float32Array(c.length), made = new Int8Array((4 * c.length) / 3);
    for (let i = 0; i < indices.length; i += 3) {
      const [p, q, r] = [3 * indices[i], 3 * indices[i + 1], 3 * indices[i + 2]];
      const across = normalOf(c, p, q, r);
      for (const at of [p, q, r]) for (let axis = 0; axis < 3; axis++) sums[at + axis] += across[axis];
    }
    for (let n = 0; 3 * n < c.length; n++) {
      const length = Math.hypot(sums[3 * n], sums[3 * n + 1], sums[3 * n + 2]) || 1;
      for (let axis = 0; axis < 3; axis++) made[4 * n + axis] = Math.round((127 * sums[3 * n + axis]) / length);
    }
    return graphics.buffer(made);
  }

  /* Across a triangle, twice as long as its area. */
  function normalOf(c, p, q, r) {
    const ax = c[q] - c[p], ay = c[q + 1] - c[p + 1], az = c[q + 2] - c[p + 2], bx = c[r] - c[p], by = c[r + 1] - c[p + 1], bz = c[r + 2] - c[p + 2];
    return [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
  }

  /* The triangles of the buildings one by one, with where they face and what they are of, the large ones first. */
  function cut() {
    const parts = KINDS.slice(0, 3).map((name, kind) => ({ mesh: named[name], kind })).filter((part) => part.mesh);
    const total = parts.reduce((sum, part) => sum + part.mesh.indices.length / 3, 0);
    const points = new Float32Array(9 * total), facing = new Int8Array(12 * total), rises = new Uint16Array(3 * total), areas = new Float32Array(total);
    let n = 0;
    for (const { mesh, kind } of parts)
      for (let i = 0; i < mesh.indices.length; i += 3, n++) {
        const p = 9 * n;
        for (let k = 0; k < 3; k++) {
          const from = mesh.indices[i + k];
          for (let axis = 0; axis < 3; axis++) points[p + 3 * k + axis] = mesh.corners[3 * from + axis];
          if (mesh.heights) rises[3 * n + k] = mesh.heights[from];
        }
        const [x, y, z] = normalOf(points, p, p + 3, p + 6), length = Math.hypot(x, y, z) || 1;
        for (let k = 0; k < 3; k++) facing.set([(127 * x) / length, (127 * y) / length, (127 * z) / length, kind], 12 * n + 4 * k);
        areas[n] = length / 2;
      }
    const sorted = sortIntoTiles(scene.box, total, points, 3, (i) => [3 * i, 3 * i + 1, 3 * i + 2], (i) => areas[i]);
    const moved = (source, wide) => {
      const made = new source.constructor(source.length);
      sorted.order.forEach((from, i) => made.set(source.subarray(wide * from, wide * from + wide), wide * i));
      return graphics.buffer(made);
    };
    return { ...sorted, points: moved(points, 9), facing: moved(facing, 12), rises: moved(rises, 3) };
  }

  /* The picture of what lies flat, roofs and trees seen from above: colours by day, and how bright they are by night. */
  function lay() {
    const tint = (item) => [...item.day, bright(item.night)];
    return graphics.pictureTarget(SIZE, () => {
      for (const kind of [gl.SCISSOR_TEST, gl.DEPTH_TEST, gl.BLEND, gl.CULL_FACE]) gl.disable(kind);
      gl.clearColor(...tint(named.ground));
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.useProgram(paint.program);
      gl.uniform4fv(paint.uniforms.box, lamps.box);
      gl.uniform1f(paint.uniforms.texels, 0);
      for (const mesh of [...flats, named.roofs, named.slopes].filter(Boolean)) {
        gl.uniform4fv(paint.uniforms.tint, tint(mesh));
        graphics.bind(paint, [["place", mesh.points, 3]]);
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles);
        gl.drawElements(gl.TRIANGLES, mesh.indices.length, mesh.type, 0);
      }
      if (trees) {
        gl.uniform4fv(paint.uniforms.tint, tint(trees));
        gl.uniform1f(paint.uniforms.texels, SIZE / side);
        graphics.bind(paint, [["place", trees.feet, 4]]);
        gl.drawArrays(gl.POINTS, 0, trees.count);
      }
      graphics.unbind(paint);
    });
  }

  function nearest(smaller) {
    const made = gl.createSampler();
    gl.samplerParameteri(made, gl.TEXTURE_MIN_FILTER, smaller);
    gl.samplerParameteri(made, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    for (const way of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.samplerParameteri(made, way, gl.CLAMP_TO_EDGE);
    return made;
  }

  function textures(user, list) {
    list.forEach(([name, texture, sampler], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.bindSampler(unit, sampler);
      gl.uniform1i(user.uniforms[name], unit);
    });
    gl.activeTexture(gl.TEXTURE0);
  }

  /* Draw both situations at once: `maps` of the lamps left and right of a share of the width. */
  function draw(view, camera, sun, sky, maps, cutAt, size, glass, lateness, level) {
    const zoom = size[1] / view.tall / 2, planes = frustum(view, 0, 1), right = maps[1] || maps[0];
    const light = (user, at) => {
      const u = shineOn(gl, user, view, camera, sun, sky, scene, lamps);
      gl.uniform1f(u.cut, at);
      return u;
    };
    beginSolids(gl, glass);
    /* Buildings before the ground: what they hide of it need not be lit. Through glass everything shows. */
    const under = () => ground(light(picture), camera, zoom, planes, maps, cutAt, size, sun, glass, level.unshaded);
    if (glass) under();
    const u = light(block, cutAt);
    textures(block, [["lamps", maps[0], plain], ["lampsRight", right, plain]]);
    gl.uniform1f(u.lateness, lateness);
    gl.uniform3fv(u["tints[0]"], share(KINDS.map((name) => (named[name] ? town.mix(named[name].night, named[name].day, sun.daylight) : [0, 0, 0]))));
    gl.uniform3fv(u["albedos[0]"], share(KINDS.map((name) => (named[name] ? named[name].day : [0, 0, 0]))));
    gl.uniform1f(u.opacity, glass ? 0.16 : 1);
    near(u, view, planes, zoom);
    gl.polygonOffset(1, 2);
    gl.uniform1i(u.kind, -1);
    graphics.bind(block, [["place", blocks.points, 3], ["facing", blocks.facing, 4, gl.BYTE, false], ["rise", blocks.rises, 1, gl.UNSIGNED_SHORT, false]]);
    for (const [start, count] of largest(blocks, planes, view.eye, zoom, level.triangles)) gl.drawArrays(gl.TRIANGLES, 3 * start, 3 * count);
    graphics.unbind(block);
    if (!glass) under();
    for (let unit = 0; unit < 4; unit++) gl.bindSampler(unit, null);
    gl.disable(gl.POLYGON_OFFSET_FILL);
    gl.disable(gl.CULL_FACE);
    if (trees && !glass) balls(view, planes, zoom, town.mix(trees.night, trees.day, sun.daylight));
  }

  function ground(u, camera, zoom, planes, maps, cutAt, size, sun, glass, unshaded) {
    const shade = town.shade(), mesh = named.ground, wide = mesh.indices.BYTES_PER_ELEMENT, found = runs(mesh.tiles, planes);
    gl.uniformMatrix4fv(u.shadeView, false, shade.view);
    gl.uniform1f(u.shadeOn, town.shaded(sun) && !unshaded ? 1 : 0);
    gl.uniform1f(u.opacity, glass ? 0.32 : 1);
    const night = named.ground.night, sum = night.reduce((total, part) => total + part, 0) / 3;
    gl.uniform3fv(u.dusk, night.map((part) => (part / sum) * DUSK));
    /* One size of the picture for the whole view: that of a pixel at the place looked at. */
    gl.uniform1f(u.level, Math.max(0, Math.round(Math.log2(((camera.at.distance / zoom) * SIZE) / side))));
    gl.polygonOffset(8, 16);
    graphics.bind(picture, [["place", mesh.points, 3], ["facing", slopes, 4, gl.BYTE, false]]);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles);
    /* A second time for the lamps of the situation on the right, which is cheaper than both lights for each pixel. */
    const at = Math.round(Math.min(cutAt, 1) * size[0]), halves = maps[1] && maps[1] !== maps[0] ? [[0, at], [at, size[0] - at]] : [null];
    halves.forEach((half, pane) => {
      textures(picture, [["laid", laid, halved], ["lamps", maps[pane], plain], ["shade", shade.texture, compared]]);
      if (half && !glass) {
        gl.enable(gl.SCISSOR_TEST);
        gl.scissor(half[0], 0, half[1], size[1]);
      }
      for (const [start, count] of found) gl.drawElements(gl.TRIANGLES, 3 * count, mesh.type, 3 * start * wide);
    });
    if (!glass) gl.disable(gl.SCISSOR_TEST);
    graphics.unbind(picture);
  }

  /* Where a texel of the picture would be seen as a square, streets and greens are drawn as they are. */
  function near(u, view, planes, zoom) {
    const within = (tile) => (zoom * side) / SIZE / gapTo(tile, view.eye) > 2.5;
    flats.forEach((mesh, rank) => {
      const tiles = mesh.tiles.filter(within);
      if (!tiles.length) return;
      gl.polygonOffset(7 - rank, 2 * (7 - rank));
      gl.uniform1i(u.kind, KINDS.indexOf(mesh.name));
      graphics.bind(block, [["place", mesh.points, 3], ["facing", null], ["rise", null]]);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles);
      for (const [start, count] of runs(tiles, planes)) gl.drawElements(gl.TRIANGLES, 3 * count, mesh.type, 3 * start * mesh.indices.BYTES_PER_ELEMENT);
    });
  }

  function balls(view, planes, zoom, tint) {
    gl.useProgram(ball.program);
    gl.uniformMatrix4fv(ball.uniforms.view, false, view);
    gl.uniform3fv(ball.uniforms.tint, tint);
    gl.uniform1f(ball.uniforms.zoom, zoom);
    /* Trees of less than three pixels are on the picture of the ground. */
    const tiles = trees.tiles.filter((tile) => (8 * zoom) / gapTo(tile, view.eye) > 3);
    graphics.bind(ball, [["foot", trees.feet, 4]]);
    for (const [start, count] of runs(tiles, planes)) gl.drawArrays(gl.POINTS, start, count);
    graphics.unbind(ball);
  }

  return { draw };
}
