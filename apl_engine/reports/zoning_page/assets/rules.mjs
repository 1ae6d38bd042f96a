// The rules of annexe V, judged exactly as `apl region check` does.
import { Fraction, HUNDRED, NONE } from "./fractions.mjs";
import { compareTexts, nearestNames } from "./spelling.mjs";

/**
 * @typedef {{territory: string, justification: string}} Move
 * @typedef {{region: string, additions: Move[], removals: Move[],
 *            concertation: string | null, commission_paritaire_regionale: string | null}} Proposal
 * @typedef {{code: string, fault: boolean, territories?: number[], named?: string[],
 *            number?: number, similar?: string[], missing?: string[],
 *            held?: [string, string][], zone?: number, reason?: string}} Statement
 *   A reason; territories by number, or by code if they are unknown (`named`).
 * @typedef {{rule: string, verdict: "ok" | "broken" | "not applicable", article: string,
 *            statements: Statement[], figures: Record<string, Fraction>}} Finding
 */

/** The territories of the country, and the law. @param {any} model */
export function readCountry(model) {
  const { meta, territories, workbench } = model;
  const people = workbench.people.map((/** @type {string} */ one) => BigInt(one));
  const order = territories.code
    .map((_, number) => number)
    .sort((one, two) => compareTexts(territories.code[one], territories.code[two]));
  return {
    law: meta.law.margin,
    codes: territories.code,
    names: territories.name,
    zones: territories.zone,
    regions: territories.region.map((/** @type {number} */ one) => meta.regions[one]?.code),
    people,
    denominator: BigInt(workbench.denominator),
    numbers: new Map(territories.code.map((code, number) => [code, number])),
    nameByCode: new Map(order.map((number) => [territories.code[number], territories.name[number]])),
    shown: workbench.shown,
    spelling: workbench.spelling,
    dates: workbench.file.dates,
    candidates: workbench.regions,
  };
}

/** A region of a country by its code. */
export function regionOf(country, /** @type {string} */ code) {
  const { law } = country;
  const margin = law.regions.find((one) => one.code === code);
  const candidates = country.candidates.find((one) => one.code === code);
  const own = country.codes.map((_, number) => number)
    .filter((number) => country.regions[number] === code);
  return {
    country,
    code,
    own,
    population: Fraction.parse(margin.population),
    limit: Fraction.parse(margin.limit),
    base: margin.base === null ? null : Fraction.parse(margin.base),
    misprint: margin.misprint,
    additions: candidates.additions,
    ranked: candidates.ranked,
    removals: candidates.removals,
    locked: candidates.locked,
    shared: candidates.shared,
  };
}

/** The inhabitants of several territories. @param {number[]} numbers */
export function inhabitants(country, numbers) {
  const sum = numbers.reduce((before, number) => before + country.people[number], 0n);
  return new Fraction(sum, country.denominator);
}

/** Inhabitants in % of those of a region; 0 without inhabitants. */
export function shareOf(region, /** @type {Fraction} */ people) {
  return region.population.compare(NONE) ? HUNDRED.times(people).over(region.population) : NONE;
}

const isText = (/** @type {string} */ text) => strippedText(text) !== "";

/** A text without the white space around it, as Python's `str.strip` gives it. */
export function strippedText(/** @type {string} */ text) {
  const space = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
  return text.replace(new RegExp(`^${space}+|${space}+$`, "g"), "");
}

/**
 * Judge a proposal by each rule of annexe V.
 * @param {any} region as from `regionOf`
 * @param {Proposal} proposal
 * @returns {Finding[]}
 */
export function judge(region, proposal) {
  const { country } = region;
  const known = (/** @type {Move[]} */ moves) =>
    [...new Set(moves.map((move) => move.territory))]
      .filter((code) => country.numbers.has(code))
      .sort(compareTexts)
      .map((code) => country.numbers.get(code));
  const moves = [...proposal.additions, ...proposal.removals];
  const matter = {
    region, proposal, country, law: country.law, moves,
    added: known(proposal.additions), removed: known(proposal.removals),
  };
  return Object.entries(JUDGES).map(([rule, judged]) => {
    const made = moves.length || rule === "final_share"
      ? judged(matter) : notApplicable("nothing_moves");
    const faults = made.faults ?? [];
    const statements = faults.length
      ? faults.map((fault) => ({ ...fault, fault: true })) : [{ ...made.note, fault: false }];
    if (rule === "final_share" && region.misprint) {
      statements.push({
        code: "regional.misprinted_share", fault: false, reason: region.misprint,
      });
    }
    return {
      rule,
      verdict: faults.length ? "broken" : made.verdict ?? "ok",
      article: country.law.articles[rule],
      statements,
      figures: made.figures ?? {},
    };
  });
}

/** Whether no rule is broken. @param {Finding[]} findings */
export function isAccepted(findings) {
  return findings.every((one) => one.verdict !== "broken");
}

const notApplicable = (/** @type {string} */ code) =>
  ({ note: { code: `proposal.${code}` }, verdict: "not applicable" });

const respected = (/** @type {string} */ code, faults = [], more = {}) =>
  ({ note: { code: `proposal.${code}` }, faults, ...more });

/** A fault that names territories; none without any. */
const faultIfAny = (/** @type {string} */ code, territories, more = {}) =>
  territories.length
    ? [{ code: `proposal.${code}`, territories, number: territories.length, ...more }] : [];

function unknownTerritories({ moves, country }) {
  const named = moves.map((move) => move.territory).filter((code) => !country.numbers.has(code));
  if (!named.length) return [];
  const similar = [...new Set(named.slice(0, country.shown).flatMap((code) =>
    nearestNames(code, country.nameByCode, country.spelling)))];
  const code = similar.length ? "misspelt_territory" : "unknown_territory";
  const more = similar.length ? { similar } : {};
  return [{ code: `proposal.${code}`, named, number: named.length, ...more }];
}

