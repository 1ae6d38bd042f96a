import assert from "node:assert/strict";
import { test } from "node:test";

import { Grid, Topology } from "../../../../apl_engine/reports/zoning_page/assets/topology.mjs";

/** Arcs given as points with the unit on their left and right; y grows downwards. */
function coverage(arcs) {
  const points = arcs.map(({ points }) => points).flat();
  const from = [0];
  for (const arc of arcs) from.push(from.at(-1) + arc.points.length);
  return Topology.of(
    Float32Array.from(points, ([x]) => x), Float32Array.from(points, ([, y]) => y), Int32Array.from(from),
    Int32Array.from(arcs, ({ left }) => left), Int32Array.from(arcs, ({ right }) => right),
  );
}

// A square from 0 to 40; its left half is unit 0, with unit 2 wholly inside; its right half is
// unit 1, with a hole (the sea) wholly inside that touches its border with 0 at one point.
const ENCLAVES = coverage([
  { points: [[20, 0], [0, 0], [0, 40], [20, 40]], left: 0, right: -1 },
  { points: [[20, 40], [40, 40], [40, 0], [20, 0]], left: 1, right: -1 },
  { points: [[20, 0], [20, 20]], left: 1, right: 0 },
  { points: [[20, 20], [20, 40]], left: 1, right: 0 },
  { points: [[5, 5], [15, 5], [15, 15], [5, 15], [5, 5]], left: 0, right: 2 },
  { points: [[20, 20], [30, 15], [30, 25], [20, 20]], left: 1, right: -1 },
]);
const EACH = [0, 1, 2];

/** Points of a path as a canvas would get them. */
function traced(outlines, group, level = 0, view = { scale: 1, x: 0, y: 0 }) {
  const rings = [];
  const path = {
    moveTo: (x, y) => rings.push([[x, y]]),
    lineTo: (x, y) => rings.at(-1).push([x, y]),
    closePath: () => {},
  };
  outlines.trace(path, group, outlines.topology.level(level), view);
  return rings;
}

/** Signed area of a ring. */
function area(ring) {
  let twice = 0;
  ring.forEach(([x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length];
    twice += x * nextY - nextX * y;
  });
  return twice / 2;
}

function varints(numbers) {
  const bytes = [];
  for (const number of numbers) {
    let zigzag = ((number << 1) ^ (number >> 31)) >>> 0;
    do {
      bytes.push((zigzag & 127) | (zigzag > 127 ? 128 : 0));
      zigzag >>>= 7;
    } while (zigzag);
  }
  return bytes;
}

/** A block of arcs as the package writes it: y grows to the north. */
function block(arcs) {
  const differences = (values) => values.map((value, i) => value - (i ? values[i - 1] : 0));
  const firsts = arcs.map(({ points }) => points[0]);
  const steps = arcs.flatMap(({ points }) =>
    points.slice(1).map(([x, y], i) => [x - points[i][0], y - points[i][1]]),
  );
  return Uint8Array.from([
    arcs.length, 0, 0, 0,
    ...varints(arcs.map(({ points }) => points.length)),
    ...varints(differences(firsts.map(([x]) => x))), ...varints(differences(firsts.map(([, y]) => y))),
    ...varints(steps.map(([x]) => x)), ...varints(steps.map(([, y]) => y)),
    ...varints(differences(arcs.map(({ left }) => left))),
    ...varints(arcs.map(({ left, right }) => right - left)),
  ]);
}

test("blocks of arcs are read one after another, and y is turned", () => {
  const first = [
    { points: [[100, 200], [101, 190], [90, 180]], left: 3, right: -1 },
    { points: [[-5, 7], [300, 7]], left: 0, right: 3 },
  ];
  const second = [{ points: [[101, 190], [300, 7]], left: 7, right: 8 }];
  const topology = new Topology(block(first));
  assert.equal(topology.n, 2);
  topology.add(block(second));
  assert.equal(topology.n, 3);
  assert.deepEqual([...topology.x], [100, 101, 90, -5, 300, 101, 300]);
  assert.deepEqual([...topology.y], [-200, -190, -180, -7, -7, -190, -7]);
  assert.deepEqual([...topology.from], [0, 3, 5, 7]);
  assert.deepEqual([...topology.left], [3, 0, 7]);
  assert.deepEqual([...topology.right], [-1, 3, 8]);
  assert.deepEqual([...topology.boxes.subarray(0, 4)], [90, -200, 101, -180]);
  assert.equal(new Topology(new Uint8Array(4)).n, 0);
});

