"use strict";
/* The town in square tiles: what lies outside the picture is not drawn, and what is small on it comes last. */

const TILES = 10;

/* Planes of what a view shows, within a share of its width; each holds what is on its inner side. */
function frustum(view, left, right) {
  const row = (r) => [view[r], view[4 + r], view[8 + r], view[12 + r]];
  const [x, y, z, w] = [0, 1, 2, 3].map(row), sum = (one, a, other, b) => one.map((part, k) => a * part + b * other[k]);
  return [
    sum(x, 1, w, 1 - 2 * left), sum(x, -1, w, 2 * right - 1), sum(w, 1, y, 1), sum(w, 1, y, -1), sum(w, 1, z, 1), sum(w, 1, z, -1),
  ];
}

function within(tile, planes) {
  for (const p of planes) {
    const far = p[0] * (p[0] > 0 ? tile.high[0] : tile.low[0]) + p[1] * (p[1] > 0 ? tile.high[1] : tile.low[1])
      + p[2] * (p[2] > 0 ? tile.high[2] : tile.low[2]) + p[3];
    if (far < 0) return false;
  }
  return true;
}

/* Sort `count` things into tiles: `corners(i)` gives the places of the corners of one among `points` (of `stride`
   numbers), `size(i)` what comes first in a tile. Returns the order, the tiles with their bounds, and the sizes in order. */
function sortIntoTiles(box, count, points, stride, corners, size) {
  const [west, south, , east, north] = box, side = Math.max(east - west, north - south) || 1;
  const cell = new Uint16Array(count), order = new Uint32Array(count), starts = new Uint32Array(TILES * TILES + 1);
  const column = (value, low) => Math.min(TILES - 1, Math.max(0, Math.floor(((value - low) / side) * TILES)));
  for (let i = 0; i < count; i++) {
    const at = corners(i), p = stride * at[0];
    cell[i] = column(points[p + 1], south) * TILES + column(points[p], west);
    starts[cell[i] + 1]++;
  }
  for (let k = 0; k < TILES * TILES; k++) starts[k + 1] += starts[k];
  const next = starts.slice();
  for (let i = 0; i < count; i++) order[next[cell[i]]++] = i;
  const sizes = size && new Float32Array(count), tiles = [];
  if (size) for (let i = 0; i < count; i++) sizes[i] = size(i);
  for (let k = 0; k < TILES * TILES; k++) {
    const start = starts[k], end = starts[k + 1];
    if (start === end) continue;
    if (size) order.subarray(start, end).sort((a, b) => sizes[b] - sizes[a]);
    const tile = { start, end, low: [Infinity, Infinity, Infinity], high: [-Infinity, -Infinity, -Infinity] };
    for (let i = start; i < end; i++)
      for (const at of corners(order[i]))
        for (let axis = 0; axis < 3; axis++) {
          const value = points[stride * at + axis];
          if (value < tile.low[axis]) tile.low[axis] = value;
          if (value > tile.high[axis]) tile.high[axis] = value;
        }
    tiles.push(tile);
  }
  return { order, tiles, sizes: size && Float32Array.from(order, (i) => sizes[i]) };
}

/* Grow bounds by what stands around each point. */
function padded(tiles, metres) {
  for (const tile of tiles)
    for (let axis = 0; axis < 3; axis++) {
      tile.low[axis] -= metres;
      tile.high[axis] += metres;
    }
  return tiles;
}

/* Add [start, count] to a list, joined to the last where it goes on from there: each call to draw takes its time. */
function joined(found, start, count) {
  const last = found[found.length - 1];
  if (last && last[0] + last[1] === start) last[1] += count;
  else if (count) found.push([start, count]);
}

/* What a view shows, as [start, count]; of each tile a share. */
function runs(tiles, planes, share = 1) {
  const found = [];
  for (const tile of tiles) if (!planes || within(tile, planes)) joined(found, tile.start, Math.ceil((tile.end - tile.start) * share));
  return found;
}

/* Metres from the eye to the nearest corner of a tile. */
function gapTo(tile, eye) {
  let sum = 0;
  for (let axis = 0; axis < 3; axis++) sum += Math.max(tile.low[axis] - eye[axis], 0, eye[axis] - tile.high[axis]) ** 2;
  return Math.max(Math.sqrt(sum), 1);
}

/* The largest things on the picture, at most about `budget` of them: `sizes` [m2] are seen as so many pixels. */
function largest(sorted, planes, eye, zoom, budget) {
  const { tiles, sizes } = sorted;
  const seen = tiles.filter((tile) => within(tile, planes)).map((tile) => ({ tile, perPixel: (gapTo(tile, eye) / zoom) ** 2 }));
  const upTo = ({ tile, perPixel }, pixels) => {
    let low = tile.start, high = tile.end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sizes[middle] >= pixels * perPixel) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const total = (pixels) => seen.reduce((sum, item) => sum + upTo(item, pixels) - item.tile.start, 0);
  let least = Math.log(0.3), most = Math.log(1e7);
  if (total(Math.exp(least)) > budget) {
    for (let k = 0; k < 14; k++) {
      const middle = (least + most) / 2;
      if (total(Math.exp(middle)) > budget) least = middle;
      else most = middle;
    }
    least = most;
  }
  const found = [];
  for (const item of seen) joined(found, item.tile.start, upTo(item, Math.exp(least)) - item.tile.start);
  return found;
}
