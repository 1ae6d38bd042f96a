import assert from "node:assert/strict";
import { test } from "node:test";

import {
  hexOf, isDarkFill, lineShade, mixed, oklab, quantile, ramp, ratioTicks,
} from "../../../../apl_engine/reports/zoning_page/assets/colours.mjs";

const ZONES = ["#661a00", "#c44e10", "#f4a259", "#fdebd3"];

test("colours come back from OKLab as they were", () => {
  for (const colour of [...ZONES, "#000000", "#ffffff", "#0b57d0", "#12ef9a"]) {
    assert.equal(hexOf(oklab(colour)), colour);
  }
  const [lightness, a, b] = oklab("#ffffff");
  assert.ok(Math.abs(lightness - 1) < 1e-4 && Math.abs(a) < 1e-4 && Math.abs(b) < 1e-4);
});

test("a ramp runs evenly in lightness through its colours", () => {
  const colours = ramp(ZONES, 40);
  assert.equal(colours.length, 40);
  assert.equal(colours[0], ZONES[0]);
  assert.equal(colours.at(-1), ZONES.at(-1));
  const lightness = colours.map((colour) => oklab(colour)[0]);
  const steps = lightness.slice(1).map((value, i) => value - lightness[i]);
  const even = (lightness.at(-1) - lightness[0]) / 39;
  for (const step of steps) assert.ok(Math.abs(step - even) < 0.004, `${step} is not ${even}`);
  // Falling lightness runs the same way.
  assert.deepEqual(ramp([...ZONES].reverse(), 40), [...colours].reverse());
});

test("lines are light between dark zones and dark beside pale ones", () => {
  assert.deepEqual(ZONES.map(isDarkFill), [true, true, false, false]);
  assert.equal(lineShade(true, true), "light");
  assert.equal(lineShade(true, false), "dark");
  assert.equal(lineShade(false, true), "dark");
  assert.equal(lineShade(false, false), "dark");
});

test("mixed colours lie between", () => {
  assert.equal(mixed("#661a00", "#ffffff", 0), "#661a00");
  assert.equal(mixed("#661a00", "#ffffff", 1), "#ffffff");
  const [lightness] = oklab(mixed("#661a00", "#ffffff", 0.5));
  assert.ok(Math.abs(lightness - (oklab("#661a00")[0] + 1) / 2) < 0.01);
});

test("ticks are round and within", () => {
  assert.deepEqual(ratioTicks(25, 250), [50, 100, 200]);
  assert.deepEqual(ratioTicks(1, 10), [1, 2, 5, 10]);
  assert.deepEqual(ratioTicks(60, 70), []);
});

test("quantiles leave out what is not published", () => {
  assert.equal(quantile([null, 4, 1, null, 3, 2], 0.5), 2);
  assert.equal(quantile([5], 0.98), 5);
  assert.equal(quantile([null], 0.5), null);
});
