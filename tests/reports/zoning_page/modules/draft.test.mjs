import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Draft, emptyProposal, orderOf, savedProposal, wayOf, withJustification, withMove,
} from "../../../../apl_engine/reports/zoning_page/assets/draft.mjs";
import { Fraction } from "../../../../apl_engine/reports/zoning_page/assets/fractions.mjs";
import { readCountry, regionOf } from "../../../../apl_engine/reports/zoning_page/assets/rules.mjs";

const EMPTY = emptyProposal("52");

/** A region whose candidates have these inhabitants, in legal order; 10 of 400 may move. */
function region(people, { order = "skipping", counting = "gross", ranked = people.length } = {}) {
  const numbers = people.map((_, number) => number);
  const model = {
    meta: {
      regions: [{ code: "52" }],
      law: {
        margin: {
          addition_order: order, margin_counting: counting, lower: 0, upper: 1, articles: {},
          regions: [{ code: "52", population: "400", limit: "10", base: "0", misprint: "" }],
        },
      },
    },
    territories: {
      code: numbers.map((one) => `T${one}`), name: numbers.map((one) => `Place ${one}`),
      region: numbers.map(() => 0), zone: numbers.map(() => 1),
    },
    workbench: {
      denominator: "2", people: people.map((one) => String(2 * one)), shown: 10, spelling: {},
      file: { dates: ["concertation", "commission_paritaire_regionale"] },
      regions: [{ code: "52", additions: numbers, ranked, removals: [], locked: [], shared: [] }],
    },
  };
  return regionOf(readCountry(model), "52");
}

const adding = (...codes) => codes.reduce((one, code) => withMove(one, code, "addition"), EMPTY);
const statuses = (one, proposal) => [...orderOf(one, proposal).values()].map((it) => it.status);

test("steps are undone and done again", () => {
  const draft = new Draft(EMPTY);
  draft.step(adding("T1"));
  draft.step(adding("T1", "T2"));
  draft.undo();
  assert.deepEqual(draft.proposal, adding("T1"));
  draft.redo();
  assert.deepEqual(draft.proposal, adding("T1", "T2"));
  draft.undo();
  draft.undo();
  assert.deepEqual([draft.proposal, draft.canUndo, draft.canRedo], [EMPTY, false, true]);
  draft.undo();
  draft.step(adding("T3"));
  assert.equal(draft.canRedo, false);
  draft.redo();
  assert.deepEqual(draft.proposal, adding("T3"));
});

test("a territory is moved one way at most", () => {
  let proposal = withJustification(adding("T1", "T2"), "T1", "why");
  assert.deepEqual(proposal.additions[0], { territory: "T1", justification: "why" });
  proposal = withMove(proposal, "T1", "removal");
  assert.equal(wayOf(proposal, "T1"), "removal");
  assert.deepEqual(proposal.additions.map((one) => one.territory), ["T2"]);
  assert.equal(wayOf(withMove(proposal, "T1", null), "T1"), null);
});

test("what was saved is read back, and anything else is nothing", () => {
  const proposal = { ...adding("T1"), concertation: "2024-05-14" };
  assert.deepEqual(savedProposal(JSON.stringify(proposal), "52"), proposal);
  const broken = [
    null, "", "{", "[]", "null", '"x"', JSON.stringify({ region: "52" }),
    JSON.stringify({ ...proposal, removals: [{ territory: 3, justification: "" }] }),
    JSON.stringify({ ...proposal, removals: proposal.additions }),
    JSON.stringify({ ...proposal, region: "53" }),
  ];
  for (const text of broken) assert.equal(savedProposal(text, "52"), null);
  const odd = { ...proposal, concertation: 3, extra: 1 };
  assert.deepEqual(savedProposal(JSON.stringify(odd), "52"), adding("T1"));
});

test("the order names the next, and those that may be passed over", () => {
  const one = region([4, 8, 5, 3, 1]);
  assert.deepEqual(statuses(one, EMPTY), ["next", "too_large", "due", "too_large", "due"]);
  assert.deepEqual(statuses(one, adding("T0")), ["added", "too_large", "next", "too_large", "due"]);
  assert.deepEqual(statuses(one, adding("T2")), ["passed", "passed", "added", "next", "due"]);
  assert.deepEqual(statuses(one, adding("T0", "T2", "T4")), ["added", "too_large", "added", "too_large", "added"]);
  assert.deepEqual(statuses(region([4, 6, 8]), adding("T0", "T1")), ["added", "added", "full"]);
});

test("the readings of the law change the order", () => {
  const people = [4, 8, 5, 3];
  assert.deepEqual(statuses(region(people, { order: "strict" }), EMPTY), ["next", "closed", "closed", "closed"]);
  assert.deepEqual(statuses(region(people, { order: "strict" }), adding("T2")), ["passed", "passed", "added", "next"]);
  assert.deepEqual(statuses(region(people, { order: "free" }), adding("T2")), ["none", "none", "added", "none"]);
  assert.deepEqual(statuses(region(people, { ranked: 1 }), EMPTY), ["next", "no_apl", "no_apl", "no_apl"]);
  const ranks = [...orderOf(region(people, { ranked: 2 }), EMPTY).values()].map((it) => it.rank);
  assert.deepEqual(ranks, [1, 2, null, null]);
});

test("fractions are exact", () => {
  const tenth = Fraction.from(0.1);
  assert.equal(String(tenth), "3602879701896397/36028797018963968");
  assert.equal(String(Fraction.parse("-6/4")), "-3/2");
  assert.deepEqual([Fraction.parse("-3/2").floor(), Fraction.parse("-3/2").ceiling()], [-2, -1]);
  assert.deepEqual([Fraction.parse("3/2").floor(), Fraction.parse("3/2").ceiling()], [1, 2]);
  assert.equal(String(Fraction.parse("3/2").over(Fraction.parse("-3/4"))), "-2");
  const small = new Fraction(1n, 10n ** 30n);
  assert.equal(tenth.plus(small).compare(tenth), 1);
  assert.equal(tenth.toNumber(), 0.1);
});
