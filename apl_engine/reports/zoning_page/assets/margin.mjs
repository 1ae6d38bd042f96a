// What the agency's margin would allow for a single territory, if nothing else moves.
import { Fraction } from "./fractions.mjs";

/**
 * @typedef {{status: "addable" | "later" | "too_large" | "removable" | "unranked" | "fixed" | "unknown",
 *            direction: "add" | "remove" | null, region: number, from: number, to: number,
 *            people: number, limit: number, share: number, margin: number, rank: number | null,
 *            candidates: number, before: number[], exact: boolean, article: string}} Margin
 *   `limit`: inhabitants that may move this way, rounded down; `share`: the territory in % of the
 *   region; `rank`: its place among the `candidates` by rising APL; `before`: those that the law
 *   puts before it. If not `exact`, the order is that of published APL, and equals come before it.
 */

/**
 * Return what the agency may do with a territory, judged as if nothing else moved.
 * @param {any} model
 * @param {number} territory its number
 * @returns {Margin}
 */
export function marginOf(model, territory) {
  const { meta, territories, workbench } = model;
  const law = meta.law?.margin;
  const region = territories.region[territory];
  const from = territories.zone[territory];
  const margins = law?.regions.find((one) => one.code === meta.regions[region]?.code);
  const found = {
    status: "unknown", direction: null, region, from, to: -1,
    people: territories.population[territory], limit: 0, share: 0, margin: 0,
    rank: null, candidates: 0, before: [], exact: Boolean(workbench), article: "",
  };
  if (!margins || margins.up === null) return /** @type {Margin} */ (found);
  found.margin = Fraction.parse(law.margin).toNumber();
  const whole = Fraction.parse(margins.population).toNumber();
  found.share = whole ? (100 * found.people) / whole : 0;
  found.article = law.articles.margin_up;
  if (from !== law.lower && from !== law.upper) {
    return /** @type {Margin} */ ({ ...found, status: "fixed", article: law.articles.allowed_move });
  }
  const adding = from === law.upper;
  const room = Fraction.parse(adding ? margins.up : margins.down);
  Object.assign(found, {
    direction: adding ? "add" : "remove",
    to: adding ? law.lower : law.upper,
    limit: room.floor(),
  });
  const sizes = (/** @type {number} */ one) => exactPeople(model, one);
  const fits = sizes(territory).compare(room) <= 0;
  if (!adding) {
    const candidates = territories.zone
      .filter((zone, one) => zone === from && territories.region[one] === region).length;
    return /** @type {Margin} */ ({ ...found, candidates, status: fits ? "removable" : "too_large" });
  }
  const { order, ranked } = additionsOf(model, region, from, territory);
  const place = order.indexOf(territory);
  const isRanked = place < ranked;
  Object.assign(found, {
    candidates: order.length,
    rank: isRanked ? place + 1 : null,
    before: isRanked ? order.slice(0, place) : order.slice(0, ranked),
  });
  const free = law.addition_order === "free";
  if (!fits) return /** @type {Margin} */ ({ ...found, status: "too_large" });
  if (!isRanked && !free) return /** @type {Margin} */ ({ ...found, status: "unranked" });
  const reached = free || fitsAtItsTurn(order, place, room, sizes, law.addition_order === "strict");
  return /** @type {Margin} */ ({ ...found, status: reached ? "addable" : "later" });
}

/** Whether there is room for a territory after those before it in the order. */
function fitsAtItsTurn(order, place, room, sizes, strict) {
  let left = room;
  for (const one of order.slice(0, place + 1)) {
    const size = sizes(one);
    const fits = size.compare(left) <= 0;
    if (fits) left = left.minus(size);
    else if (strict || one === order[place]) return false;
  }
  return true;
}

/** The inhabitants of a territory: exactly if the page has them so. */
function exactPeople({ workbench, territories }, /** @type {number} */ one) {
  return workbench
    ? new Fraction(BigInt(workbench.people[one]), BigInt(workbench.denominator))
    : Fraction.from(territories.population[one] ?? 0);
}

/** The candidates to add, in legal order, and how many of them have an APL. */
function additionsOf({ meta, territories, workbench }, region, zone, territory) {
  if (workbench) {
    const own = workbench.regions.find((one) => one.code === meta.regions[region].code);
    return { order: own.additions, ranked: own.ranked };
  }
  const { apl } = territories;
  const level = (/** @type {number} */ one) => apl?.[one] ?? Infinity;
  const order = territories.zone.map((_, one) => one)
    .filter((one) => territories.zone[one] === zone && territories.region[one] === region)
    // A rounded APL does not tell which of its equals is lower: all of them may come before.
    .sort((one, two) => compareLevels(level(one), level(two))
      || Number(one === territory) - Number(two === territory) || one - two);
  return { order, ranked: order.filter((one) => level(one) !== Infinity).length };
}

/** Compare two levels, each of which may be infinite. */
function compareLevels(/** @type {number} */ one, /** @type {number} */ two) {
  return one === two ? 0 : one - two;
}
