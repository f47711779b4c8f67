"use strict";
/* How much is drawn while something moves: the best level that still gives enough frames. Full quality at rest. */

const LEVELS = [
  /* Share of the pixels a side, whether the plain drawing stands in, how many triangles of buildings, markers and pieces of
     lines it takes at most, and whether it goes without shadows. */
  { scale: 1, plain: false },
  { scale: 0.75, plain: false },
  { scale: 0.75, plain: true, triangles: 40000, markers: 30000, pieces: 12000 },
  { scale: 0.5, plain: true, triangles: 24000, markers: 16000, pieces: 6000 },
  { scale: 0.5, plain: true, triangles: 12000, markers: 10000, pieces: 4000 },
  { scale: 0.375, plain: true, triangles: 6000, markers: 7000, pieces: 2500 },
  { scale: 0.3, plain: true, triangles: 2500, markers: 5000, pieces: 1500, unshaded: true },
  { scale: 0.25, plain: true, triangles: 1500, markers: 3000, pieces: 1000, unshaded: true },
];

/* `first`: where to begin; the level found is kept for the next movement. Times are in milliseconds. */
function createPace(first) {
  /* 25 frames a second leave 40 ms to each; a level is left for a better one where there is time for twice the work. */
  const SLOW = 38, FAST = 23, AWFUL = 90, SEEN = 6;
  let level = first, forced = null, gaps = [], clock = 0, patience = 1500, risen = -Infinity, settled = 0;

  function to(next) {
    level = Math.min(LEVELS.length - 1, Math.max(0, next));
    gaps = [];
    settled = clock;
  }

  /* Tell how long after the one before a frame came; returns the level of the next. */
  function feed(gap) {
    clock += gap;
    gaps.push(gap);
    const mean = gaps.reduce((sum, part) => sum + part, 0) / gaps.length;
    if (gaps.length >= SEEN || (gaps.length >= 2 && mean > AWFUL)) {
      if (mean > SLOW) {
        /* A step up that had to be taken back is not tried again for twice as long. */
        if (clock - risen < 2000) patience = Math.min(60000, patience * 2);
        to(level + (mean > AWFUL ? 2 : 1));
      } else if (mean < FAST && level > 0 && clock - settled > patience) {
        risen = clock;
        to(level - 1);
      } else gaps.shift();
    }
    return current();
  }

  function current() {
    return forced === null ? level : forced;
  }

  /* A pause says nothing of speed: the frames before it are forgotten. */
  return { feed, current, pause: () => { gaps = []; }, force: (number) => { forced = number; } };
}
