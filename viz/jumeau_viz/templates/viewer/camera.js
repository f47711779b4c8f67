"use strict";
/* An orbiting camera: where it looks from, how it flies, and the matrix that it gives. */

function createCamera(home, aspect, reach) {
  const at = { ...home, target: home.target.slice() };
  let flight = null;

  function axes() {
    const turn = (at.azimuth * Math.PI) / 180, rise = (at.elevation * Math.PI) / 180;
    const right = [Math.cos(turn), -Math.sin(turn), 0];
    const forward = [Math.sin(turn) * Math.cos(rise), Math.cos(turn) * Math.cos(rise), -Math.sin(rise)];
    const up = [
      right[1] * forward[2] - right[2] * forward[1],
      right[2] * forward[0] - right[0] * forward[2],
      right[0] * forward[1] - right[1] * forward[0],
    ];
    return { right, up, forward, eye: at.target.map((part, k) => part - at.distance * forward[k]) };
  }

  function matrix(width, height) {
    const a = axes(), wide = width / height, angle = Math.tan((at.viewAngle * Math.PI) / 360);
    /* A narrow window must still show the whole width that the pictures show. */
    const tall = wide < aspect ? (angle * aspect) / wide : angle;
    const near = Math.max(0.5, at.distance * 0.03), far = at.distance + reach * 6;
    const rows = [
      a.right.map((part) => part / (tall * wide)),
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
    made.eye = a.eye;
    return made;
  }

  /* Go on with a flight; tells whether it is still under way. */
  function step(time) {
    if (!flight) return false;
    if (flight.start === null) flight.start = time;
    const share = Math.min(1, (time - flight.start) / flight.duration), eased = share * share * (3 - 2 * share);
    for (const key of ["distance", "azimuth", "elevation"])
      at[key] = flight.from[key] + (flight.to[key] - flight.from[key]) * eased;
    at.target = flight.from.target.map((part, k) => part + (flight.to.target[k] - part) * eased);
    if (share === 1) flight = null;
    return true;
  }

  /* Fly to a viewpoint; readers who asked for less motion get there at once. */
  function fly(to) {
    const full = { ...home, ...to, target: (to.target || home.target).slice() };
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      flight = null;
      Object.assign(at, full);
    } else flight = { from: { ...at, target: at.target.slice() }, to: full, start: null, duration: 1100 };
  }

  function turn(azimuth, elevation) {
    flight = null;
    at.azimuth += azimuth;
    at.elevation = Math.min(89, Math.max(4, at.elevation + elevation));
  }

  function zoom(factor) {
    flight = null;
    at.distance = Math.min(home.distance * 3, Math.max(25, at.distance * factor));
  }

  /* Move by picture shares: (1, 0) is one picture width to the right. */
  function pan(across, upwards, wide) {
    flight = null;
    const a = axes(), tall = 2 * at.distance * Math.tan((at.viewAngle * Math.PI) / 360), turned = (at.azimuth * Math.PI) / 180;
    const north = (upwards * tall) / Math.max(Math.sin((at.elevation * Math.PI) / 180), 0.3);
    at.target[0] += a.right[0] * across * tall * wide + Math.sin(turned) * north;
    at.target[1] += a.right[1] * across * tall * wide + Math.cos(turned) * north;
  }

  return { at, axes, matrix, step, fly, turn, zoom, pan, home: () => fly({ ...home, target: home.target.slice() }) };
}
