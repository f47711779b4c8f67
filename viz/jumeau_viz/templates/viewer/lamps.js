"use strict";
/* The light of the lamps on the ground, added up in a map of the town: one map for each situation that is shown. */

function createLamps(graphics, scene, assets) {
  const gl = graphics.gl;
  const half = Boolean(gl.getExtension("EXT_color_buffer_float") || gl.getExtension("EXT_color_buffer_half_float"));
  const program = graphics.program(...SHADERS.lamp);
  const [west, south, , east, north] = scene.box;
  const side = Math.max(east - west, north - south);
  const box = new Float32Array([west, south, 1 / side, 1 / side]);
  /* Bytes hold up to 64 lx only. */
  const stored = half ? 1 : 1 / 64;
  const SIZE = Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE), side > 4000 ? 4096 : 2048);
  const corner = graphics.buffer(new Float32Array([-1, -1, 1, -1, 1, 1, -1, -1, 1, 1, -1, 1]));
  const sources = assets.filter((asset) => asset.light).map((asset) => {
    const feet = floats(asset.feet), heads = floats(asset.heads), n = asset.ids.length;
    const heights = new Float32Array(n);
    for (let i = 0; i < n; i++) heights[i] = heads[3 * i + 2] - feet[3 * i + 2];
    const colours = bytes(asset.light.colours), rows = asset.scenarios.length;
    return {
      asset, n, feet: graphics.buffer(feet), heights: graphics.buffer(heights), power: gl.createBuffer(),
      flux: floats(asset.light.flux), courses: floats(asset.light.courses),
      course: new Uint16Array(bytes(asset.light.course).buffer),
      hues: Array.from({ length: rows }, (_, row) => graphics.buffer(colours.slice(3 * n * row, 3 * n * (row + 1)))),
    };
  });
  const none = graphics.lightTarget(1, half);
  /* By place on the screen, in full and four times coarser for what moves. */
  const maps = [[], []], STALE = 500;

  /* Flux of each lamp of a source in a situation, at an hour, without those that are out of order [lm]. */
  function fluxes(source, row, hour, out) {
    const found = new Float32Array(source.n), slot = Math.floor((((hour % 24) + 24) % 24) * 2), start = row * source.n;
    for (let i = 0; i < source.n; i++) {
      if (out && out[i]) continue;
      found[i] = source.flux[start + i] * source.courses[48 * source.course[start + i] + slot];
    }
    return found;
  }

  /* Draw the map of one place on the screen; returns its texture. In a hurry the last full one does as long as it holds,
     then a coarser one that may be half a second old. */
  function light(pane, scenario, hour, outOf, on, hurry) {
    if (!sources.length || !on) return none.texture;
    const key = [scenario, Math.floor(hour * 2), ...sources.map((source) => outOf(source.asset, scenario).key)].join();
    const full = maps[0][pane], size = hurry ? SIZE / 4 : SIZE;
    if (full && full.key === key) return full.texture;
    const map = maps[hurry ? 1 : 0][pane] || (maps[hurry ? 1 : 0][pane] = { ...graphics.lightTarget(size, half), key: "", scenario: "", made: 0 });
    if (map.key === key) return map.texture;
    const now = window.performance.now();
    if (hurry && map.scenario === scenario && now - map.made < STALE) return map.texture;
    Object.assign(map, { key, scenario, made: now });
    gl.bindFramebuffer(gl.FRAMEBUFFER, map.frame);
    gl.viewport(0, 0, size, size);
    gl.disable(gl.SCISSOR_TEST);
    gl.disable(gl.DEPTH_TEST);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE);
    gl.useProgram(program.program);
    gl.uniform4fv(program.uniforms.box, box);
    gl.uniform1f(program.uniforms.scale, stored);
    for (const source of sources) {
      const named = source.asset.scenarios.findIndex((item) => item.name === scenario), row = Math.max(0, named);
      graphics.refill(source.power, fluxes(source, row, hour, outOf(source.asset, scenario).out));
      graphics.bind(program, [
        ["corner", corner, 2], ["foot", source.feet, 3, gl.FLOAT, false, 1], ["height", source.heights, 1, gl.FLOAT, false, 1],
        ["flux", source.power, 1, gl.FLOAT, false, 1], ["hue", source.hues[row], 3, gl.UNSIGNED_BYTE, true, 1],
      ]);
      gl.drawArraysInstanced(gl.TRIANGLES, 0, 6, source.n);
      graphics.unbind(program);
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    return map.texture;
  }

  /* Illuminance of the ground at a place [lx], by the same law, for whoever asks in figures. */
  function lux(x, y, scenario, hour) {
    let sum = 0;
    for (const source of sources) {
      const row = Math.max(0, source.asset.scenarios.findIndex((item) => item.name === scenario));
      const power = fluxes(source, row, hour, null), feet = floats(source.asset.feet), heads = floats(source.asset.heads);
      for (let i = 0; i < source.n; i++) {
        const h2 = Math.max(2, heads[3 * i + 2] - feet[3 * i + 2]) ** 2;
        const slant = h2 + (feet[3 * i] - x) ** 2 + (feet[3 * i + 1] - y) ** 2;
        sum += ((power[i] / Math.PI) * h2) / (slant * slant);
      }
    }
    return sum;
  }

  return { light, lux, box, scale: 1 / stored, any: sources.length > 0 };
}
