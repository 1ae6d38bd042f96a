import assert from "node:assert/strict";
import { test } from "node:test";

const assets = "../../../../apl_engine/reports/zoning_page/assets/";
const {
  aidsChanged,
  aidsOn,
  countRanked,
  cutAfter,
  distanceTo,
  neighboursInOrder,
  shareWithLess,
  suppliersOf,
  zoneName,
} = await import(`${assets}facts.mjs`);

const model = () => ({
  meta: {
    zones: [{ label: "Très sous dotée" }, { label: "Sous dotée" }, { label: "Intermédiaire" }],
    cuts: [
      { zone: 0, apl: 40, next: 42 },
      { zone: 1, apl: 60, next: 61 },
    ],
    card: { per: 100000, reasons: [{ kind: "ranked" }, { kind: "imposed" }, { kind: "adapted" }] },
  },
  territories: {
    code: ["a", "b", "c", "d", "e", "f"],
    zone: [0, 0, 1, 1, 2, 0],
    apl: [30, null, 50, 50, 80, 0],
    population: [100, 200, 300, 50, 350, 1000],
    standardised: [100, 200, 20000, 50, 350, 1000],
    rank: [1, null, 3, 3, 5, null],
    reason: [0, 0, 0, 2, 0, 1],
  },
});

test("fewer have less: those of a lower APL, and hidden ones of a lower zone", () => {
  assert.equal(shareWithLess(model(), 2), (100 * 1300) / 2000);
  // Equal ones are not less supplied.
  assert.equal(shareWithLess(model(), 3), (100 * 1300) / 2000);
  assert.equal(shareWithLess(model(), 0), (100 * 1000) / 2000);
  assert.equal(shareWithLess(model(), 1), null);
});

test("those with a place in the order", () => {
  assert.equal(countRanked(model()), 5);
  assert.deepEqual(neighboursInOrder(model(), 2, 1), [0, 2, 3]);
  assert.deepEqual(neighboursInOrder(model(), 0, 2), [0, 2, 3]);
  assert.deepEqual(neighboursInOrder(model(), 1), []);
});

test("a distance is that to the published cut, and in ETP for the standardised population", () => {
  const up = distanceTo(model(), 2, "up");
  assert.deepEqual(up, { zone: 2, apl: 10, etp: 2, cut: 60, exact: false });
  assert.deepEqual(distanceTo(model(), 2, "down"), {
    zone: 0,
    apl: -10,
    etp: -2,
    cut: 40,
    exact: false,
  });
  assert.equal(distanceTo(model(), 0, "down"), null);
  assert.equal(distanceTo(model(), 4, "up"), null);
  // Hidden, moved by an agency, imposed.
  for (const territory of [1, 3, 5]) assert.equal(distanceTo(model(), territory, "up"), null);
  assert.equal(cutAfter(model().meta, 2), null);
});

test("exact distances come from the page", () => {
  const exact = {
    ...model(),
    margins: {
      up: { apl: [, , 11.5], etp: [, , 2.25] },
      down: { apl: [, , null], etp: [, , null] },
    },
  };
  assert.deepEqual(distanceTo(exact, 2, "up"), {
    zone: 2,
    apl: 11.5,
    etp: 2.25,
    cut: null,
    exact: true,
  });
  assert.equal(distanceTo(exact, 2, "down").apl, null);
});

test("aids are those of the last period that has begun", () => {
  const aids = {
    periods: [
      { since: "2018-02-08", zones: ["old"] },
      { since: "2024-03-20", zones: ["new"] },
    ],
  };
  assert.equal(aidsOn(aids, 0, "2018-02-07"), null);
  assert.equal(aidsOn(aids, 0, "2018-02-08"), "old");
  assert.equal(aidsOn(aids, 0, "2024-03-19"), "old");
  assert.equal(aidsOn(aids, 0, "2024-03-20"), "new");
  assert.equal(aidsOn(aids, 0, "2999-01-01"), "new");
  assert.equal(aidsOn(aids, -1, "2999-01-01"), null);
});

test("a change of zone closes and opens measures", () => {
  const zone = (opens) => ({
    measures: Object.entries(opens).map(([measure, open]) => ({ measure, opens: open })),
  });
  const zones = [zone({ contracts: true, limited: false }), zone({ contracts: false, limited: true })];
  const aids = { periods: [{ since: "2018-02-08", zones }] };
  const there = aidsChanged(aids, 0, 1, "2024-01-01");
  assert.deepEqual(there, { closed: ["contracts"], opened: ["limited"] });
  assert.deepEqual(aidsChanged(aids, 1, 1, "2024-01-01"), { closed: [], opened: [] });
  assert.equal(aidsChanged(aids, 0, 1, "2018-01-01"), null);
  assert.equal(aidsChanged(null, 0, 1, "2024-01-01"), null);
});

test("suppliers of a place are a part of one column", () => {
  const suppliers = {
    communes: { count: [2, 0, 1], commune: [4, 5, 6], share: [80, 20, 100], minutes: [0, 10, 15] },
    territories: { count: [1, 1], commune: [7, 8], share: [50, 60] },
  };
  assert.deepEqual(suppliersOf({ suppliers }, 2, 0), [{ commune: 6, share: 100, minutes: 15 }]);
  assert.deepEqual(suppliersOf({ suppliers }, 1, 0), []);
  assert.deepEqual(suppliersOf({ suppliers }, null, 1), [{ commune: 8, share: 60, minutes: null }]);
  assert.equal(suppliersOf({ suppliers: null }, 0, 0), null);
});

test("a zone in a sentence is in lower case", () => {
  assert.equal(zoneName(model(), 0), "très sous dotée");
  assert.equal(zoneName(model(), -1), "");
});
