import assert from "node:assert/strict";
import { test } from "node:test";

import { linearScale, roundStep, ticksTo } from "../../../../apl_engine/reports/zoning_page/assets/charts.mjs";
import { highestShown, isDark } from "../../../../apl_engine/reports/zoning_page/assets/curve.mjs";
import { ruleNumber } from "../../../../apl_engine/reports/zoning_page/assets/method.mjs";
import { articleRows, histogramOf } from "../../../../apl_engine/reports/zoning_page/assets/national.mjs";

test("axes have round values", () => {
  assert.equal(linearScale(0, 50, 100, 200)(25), 150);
  assert.deepEqual([0.07, 1, 1.2, 3, 7].map(roundStep), [0.1, 1, 2, 5, 10]);
  assert.deepEqual(ticksTo(300, 6), [0, 50, 100, 150, 200, 250, 300]);
  assert.deepEqual(ticksTo(3.7, 4), [0, 1, 2, 3]);
});

test("inhabitants are counted by APL and zone", () => {
  const territories = {
    apl: [0, 4.99, 5, 19, 60, null, 3],
    population: [1, 2, 4, 8, 16, 32, 64],
    zone: [0, 0, 1, 1, 1, 1, -1],
  };
  assert.deepEqual(histogramOf(territories, 2, 5, 20), {
    bins: [[3, 0], [0, 4], [0, 0], [0, 8], [0, 16]],
    missing: [0, 32],
  });
  const { bins, missing } = histogramOf(territories, 2, 5, 20, (i) => i !== 2, (i) => i > 0);
  assert.deepEqual(bins, [[2, 0], [0, 0], [0, 0], [0, 8], [0, 16]]);
  assert.deepEqual(missing, [1, 32]);
});

test("a misprinted row of article VI comes as printed and as corrected", () => {
  const row = (region, zone, share, published, corrected = null) => ({
    region, region_name: region, zone, share, published, corrected,
    difference: share - published,
    corrected_difference: corrected === null ? null : share - corrected,
  });
  const rows = articleRows([
    row("52", "a", 20, 15), row("52", "b", 10, 12),
    row("94", "a", 1, 4, 0), row("94", "b", 4, 24, 4),
    { ...row("06", "a", 0, 100), share: null },
  ]);
  assert.deepEqual(rows.map(({ region, corrected }) => [region, corrected]), [["52", false], ["94", false], ["94", true]]);
  assert.deepEqual(rows[0].cells.get("b"), { share: 10, text: 12, difference: -2 });
  assert.deepEqual(rows[1].cells.get("a"), { share: 1, text: 4, difference: -3 });
  assert.deepEqual(rows[2].cells.get("a"), { share: 1, text: 0, difference: 1 });
});

test("rules are numbers or fractions", () => {
  assert.equal(ruleNumber(15), 15);
  assert.equal(ruleNumber("1/3"), 1 / 3);
});

test("white is for dark colours, and charts end where few are left", () => {
  assert.deepEqual(["#661a00", "#c44e10", "#f4a259", "#fdebd3"].map(isDark), [true, true, false, false]);
  assert.equal(highestShown({ apl: [10, 120, 900], share: [50, 99, 100] }), 150);
  assert.equal(highestShown({ apl: [], share: [] }), 50);
});
