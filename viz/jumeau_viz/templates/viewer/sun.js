"use strict";
/* Where the sun stands on a day and at an hour of local time, and what its light looks like. */

function createSun(table) {
  const radians = Math.PI / 180, days = table.declination.length;

  /* Azimuth clockwise from north and elevation, in degrees. */
  function place(day, hour) {
    const k = Math.min(days - 1, Math.max(0, Math.floor(day)));
    const solar = hour - table.offset[k] + table.longitude / 15 + table.equation[k] / 60;
    const turned = 15 * (solar - 12) * radians, tilt = table.declination[k] * radians, north = table.latitude * radians;
    const up = Math.sin(north) * Math.sin(tilt) + Math.cos(north) * Math.cos(tilt) * Math.cos(turned);
    const east = -Math.cos(tilt) * Math.sin(turned);
    const ahead = Math.cos(north) * Math.sin(tilt) - Math.sin(north) * Math.cos(tilt) * Math.cos(turned);
    return { azimuth: (Math.atan2(east, ahead) / radians + 360) % 360, elevation: Math.asin(up) / radians };
  }

  function light(day, hour) {
    const { azimuth, elevation } = place(day, hour);
    const step = (low, high) => Math.min(1, Math.max(0, (elevation - low) / (high - low)));
    const turn = azimuth * radians, rise = Math.max(elevation, 3) * radians;
    return {
      azimuth, elevation,
      direction: [Math.sin(turn) * Math.cos(rise), Math.cos(turn) * Math.cos(rise), Math.sin(rise)],
      /* From 0 at the end of civil twilight to 1 in full day. */
      daylight: step(-6, 4),
      strength: step(-1, 6),
      colour: [1, 0.86 + 0.14 * step(0, 25), 0.66 + 0.34 * step(0, 30)],
    };
  }

  return { place, light, days };
}

/* Have a program draw the town as a camera sees it, under the sun, the sky and the lamps. */
function shineOn(gl, user, view, camera, sun, sky, scene, lamps) {
  const u = user.uniforms;
  gl.useProgram(user.program);
  gl.uniformMatrix4fv(u.view, false, view);
  gl.uniform3fv(u.eye, view.eye);
  gl.uniform3fv(u.sky, sky);
  gl.uniform3fv(u.sun, sun.direction);
  gl.uniform3fv(u.sunColour, sun.colour);
  gl.uniform1f(u.daylight, sun.daylight);
  gl.uniform1f(u.strength, sun.strength);
  gl.uniform1f(u.reach, Math.max(scene.reach, camera.at.distance * 0.5));
  gl.uniform1f(u.lampScale, lamps.scale);
  gl.uniform4fv(u.lampBox, lamps.box);
  return u;
}

/* Have what is drawn next lie on what lies below it; walls and roofs are closed: half of them is never seen. */
function beginSolids(gl, glass) {
  gl.enable(gl.POLYGON_OFFSET_FILL);
  gl.enable(gl.CULL_FACE);
  if (glass) {
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
  } else gl.disable(gl.BLEND);
}
