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
      panes: [0, 1].map(() => ({ shown: new Uint8Array(count), shades: gl.createBuffer(), wide: gl.createBuffer() })),
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
      made.middle = graphics.buffer(middle);
      made.aside = graphics.buffer(aside);
      made.triangles = graphics.buffer(meshIndices(asset.ribbon), gl.ELEMENT_ARRAY_BUFFER);
      made.type = asset.ribbon.wide ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT;
      made.corners = asset.ribbon.count;
    }
    return made;
  }

  /* Give the colours of a layer in one place on the screen: red, green, blue, and what is told of each asset: 255 that
     it exists, 254 that it is out of order, 253 that something is wrong there, 0 that it is not there. */
  function colour(number, pane, shades) {
    const layer = layers[number], here = layer.panes[pane];
    for (let i = 0; i < layer.count; i++) here.shown[i] = shades[4 * i + 3] > 0 ? 1 : 0;
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

  function draw(number, pane, view, light, below) {
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
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, layer.triangles);
      gl.drawElements(gl.TRIANGLES, layer.corners, layer.type, 0);
      graphics.unbind(ribbon);
    }
    if (layer.kind === "pole") {
      gl.disable(gl.BLEND);
      gl.useProgram(plain.program);
      gl.uniformMatrix4fv(plain.uniforms.view, false, view);
      graphics.bind(plain, [["place", layer.poles, 3], ["shade", here.wide, 4, gl.UNSIGNED_BYTE, true]]);
      gl.drawArrays(gl.LINES, 0, layer.count * 2);
      graphics.unbind(plain);
    }
  }

  function markers(number, pane, view, light) {
    const layer = layers[number], here = layer.panes[pane];
    points(view, light, layer.headBuffer, here.shades, layer.count, layer.marker, layer.kind === "line" ? 1 : 0, 5);
  }

  /* Vehicles under way: `places` holds three numbers each. */
  function vehicles(places, tone, view, light) {
    if (!places.length) return;
    const shades = new Uint8Array((4 * places.length) / 3);
    for (let i = 0; i < shades.length; i += 4) shades.set([...tone, 255], i);
    graphics.refill(trucks.points, new Float32Array(places));
    graphics.refill(trucks.shades, shades);
    points(view, light, trucks.points, trucks.shades, places.length / 3, 14, 0, 9);
  }

  function points(view, light, where, shades, count, size, only, metres) {
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
    gl.depthMask(false);
    /* What a building hides shows faintly; what lies under transparent ground shows as it is. */
    gl.depthFunc(gl.GREATER);
    gl.uniform1f(u.strength, light.through ? 1 : 0.4);
    gl.drawArrays(gl.POINTS, 0, count);
    gl.depthFunc(gl.LEQUAL);
    gl.depthMask(true);
    gl.uniform1f(u.strength, 1);
    gl.drawArrays(gl.POINTS, 0, count);
    graphics.unbind(marker);
  }

  return { layers, colour, draw, markers, vehicles };
}