test("outlines go round units, with holes for enclaves and for the sea", () => {
  const outlines = ENCLAVES.rings(EACH, 3);
  const areas = EACH.map((unit) => traced(outlines, unit).map(area).map(Math.abs).sort((a, b) => b - a));
  assert.equal(areas[0][0] - areas[0][1], 700);
  assert.deepEqual(areas[2], [100]);
  // The hole touches the border, so that it may be a ring of its own or a part of the outer one.
  const right = traced(outlines, 1).map(area);
  assert.equal(Math.abs(right.reduce((sum, value) => sum + value, 0)), 750);
});

test("rings of a unit run opposite ways round land and holes", () => {
  const [outer, hole] = traced(ENCLAVES.rings(EACH, 3), 0).map(area);
  assert.ok(outer * hole < 0);
});

test("outlines of groups leave out the borders within", () => {
  const outlines = ENCLAVES.rings([0, 0, -1], 1);
  const areas = traced(outlines, 0).map((ring) => Math.abs(area(ring))).sort((a, b) => b - a);
  assert.deepEqual(areas, [1600, 100, 50]);
});

test("a point is in one unit, or in none", () => {
  const outlines = ENCLAVES.rings(EACH, 3);
  const places = [[2, 2, 0], [10, 10, 2], [16, 10, 0], [38, 38, 1], [28, 20, -1], [50, 5, -1], [-1, 5, -1]];
  for (const [x, y, unit] of places) assert.equal(outlines.at(x, y), unit, `${x}, ${y}`);
});

test("every point of a fine raster is in the unit that its side of the border says", () => {
  const outlines = ENCLAVES.rings(EACH, 3);
  for (let x = 0.5; x < 40; x++) {
    for (let y = 0.25; y < 40; y += 0.5) {
      const hole = x > 20 && x < 30 && Math.abs(y - 20) < (x - 20) / 2;
      const enclave = x > 5 && x < 15 && y > 5 && y < 15;
      const expected = enclave ? 2 : x < 20 ? 0 : hole ? -1 : 1;
      if (Math.abs(Math.abs(y - 20) - (x - 20) / 2) > 0.3) assert.equal(outlines.at(x, y), expected, `${x}, ${y}`);
    }
  }
});

test("levels thin the points of arcs and keep their ends", () => {
  const long = Array.from({ length: 101 }, (_, i) => [i, i % 2]);
  const topology = coverage([
    { points: long, left: 0, right: 1 },
    { points: [[100, 0], [50, 90], [0, 0]], left: 0, right: -1 },
    { points: [[0, 0], [50, -90], [100, 0]], left: 1, right: -1 },
  ]);
  let before = topology.x.length + 1;
  for (const number of [0, 2, 3, 5, 8]) {
    const level = topology.level(number);
    assert.ok(level.x.length < before);
    before = level.x.length;
    assert.deepEqual([level.x[0], level.y[0]], [0, 0]);
    const last = level.from[1] - 1;
    assert.deepEqual([level.x[last], level.y[last]], [100, 0]);
  }
});

test("neighbours share every point of their border at each level", () => {
  const border = Array.from({ length: 60 }, (_, i) => [Math.round(8 * Math.sin(i)), i]);
  const topology = coverage([
    { points: border, left: 0, right: 1 },
    { points: [border.at(-1), [40, 30], border[0]], left: 0, right: -1 },
    { points: [border.at(-1), [-40, 30], border[0]], left: -1, right: 1 },
  ]);
  const outlines = topology.rings([0, 1], 2);
  for (const level of [0, 1, 2, 4, 6]) {
    const own = topology.level(level);
    const shared = Array.from({ length: own.from[1] }, (_, i) => `${own.x[i]} ${own.y[i]}`);
    for (const unit of [0, 1]) {
      const points = new Set(traced(outlines, unit, level).flat().map(([x, y]) => `${x} ${y}`));
      for (const point of shared) assert.ok(points.has(point), `level ${level}, unit ${unit}: ${point}`);
    }
  }
});

