import assert from "node:assert/strict";
import { test } from "node:test";

import {
  aplScale, changeClass, classCounts, cutsOf, layersOf, nearestZone, paintOf, zoneCounts,
} from "../../../../apl_engine/reports/zoning_page/assets/layers.mjs";

const ZONES = ["#661a00", "#c44e10", "#f4a259", "#fdebd3"].map((colour) => ({ colour }));

function model(changes = {}) {
  return {
    meta: { zones: ZONES, cuts: [{ zone: 0, apl: 60 }, { zone: 1, apl: 78 }, { zone: 2, apl: 123 }] },
    territories: {
      code: ["a", "b", "c", "d", "e"], region: [0, 0, 1, 1, 1], zone: [0, 1, 2, 3, 0],
      apl: [40, 61, 100, 300, null], rank: [1, 2, 3, 4, null], population: [10, 20, 30, 40, 5],
      etp: [null, 0, 3, 12.5, null], practitioners: [null, null, null, null, null],
      before: null, ...changes,
    },
    units: { territory: [0, 1, 2, 3, 4, 2] },
    communes: null,
  };
}

const SHOWN = { layer: "zone", level: "territories", hidden: new Set(), region: -1 };

test("layers without a figure are not offered", () => {
  assert.deepEqual(layersOf(model()), ["zone", "apl", "etp", "distance"]);
  const before = { zone: [0, 0, 2, 3, 0], apl: [1, 1, 1, 1, 1] };
  assert.ok(layersOf(model({ before })).includes("change"));
  assert.deepEqual(layersOf(model({ apl: [null, null], etp: null })), ["zone"]);
});

test("zones are painted in their colours", () => {
  const { territories: classes, palette, dark } = paintOf(model(), SHOWN);
  assert.deepEqual([...classes].map((number) => palette[number]), [0, 1, 2, 3, 0].map((zone) => ZONES[zone].colour));
  assert.deepEqual([...classes].map((number) => dark[number]), [true, true, false, false, true]);
});

test("zones filtered out and other regions are told apart from the rest", () => {
  const { territories: classes, palette, plain } = paintOf(model(), { ...SHOWN, hidden: new Set([0]), region: 1 });
  assert.equal(palette[classes[0] % plain], "#ffffff");
  assert.ok(classes[1] >= plain);
  assert.notEqual(palette[classes[1]], ZONES[1].colour);
  assert.equal(palette[classes[2]], ZONES[2].colour);
});

test("figures not published are neutral, with a pattern", () => {
  const { territories: classes, patterned } = paintOf(model(), { ...SHOWN, layer: "apl" });
  assert.equal(classes[4], patterned);
  assert.ok([...classes].slice(0, 4).every((number) => number < patterned));
});

test("communes have their own figures once they are read", () => {
  const whole = model();
  assert.equal(paintOf(whole, { ...SHOWN, level: "communes", layer: "apl" }).communes, null);
  whole.communes = { code: ["1", "2", "3", "4", "5", "6"], apl: [40, 61, 100, 300, null, 41] };
  // A zone is that of the whole territory.
  assert.equal(paintOf(whole, { ...SHOWN, level: "communes" }).communes, null);
  const shades = paintOf(whole, { ...SHOWN, level: "communes", layer: "apl" }).communes;
  assert.ok(shades[5] - shades[0] <= 1 && shades[5] < shades[2]);
});

test("a higher APL is never painted darker", () => {
  const apl = Array.from({ length: 400 }, (_, i) => (i * i) / 400);
  const scale = aplScale(apl);
  const shades = apl.map(scale.shade);
  assert.deepEqual(shades, [...shades].sort((a, b) => a - b));
  assert.equal(shades[0], 0);
  assert.equal(shades.at(-1), scale.colours.length - 1);
  assert.equal(scale.across(scale.low), 0);
  assert.equal(scale.across(scale.high), 1);
  assert.ok(Math.abs(scale.across(Math.sqrt(scale.low * scale.high)) - 0.5) < 1e-9);
});

test("scales stand results of few or equal figures", () => {
  for (const values of [[], [null], [0], [70, 70, 70]]) {
    const scale = aplScale(values);
    assert.ok(scale.high > scale.low && scale.low > 0);
    assert.ok(Number.isInteger(scale.shade(70)));
  }
});

test("the distance is to the nearest cut beside the own zone", () => {
  const cuts = cutsOf(model().meta);
  assert.deepEqual(nearestZone(40, 0, cuts), { distance: 20, zone: 1 });
  assert.deepEqual(nearestZone(61, 1, cuts), { distance: 1, zone: 0 });
  assert.deepEqual(nearestZone(77, 1, cuts), { distance: 1, zone: 2 });
  assert.deepEqual(nearestZone(300, 3, cuts), { distance: 177, zone: 2 });
  // A cut between other zones is no way out, however near.
  assert.deepEqual(nearestZone(79, 3, cuts), { distance: 44, zone: 2 });
  assert.equal(nearestZone(null, 0, cuts), null);
  assert.equal(nearestZone(40, 0, []), null);
});

test("territories without rank have no distance", () => {
  const { territories: classes, patterned } = paintOf(model({ apl: [40, 61, 100, 300, 59] }), { ...SHOWN, layer: "distance" });
  assert.deepEqual([...classes], [4, 0, 4, 4, patterned]);
  const counts = classCounts(model(), "distance", -1);
  assert.equal(counts.reduce((sum, count) => sum + count), 5);
  assert.equal(classCounts(model(), "distance", 0).reduce((sum, count) => sum + count), 2);
});

test("changes go by the number of zones, either way", () => {
  const zones = [3, 2, 1, 0];
  assert.deepEqual(zones.map((before) => changeClass(before, 0)), [0, 0, 1, 2]);
  assert.deepEqual(zones.map((before) => changeClass(before, 3)), [2, 3, 4, 4]);
  assert.equal(changeClass(null, 1), null);
  assert.equal(changeClass(-1, 1), null);
});

test("circles are of the published figures, and of none that is filtered out", () => {
  const { circles } = paintOf(model(), { ...SHOWN, layer: "etp", hidden: new Set([3]) });
  assert.deepEqual(circles.values, [null, 0, 3, 0, null]);
  assert.equal(circles.most, 12.5);
});

test("zones are counted, in a region or everywhere", () => {
  assert.deepEqual(zoneCounts(model(), -1)[0], { territories: 2, people: 15 });
  assert.deepEqual(zoneCounts(model(), 0).map((count) => count.territories), [1, 1, 0, 0]);
});

test("communes that had another zone than their territory show their own change", () => {
  const whole = model({ before: { zone: [0, 1, 2, 3, 0] } });
  whole.communes = { code: ["1", "2", "3", "4", "5", "6"], before: { zone: [0, 1, 2, 3, 0, 1] } };
  const { territories, communes } = paintOf(whole, { ...SHOWN, level: "communes", layer: "change" });
  assert.deepEqual([...territories], [2, 2, 2, 2, 2]);
  assert.deepEqual([...communes], [2, 2, 2, 2, 2, 3]);
});