function judgeAttribution(matter) {
  const { region, country, added, removed } = matter;
  const other = [...added, ...removed].filter((one) => country.regions[one] !== region.code);
  return respected("attribution_respected",
    [...unknownTerritories(matter), ...faultIfAny("attribution", other)]);
}

function judgeAllowedMove({ country, law, added, removed }) {
  const faults = [[law.upper, added], [law.lower, removed]].flatMap(([zone, moved]) =>
    faultIfAny("allowed_move", moved.filter((one) => country.zones[one] !== zone), { zone }));
  if (!added.length && !removed.length) return notApplicable("no_known_territory");
  return respected("allowed_move_respected", faults);
}

function judgeOrder(matter) {
  const { region, law, added } = matter;
  const chosen = region.additions.filter((one) => added.includes(one));
  if (!chosen.length) return notApplicable("nothing_added");
  if (law.addition_order === "free") return notApplicable("no_order");
  const { passed, tooLarge } = law.addition_order === "strict"
    ? outOfStrictOrder(region, chosen) : outOfSkippingOrder(matter, chosen);
  const faults = faultIfAny("order", passed);
  if (faults.length || !tooLarge.length) return respected("order_respected", faults);
  return {
    note: {
      code: "proposal.order_respected_skipping", territories: tooLarge, number: tooLarge.length,
    },
  };
}

/** The territories passed over for those chosen, or else those without an APL. */
function outOfStrictOrder(region, chosen) {
  const first = region.additions.slice(0, Math.min(region.ranked, chosen.length));
  const passed = first.filter((one) => !chosen.includes(one));
  return {
    passed: passed.length ? passed : chosen.filter((one) => !first.includes(one)), tooLarge: [],
  };
}

/** The territories passed over although they fitted at their turn; and those too large then. */
function outOfSkippingOrder({ region, law, country, removed }, chosen) {
  let left = region.limit;
  if (law.margin_counting === "net") left = left.plus(inhabitants(country, removed));
  const passed = [];
  const tooLarge = [];
  let waiting = chosen.length;
  for (const [place, one] of region.additions.entries()) {
    if (!waiting) break;
    // Without an APL it has no rank: no territory comes before it.
    if (place >= region.ranked) {
      const unranked = region.additions.slice(region.ranked);
      return { passed: [...passed, ...chosen.filter((it) => unranked.includes(it))], tooLarge };
    }
    const people = inhabitants(country, [one]);
    if (chosen.includes(one)) {
      left = left.minus(people);
      waiting -= 1;
    } else {
      (people.compare(left) <= 0 ? passed : tooLarge).push(one);
    }
  }
  return { passed, tooLarge };
}

/** The inhabitants that move, less those that move back if the count is net. */
function judgeMargin({ region, law, country, added, removed }, /** @type {boolean} */ adding) {
  const [moved, back] = adding ? [added, removed] : [removed, added];
  if (!moved.length) return notApplicable(adding ? "nothing_added" : "nothing_removed");
  let population = inhabitants(country, moved);
  if (law.margin_counting === "net") population = population.minus(inhabitants(country, back));
  const { limit } = region;
  const figures = {
    population, limit, share_percent: shareOf(region, population), left: limit.minus(population),
  };
  const faults = population.compare(limit) > 0
    ? [{ code: `proposal.${adding ? "margin_up" : "margin_down"}` }] : [];
  return respected("within_margin", faults, { figures });
}

/** The zone of each territory of the region after a proposal. @returns {Map<number, number>} */
export function zonesAfter(region, /** @type {Proposal} */ proposal) {
  const { country } = region;
  const zones = new Map(region.own.map((one) => [one, country.zones[one]]));
  for (const [moves, zone] of [
    [proposal.additions, country.law.lower], [proposal.removals, country.law.upper],
  ]) {
    for (const move of moves) {
      const number = country.numbers.get(move.territory);
      if (zones.has(number)) zones.set(number, zone);
    }
  }
  return zones;
}

function judgeFinalShare({ region, law, country, proposal }) {
  const inside = [...zonesAfter(region, proposal)].filter(([, zone]) => zone === law.lower);
  const population = inhabitants(country, inside.map(([number]) => number));
  const difference = population.minus(region.base);
  const figures = {
    base_percent: shareOf(region, region.base),
    after_percent: shareOf(region, population),
    difference_percent: shareOf(region, difference),
    limit_percent: shareOf(region, region.limit),
    population,
  };
  const faults = difference.absolute().compare(region.limit) > 0
    ? [{ code: "proposal.final_share" }] : [];
  return respected("final_share_respected", faults, { figures });
}

function judgeConsultation({ law, country, proposal }) {
  if (!law.consultation) return notApplicable("not_required");
  const missing = country.dates.filter((name) => !proposal[name]);
  return {
    note: {
      code: "proposal.consultation_respected",
      held: country.dates.map((name) => [name, proposal[name]]),
    },
    faults: missing.length ? [{ code: "proposal.consultation", missing }] : [],
  };
}

function judgeJustification({ law, moves }) {
  if (!law.justification) return notApplicable("not_required");
  const named = moves.filter((move) => !isText(move.justification)).map((one) => one.territory);
  return respected("justification_respected",
    named.length ? [{ code: "proposal.justification", named, number: named.length }] : []);
}

const JUDGES = {
  attribution: judgeAttribution,
  allowed_move: judgeAllowedMove,
  order: judgeOrder,
  margin_up: (matter) => judgeMargin(matter, true),
  margin_down: (matter) => judgeMargin(matter, false),
  final_share: judgeFinalShare,
  consultation: judgeConsultation,
  justification: judgeJustification,
};
