"use strict";
/* One layer of assets: ribbons, poles and markers, coloured for each place on the screen. */

function createLayers(graphics, scene, assets) {
  const gl = graphics.gl;
  const plain = graphics.program(...SHADERS.plain), ribbon = graphics.program(...SHADERS.ribbon);
  const marker = graphics.program(...SHADERS.marker);
  const layers = assets.map(prepare);
  const trucks = { points: gl.createBuffer(), shades: gl.createBuffer() };

  function prepare(asset) {
    const feet = floats(asset.feet), heads = floats(asset.heads), count = asset.ids.length;
    const made = {
      kind: asset.geometry, underground: asset.underground, marker: asset.marker, heads, count,
      headBuffer: graphics.buffer(heads),
      panes: [0, 1].map(() => ({ shown: new Uint8Array(count), shades: gl.createBuffer(), wide: gl.createBuffer(), told: gl.createBuffer(), toldCount: 0 })),
    };
    if (asset.geometry === "pole") {
      const poles = new Float32Array(count * 6);
      for (let i = 0; i < count; i++) {
        poles.set([feet[3 * i], feet[3 * i + 1], feet[3 * i + 2], feet[3 * i], feet[3 * i + 1], heads[3 * i + 2]], 6 * i);
      }
      made.poles = graphics.buffer(poles);
    }
    if (asset.geometry === "line") {
      const points = floats(asset.ribbon.points), n = points.length / 3;
      const aside = new Float32Array(2 * n), middle = new Float32Array(3 * n);
      /* Four corners a piece: start and end on one side, end and start on the other. */
      for (let v = 0; v + 3 < n; v += 4)
        for (let k = 0; k < 4; k++) {
          const own = 3 * (v + k), across = 3 * (v + 3 - k), dx = points[own] - points[across], dy = points[own + 1] - points[across + 1];
          const length = Math.hypot(dx, dy) || 1;
          aside.set([dx / length, dy / length], 2 * (v + k));
          middle.set([(points[own] + points[across]) / 2, (points[own + 1] + points[across + 1]) / 2, points[own + 2]], own);
        }
      made.owner = new Uint32Array(bytes(asset.ribbonOwner).buffer);
      made.middles = middle;
      made.middle = graphics.buffer(middle);
      made.aside = graphics.buffer(aside);
      made.indices = meshIndices(asset.ribbon);
      made.triangles = graphics.buffer(made.indices, gl.ELEMENT_ARRAY_BUFFER);
      made.type = asset.ribbon.wide ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT;
      made.corners = asset.ribbon.count;
    }
    return made;
  }

  /* Give the colours of a layer in one place on the screen: red, green, blue, and what is told of each asset: 255 that
     it exists, 254 that it is out of order, 253 that something is wrong there, 0 that it is not there. */
  function colour(number, pane, shades) {
    const layer = layers[number], here = layer.panes[pane];
    const told = [];
    for (let i = 0; i < layer.count; i++) {
      here.shown[i] = shades[4 * i + 3] > 0 ? 1 : 0;
      if (here.shown[i] && shades[4 * i + 3] < 255) told.push(i);
    }
    /* Those of which something is told: the only markers of a line, and the ones that no movement leaves out. */
    here.toldCount = told.length;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, here.told);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint32Array(told), gl.DYNAMIC_DRAW);
    graphics.refill(here.shades, shades);
    if (layer.kind === "line") graphics.refill(here.wide, repeat(shades, (i) => layer.owner[i], layer.owner.length));
    if (layer.kind === "pole") {
      const grey = repeat(shades, (i) => i >> 1, layer.count * 2);
      for (let i = 0; i < grey.length; i += 4) grey.set(scene.night.poles, i);
      graphics.refill(here.wide, grey);
    }
  }

  function repeat(shades, from, length) {
    const made = new Uint8Array(4 * length), wide = new Uint32Array(made.buffer), source = new Uint32Array(shades.buffer);
    for (let i = 0; i < length; i++) wide[i] = source[from(i)];
    return made;
  }

  /* The same in tiles, for pictures that cannot take all of it: pieces of lines with the long ones first, markers so
     that the first of a tile are spread over it. */
  function tiled(layer) {
    if (layer.tiled) return layer.tiled;
    if (layer.kind === "line") {
      const piece = (i) => [layer.indices[6 * i], layer.indices[6 * i + 1], layer.indices[6 * i + 2], layer.indices[6 * i + 5]];
      const m = layer.middles, length = (a, b) => (m[3 * a] - m[3 * b]) ** 2 + (m[3 * a + 1] - m[3 * b + 1]) ** 2;
      layer.tiled = sortIntoTiles(scene.box, layer.indices.length / 6, m, 3, piece, (i) => {
        const [a, b, c, d] = piece(i);
        return Math.max(length(a, b), length(a, c), length(a, d));
      });
      const sorted = new layer.indices.constructor(layer.indices.length);
      layer.tiled.order.forEach((from, i) => sorted.set(layer.indices.subarray(6 * from, 6 * from + 6), 6 * i));
      layer.tiled.buffer = graphics.buffer(sorted, gl.ELEMENT_ARRAY_BUFFER);
    } else {
      /* Multiples of the golden ratio, of which any first few are spread evenly. */
      layer.tiled = sortIntoTiles(scene.box, layer.count, layer.heads, 3, (i) => [i], (i) => (i * 0.6180339887) % 1);
      layer.tiled.buffer = graphics.buffer(layer.tiled.order, gl.ELEMENT_ARRAY_BUFFER);
    }
    return layer.tiled;
  }

  /* `coarse`, where not null, says how much may be drawn and what of the picture's width is to be seen. */
  function draw(number, pane, view, light, below, coarse) {
    const layer = layers[number], here = layer.panes[pane];
    if (layer.kind === "line") {
      gl.disable(gl.BLEND);
      gl.useProgram(ribbon.program);
      gl.uniformMatrix4fv(ribbon.uniforms.view, false, view);
      gl.uniform3fv(ribbon.uniforms.rim, light.rim);
      gl.uniform1f(ribbon.uniforms.least, 1.7 * light.scale);
      gl.uniform1f(ribbon.uniforms.perPixel, (2 * view.tall) / light.height);
      gl.uniform1f(ribbon.uniforms.sink, below ? 3.5 : 0);
      graphics.bind(ribbon, [["place", layer.middle, 3], ["aside", layer.aside, 2], ["shade", here.wide, 4, gl.UNSIGNED_BYTE, true]]);
      const wide = layer.indices.BYTES_PER_ELEMENT;
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, coarse ? tiled(layer).buffer : layer.triangles);
      const drawn = coarse ? largest(tiled(layer), frustum(view, ...coarse.span), view.eye, light.height / view.tall / 2, coarse.pieces) : [[0, layer.corners / 6]];
      for (const [start, count] of drawn) gl.drawElements(gl.TRIANGLES, 6 * count, layer.type, 6 * start * wide);
      graphics.unbind(ribbon);
    }
    if (layer.kind === "pole" && (!coarse || coarse.poles)) {
      gl.disable(gl.BLEND);
      gl.useProgram(plain.program);
      gl.uniformMatrix4fv(plain.uniforms.view, false, view);
      graphics.bind(plain, [["place", layer.poles, 3], ["shade", here.wide, 4, gl.UNSIGNED_BYTE, true]]);
      gl.drawArrays(gl.LINES, 0, layer.count * 2);
      graphics.unbind(plain);
    }
  }

  function markers(number, pane, view, light, coarse) {
    const layer = layers[number], here = layer.panes[pane];
    const told = () => {
      if (!here.toldCount) return;
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, here.told);
      gl.drawElements(gl.POINTS, here.toldCount, gl.UNSIGNED_INT, 0);
    };
    if (layer.kind === "line") {
      points(view, light, layer.headBuffer, here.shades, told, layer.marker, 1, 5, Boolean(coarse));
      return;
    }
    if (!coarse) {
      points(view, light, layer.headBuffer, here.shades, () => gl.drawArrays(gl.POINTS, 0, layer.count), layer.marker, 0, 5, false);
      return;
    }
    const { tiles, buffer } = tiled(layer), planes = frustum(view, ...coarse.span), seen = tiles.filter((tile) => within(tile, planes));
    const share = Math.min(1, coarse.markers / Math.max(1, seen.reduce((sum, tile) => sum + tile.end - tile.start, 0)));
    points(view, light, layer.headBuffer, here.shades, () => {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
      for (const [start, count] of runs(seen, null, share)) gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 4 * start);
      if (share < 1) told();
      /* Those that are left stand for the others: they cover as much of the picture, up to four times their own share. */
    }, layer.marker * Math.min(2, 1 / Math.sqrt(share)), 0, 5, true);
  }

  /* Vehicles under way: `places` holds three numbers each. */
  function vehicles(places, tone, view, light) {
    if (!places.length) return;
    const shades = new Uint8Array((4 * places.length) / 3);
    for (let i = 0; i < shades.length; i += 4) shades.set([...tone, 255], i);
    graphics.refill(trucks.points, new Float32Array(places));
    graphics.refill(trucks.shades, shades);
    points(view, light, trucks.points, trucks.shades, () => gl.drawArrays(gl.POINTS, 0, places.length / 3), 14, 0, 9, false);
  }

  /* `once`: without what is behind buildings, which takes the same time again. */
  function points(view, light, where, shades, put, size, only, metres, once) {
    const u = marker.uniforms;
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    gl.useProgram(marker.program);
    gl.uniformMatrix4fv(u.view, false, view);
    gl.uniform3fv(u.rim, light.rim);
    gl.uniform1f(u.daylight, light.daylight);
    gl.uniform1i(u.only, only);
    gl.uniform1f(u.least, size * light.scale);
    gl.uniform1f(u.zoom, (metres * light.height) / view.tall / 2);
    graphics.bind(marker, [["place", where, 3], ["shade", shades, 4, gl.UNSIGNED_BYTE, true]]);
    /* What a building hides shows faintly; what lies under transparent ground shows as it is. */
    if (!once) {
      gl.depthMask(false);
      gl.depthFunc(gl.GREATER);
      gl.uniform1f(u.strength, light.through ? 1 : 0.4);
      put();
    }
    gl.depthFunc(once && light.through ? gl.ALWAYS : gl.LEQUAL);
    gl.depthMask(true);
    gl.uniform1f(u.strength, 1);
    put();
    gl.depthFunc(gl.LEQUAL);
    graphics.unbind(marker);
  }

  return { layers, colour, draw, markers, vehicles };
}