test("the level goes by the size of a pixel", () => {
  assert.equal(Topology.levelFor(1), 0);
  assert.equal(Topology.levelFor(10), 0);
  const levels = [0.5, 0.1, 0.02, 0.005, 0.00001].map((scale) => Topology.levelFor(scale));
  assert.deepEqual(levels, [...levels].sort((a, b) => a - b));
  assert.ok(2 ** Topology.levelFor(0.02) * 0.02 < 1);
});

test("borders of groups are arcs that run as far as both sides stay the same", () => {
  const parts = ENCLAVES.dissolve([0, 1, 0]);
  const pairs = Array.from({ length: parts.n }, (_, i) => [parts.left[i], parts.right[i]].sort().join(" ")).sort();
  assert.deepEqual(pairs, ["-1 0", "-1 1", "-1 1", "0 1", "0 1"]);
  const outlines = parts.rings([0, 1], 2);
  assert.equal(outlines.at(10, 10), 0);
  assert.equal(outlines.at(28, 20), -1);
  const whole = ENCLAVES.dissolve([0, 0, 0]);
  // The coast is one closed arc, the hole another.
  assert.equal(whole.n, 2);
  assert.deepEqual([...whole.left].concat([...whole.right]).sort(), [-1, -1, 0, 0]);
});

test("borders joined against the direction of an arc keep their sides", () => {
  // A square whose border with the sea is two arcs of opposite directions.
  const topology = coverage([
    { points: [[0, 0], [10, 0], [10, 10]], left: -1, right: 0 },
    { points: [[0, 0], [0, 10], [10, 10]], left: 0, right: -1 },
  ]);
  const joined = topology.dissolve([0]);
  assert.equal(joined.n, 1);
  assert.equal(joined.from[1], 5);
  assert.equal(joined.rings([0], 1).at(5, 5), 0);
  const [ring] = traced(joined.rings([0], 1), 0);
  assert.equal(Math.abs(area(ring)), 100);
  // On a screen, what is to the left of a way is to its left when it goes up.
  assert.equal(Math.sign(area(traced(topology.rings([0], 1), 0)[0])), Math.sign(area(ring)));
});

test("centres are those of the largest ring", () => {
  const topology = coverage([
    { points: [[0, 0], [0, 10], [10, 10], [10, 0], [0, 0]], left: 0, right: -1 },
    { points: [[90, 90], [90, 91], [91, 91], [91, 90], [90, 90]], left: 0, right: -1 },
  ]);
  const { centres, boxes } = topology.rings([0], 1);
  assert.deepEqual([...centres].map(Math.round), [5, 5]);
  assert.deepEqual([...boxes], [0, 0, 91, 91]);
});

test("a path is moved and enlarged as the view says", () => {
  const [ring] = traced(ENCLAVES.rings(EACH, 3), 2, 0, { scale: 2, x: 1, y: -3 });
  for (const [x, y] of ring) {
    assert.ok(x === 11 || x === 31);
    assert.ok(y === 7 || y === 27);
  }
});

test("a grid knows which boxes are near a point", () => {
  const grid = new Grid(Float32Array.from([0, 0, 10, 10, 500, 500, 1200, 700, 990, 0, 1000, 5]), 400);
  assert.deepEqual([...grid.near(5, 5)], [0]);
  assert.deepEqual([...grid.near(900, 600)], [1]);
  assert.deepEqual([...grid.near(995, 2)], [2]);
  assert.deepEqual([...grid.near(-1, 2)], []);
  assert.deepEqual([...grid.near(5, 5000)], []);
  assert.deepEqual([...new Grid(new Float32Array(0)).near(1, 1)], []);
});
