import assert from "node:assert/strict";
import { test } from "node:test";

import { MapNames } from "../../../../apl_engine/reports/zoning_page/assets/map_names.mjs";
import { Topology } from "../../../../apl_engine/reports/zoning_page/assets/topology.mjs";

/** Squares of ten steps, one beside the other, each the border of one commune. */
function model(names, population, boundaries = { communes: true }) {
  const x = [], y = [], from = [0];
  names.forEach((_, i) => {
    x.push(10 * i, 10 * i + 10, 10 * i + 10, 10 * i, 10 * i);
    y.push(0, 0, 10, 10, 0);
    from.push(x.length);
  });
  const units = names.map((_, i) => i);
  return {
    meta: { boundaries },
    communes: { name: names, population },
    territories: { name: names, population, region: names.map(() => 0) },
    units: { territory: units, region: names.map((_, i) => i % 2) },
    topology: Topology.of(
      Float32Array.from(x), Float32Array.from(y), Int32Array.from(from), Int32Array.from(units),
      Int32Array.from(names, () => -1),
    ),
  };
}

const SHOWN = {
  ratio: 1, home: 10, region: null, territory: null, commune: null, taken: [], leaves: () => false,
};
const centres = (n) => ({ centres: Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? 5 : 5 * i + 5)) });
const measure = (text) => 10 * text.length;

function shownNames(names, view, changes = {}, size = [800, 400]) {
  names.place(view, size, { ...SHOWN, ...changes });
  return names.shown.map(({ place }) => place.name);
}

test("the most populous are named where names would overlap", () => {
  const names = new MapNames(model(["Aaaaa", "Bbbbb", "Ccccc"], [10, 30, 20]), () => centres(3), measure);
  assert.deepEqual(shownNames(names, { scale: 10, x: 50, y: 50 }), ["Bbbbb", "Ccccc", "Aaaaa"]);
  assert.deepEqual(shownNames(names, { scale: 3, x: 50, y: 50 }), ["Bbbbb"]);
  const [{ place }] = names.shown;
  assert.deepEqual([place.x, place.y], [15, 5]);
});

test("the chosen is named, and first; taken places stay free", () => {
  const names = new MapNames(model(["Aaaaa", "Bbbbb", "Ccccc"], [10, 30, 20]), () => centres(3), measure);
  const view = { scale: 3, x: 50, y: 50 };
  assert.deepEqual(shownNames(names, view, { territory: 0, commune: 0 }), ["Aaaaa", "Ccccc"]);
  assert.deepEqual(shownNames(names, view, { territory: 0 }), ["Aaaaa", "Ccccc"]);
  const taken = [[0, 0, 800, 400]];
  assert.deepEqual(shownNames(names, view, { taken }), []);
  assert.deepEqual(shownNames(names, view, { taken, territory: 2, commune: 2 }), ["Ccccc"]);
  assert.deepEqual(shownNames(names, { scale: 10, x: 50, y: 50 }, { leaves: ({ name }) => name !== "Aaaaa" }), ["Aaaaa"]);
});

test("those of the chosen region come first", () => {
  const names = new MapNames(model(["Aaaaa", "Bbbbb", "Ccccc"], [10, 30, 20]), () => centres(3), measure);
  assert.deepEqual(shownNames(names, { scale: 10, x: 50, y: 50 }, { region: 0 }), ["Ccccc", "Aaaaa", "Bbbbb"]);
});

test("a city is one name from afar, and its parts close by", () => {
  const names = new MapNames(
    model(["Paris 1er Arrondissement", "Paris 2e Arrondissement", "Vanves"], [20, 10, 5]), () => centres(3), measure,
  );
  assert.deepEqual(shownNames(names, { scale: 7, x: 50, y: 50 }), ["Paris", "Vanves"]);
  assert.deepEqual(shownNames(names, { scale: 20, x: 50, y: 50 }), ["Paris 1er", "Paris 2e", "Vanves"]);
});

test("territories are named where there are no outlines of communes", () => {
  const names = new MapNames(model(["Aa", "Bb"], [1, 2], { communes: false }), () => centres(2), measure);
  assert.deepEqual(shownNames(names, { scale: 10, x: 50, y: 50 }), ["Bb", "Aa"]);
  assert.equal(names.shown[0].place.commune, -1);
});
