import assert from "node:assert/strict";
import { test } from "node:test";

import {
  aplAt, countChanges, curveOf, Cuts, shareAt,
} from "../../../../apl_engine/reports/zoning_page/assets/cuts.mjs";

const LAW = {
  shares: [[15, 1], [30, 1], [70, 1]],
  population: "population",
  straddling: "at_or_below",
  cuts: "cumulated",
};
// Ten territories of ten inhabitants each, by rising APL; the last has an imposed zone.
const EXACT = {
  law: LAW,
  territories: [3, 0, 1, 2, 4, 5, 6, 7, 8],
  people: Array(9).fill(10),
  held: [10, 10, 10, 10],
  blocks: null,
  zones: null,
  hidden: null,
};
const TERRITORIES = {
  apl: [20, 30, 40, 10, 50, 60, 70, 80, 90, 0],
  population: Array(10).fill(10),
  standardised: Array(10).fill(10),
  communes: Array(10).fill(2),
  zone: [1, 1, 2, 1, 2, 2, 2, 3, 3, 0],
  region: [0, 0, 0, 1, 1, 1, 1, 1, 1, 0],
};

test("the cuts of the law give the zones of the law", () => {
  const cuts = new Cuts(EXACT);
  assert.equal(cuts.unit, 10);
  assert.deepEqual(cuts.law, [150, 300, 700]);
  const { low, high } = cuts.zonesAt(cuts.law);
  assert.deepEqual([...low], [1, 1, 2, 2, 2, 2, 3, 3, 3]);
  assert.deepEqual(low, high);
});

test("a share equal to the cut is below it, and a tenth less is not", () => {
  const cuts = new Cuts(EXACT);
  assert.equal(cuts.zonesAt([200, 300, 700]).low[0], 0);
  assert.equal(cuts.zonesAt([199, 300, 700]).low[0], 1);
});

test("a territory across the cut goes where the rule says", () => {
  for (const [straddling, low] of [["at_or_below", 1], ["crossing", 0], ["nearest", 1]]) {
    const cuts = new Cuts({ ...EXACT, law: { ...LAW, straddling } });
    assert.equal(cuts.zonesAt([149, 300, 700]).low[0], low, straddling);
  }
  const nearest = new Cuts({ ...EXACT, law: { ...LAW, straddling: "nearest" } });
  assert.equal(nearest.zonesAt([151, 300, 700]).low[0], 0);
});

test("what changes is counted once, and by zones", () => {
  const cuts = new Cuts(EXACT);
  const none = countChanges(cuts, cuts.law, TERRITORIES);
  assert.equal(none.most.territories, 0);
  assert.deepEqual(none.flows, []);
  const changes = countChanges(cuts, [300, 400, 700], TERRITORIES);
  const counts = { territories: 2, communes: 4, people: 20 };
  assert.deepEqual(changes.flows[0], { from: 1, to: 0, least: counts, most: counts });
  const one = { territories: 1, communes: 2, people: 10 };
  assert.deepEqual(changes.flows[1], { from: 2, to: 1, least: one, most: one });
  assert.equal(changes.least.people, 30);
  const within = countChanges(cuts, [300, 400, 700], TERRITORIES, (i) => TERRITORIES.region[i] === 1);
  assert.equal(within.most.territories, 1);
});

test("of equal published APLs, and of those not published, only bounds are known", () => {
  // The second and third have the same APL; the fourth, which is last of its zone, has none.
  const published = {
    ...EXACT,
    zones: [0, 1, 1, 1, 2, 2, 2, 3, 3],
    blocks: [0, 1, 3, 4, 5, 6, 7, 8],
    hidden: [3],
    held: [0, 0, 0, 0],
  };
  const cuts = new Cuts(published);
  const law = cuts.zonesAt(cuts.law);
  assert.deepEqual([...law.low], published.zones);
  assert.deepEqual([...law.high], published.zones);
  const changes = countChanges(cuts, [300, 400, 700], TERRITORIES);
  const { low, high } = cuts.zonesAt([300, 400, 700]);
  // Room for one of three, whose order is not known; all of them are below the second cut.
  assert.deepEqual([...low], [0, 0, 0, 0, 2, 2, 2, 3, 3]);
  assert.deepEqual([...high], [0, 1, 1, 1, 2, 2, 2, 3, 3]);
  assert.deepEqual([changes.least.territories, changes.most.territories], [0, 3]);
});

test("the curve begins with imposed zones and ends with everybody", () => {
  const curve = curveOf(new Cuts(EXACT), TERRITORIES);
  assert.deepEqual(curve.apl, [10, 20, 30, 40, 50, 60, 70, 80, 90]);
  assert.deepEqual(curve.share, [20, 30, 40, 50, 60, 70, 80, 90, 100]);
  assert.equal(curve.start, 10);
  assert.equal(aplAt(curve, 30), 20);
  assert.equal(aplAt(curve, 30.1), 30);
  assert.equal(shareAt(curve, 9), 10);
  assert.equal(shareAt(curve, 10), 20);
  assert.equal(shareAt(curve, 1000), 100);
  const own = curveOf(new Cuts(EXACT), TERRITORIES, (i) => TERRITORIES.region[i] === 0);
  assert.deepEqual(own.apl, [20, 30, 40]);
  assert.deepEqual(own.share, [50, 75, 100]);
  assert.equal(own.start, 25);
});
