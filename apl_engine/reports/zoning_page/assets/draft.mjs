/** A draft of a proposal: its steps, what the law's order says of it, and what a move would mean. */

import { NONE } from "./fractions.mjs";
import { inhabitants, judge } from "./rules.mjs";

/**
 * @typedef {import("./rules.mjs").Proposal} Proposal
 * @typedef {"addition" | "removal" | null} Way
 */

/** The steps of a proposal, which can be undone. */
export class Draft {
  /** @type {Proposal[]} */
  #past = [];
  /** @type {Proposal[]} */
  #future = [];

  /** @param {Proposal} proposal */
  constructor(proposal) {
    this.proposal = proposal;
  }

  /** Take a step. @param {Proposal} proposal */
  step(proposal) {
    this.#past.push(this.proposal);
    this.#future = [];
    this.proposal = proposal;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.proposal);
    this.proposal = /** @type {Proposal} */ (this.#past.pop());
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.proposal);
    this.proposal = /** @type {Proposal} */ (this.#future.pop());
  }
}

/** A proposal that moves nothing. @param {string} region code @returns {Proposal} */
export function emptyProposal(region) {
  return {
    region, additions: [], removals: [], concertation: null, commission_paritaire_regionale: null,
  };
}

/** How a proposal moves a territory. @param {Proposal} proposal @returns {Way} */
export function wayOf(proposal, /** @type {string} */ code) {
  const moves = (/** @type {any[]} */ many) => many.some((one) => one.territory === code);
  if (moves(proposal.additions)) return "addition";
  return moves(proposal.removals) ? "removal" : null;
}

/** A proposal that moves a territory in another way, or not. @param {Proposal} proposal @param {Way} way @returns {Proposal} */
export function withMove(proposal, /** @type {string} */ code, way) {
  const others = (/** @type {any[]} */ many) => many.filter((one) => one.territory !== code);
  const moved = { ...proposal };
  moved.additions = others(proposal.additions);
  moved.removals = others(proposal.removals);
  const move = { territory: code, justification: "" };
  if (way === "addition") moved.additions.push(move);
  if (way === "removal") moved.removals.push(move);
  return moved;
}

/** A proposal with the justification of a move. @param {Proposal} proposal @returns {Proposal} */
export function withJustification(proposal, /** @type {string} */ code, /** @type {string} */ why) {
  const changed = (/** @type {any[]} */ many) =>
    many.map((one) => (one.territory === code ? { ...one, justification: why } : one));
  return {
    ...proposal, additions: changed(proposal.additions), removals: changed(proposal.removals),
  };
}

/** What was saved as a proposal of a region, or null if it is none. @returns {Proposal | null} */
export function savedProposal(/** @type {string | null} */ text, /** @type {string} */ region) {
  let saved;
  try {
    saved = JSON.parse(text ?? "null");
  } catch {
    return null;
  }
  if (saved?.region !== region) return null;
  const codes = new Set();
  for (const moves of [saved.additions, saved.removals]) {
    if (!Array.isArray(moves)) return null;
    for (const move of moves) {
      const isMove = typeof move?.territory === "string" && typeof move.justification === "string";
      if (!isMove || codes.has(move.territory)) return null;
      codes.add(move.territory);
    }
  }
  const day = (/** @type {unknown} */ value) =>
    typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : null;
  const plain = (/** @type {any[]} */ moves) =>
    moves.map(({ territory, justification }) => ({ territory, justification }));
  return {
    region,
    additions: plain(saved.additions),
    removals: plain(saved.removals),
    concertation: day(saved.concertation),
    commission_paritaire_regionale: day(saved.commission_paritaire_regionale),
  };
}

/** The numbers of the known territories that a proposal moves. @param {Proposal} proposal */
export function movedNumbers(country, proposal) {
  const known = (/** @type {any[]} */ moves) =>
    new Set(moves.map((one) => country.numbers.get(one.territory)).filter((it) => it !== undefined));
  return { added: known(proposal.additions), removed: known(proposal.removals) };
}

/**
 * What the law's order says of each candidate to add: its rank (1 is the lowest APL) and
 * "added", "next", "due" (after the next), "too_large" (may be passed over), "full" (the same, after
 * the last one that fits), "passed" (wrongly), "closed" (the order ends before it), "no_apl" or
 * "none" (no order is required).
 * @param {any} region
 * @param {Proposal} proposal
 * @returns {Map<number, {rank: number | null, status: string}>}
 */
export function orderOf(region, proposal) {
  const { country, additions, ranked } = region;
  const { addition_order: order, margin_counting: counting } = country.law;
  const { added, removed } = movedNumbers(country, proposal);
  const last = additions.findLastIndex((/** @type {number} */ one) => added.has(one));
  let left = region.limit;
  if (counting === "net") left = left.plus(inhabitants(country, [...removed]));
  let isOpen = true;
  let isFirst = true;
  let settled = -1;
  const found = new Map();
  additions.forEach((/** @type {number} */ one, /** @type {number} */ place) => {
    const size = inhabitants(country, [one]);
    const fits = size.compare(left) <= 0;
    let status;
    if (added.has(one)) {
      status = "added";
      left = left.minus(size);
    } else if (order === "free") status = "none";
    else if (place >= ranked) status = "no_apl";
    else if (place < last) status = fits || order === "strict" ? "passed" : "too_large";
    else if (!isOpen) status = "closed";
    else if (fits) {
      status = isFirst ? "next" : "due";
      isFirst = false;
      left = left.minus(size);
    } else {
      status = order === "strict" ? "closed" : "too_large";
      isOpen = order !== "strict";
    }
    if (["added", "next", "due"].includes(status)) settled = place;
    found.set(one, { rank: order !== "free" && place < ranked ? place + 1 : null, status });
  });
  for (const one of additions.slice(settled + 1, ranked)) {
    if (found.get(one).status === "too_large") found.get(one).status = "full";
  }
  return found;
}

/** The rules that a move can break; consultation and justifications are filled in later. */
export const RULES_OF_MOVES = [
  "attribution", "allowed_move", "order", "margin_up", "margin_down", "final_share",
];

/**
 * What the rules would say of a proposal: the findings that would be broken by its moves.
 * @param {any} region
 * @param {Proposal} proposal
 */
export function outlookOf(region, proposal) {
  const findings = judge(region, proposal);
  const ofMoves = findings.filter((one) => RULES_OF_MOVES.includes(one.rule));
  return { findings, broken: ofMoves.filter((one) => one.verdict === "broken") };
}

/** Inhabitants added and taken out, and the difference of the final share, of some findings. */
export function usedOf(/** @type {import("./rules.mjs").Finding[]} */ findings) {
  const figure = (/** @type {string} */ rule, /** @type {string} */ name) =>
    findings.find((one) => one.rule === rule)?.figures[name] ?? NONE;
  return {
    up: figure("margin_up", "population"),
    down: figure("margin_down", "population"),
    difference: figure("final_share", "difference_percent"),
    base: figure("final_share", "base_percent"),
    after: figure("final_share", "after_percent"),
  };
}
