/** What a card and a letter state of a commune or a territory, computed from published figures. */

import { inLanguage } from "./text.mjs";

/**
 * Return the share of the inhabitants, in %, who live in territories that are less well supplied;
 * null if the APL is not published.
 *
 * @param {any} model see main.mjs
 * @param {number} territory
 */
export function shareWithLess({ territories }, territory) {
  const { apl, population, zone } = territories;
  const own = apl?.[territory] ?? null;
  if (own === null) return null;
  let [less, whole] = [0, 0];
  for (let k = 0; k < population.length; k++) {
    whole += population[k];
    // One whose APL is hidden is below if its zone is.
    const other = apl[k];
    const below = other === null ? zone[k] >= 0 && zone[k] < zone[territory] : other < own;
    if (below && k !== territory) less += population[k];
  }
  return whole ? (100 * less) / whole : null;
}

/** Return the number of territories that have a place in the order. @param {any} model */
export function countRanked({ meta, territories }) {
  return territories.reason.filter((/** @type {number} */ reason) =>
    ["ranked", "adapted"].includes(meta.card.reasons[reason].kind),
  ).length;
}

/**
 * Return the territories just before and after one in the order, with it.
 *
 * @param {any} model see main.mjs
 * @param {number} territory
 * @param {number} [each] how many on either side
 * @returns {number[]}
 */
export function neighboursInOrder({ territories }, territory, each = 2) {
  const { rank, code } = territories;
  if (rank[territory] === null) return [];
  const order = [...rank.keys()]
    .filter((k) => rank[k] !== null)
    .sort((a, b) => rank[a] - rank[b] || (code[a] < code[b] ? -1 : 1));
  const place = order.indexOf(territory);
  return order.slice(Math.max(place - each, 0), place + each + 1);
}

/**
 * @typedef {object} Distance
 * @property {number} zone the next one
 * @property {number | null} apl to gain (negative: to lose); null if none leads there
 * @property {number | null} etp full-time equivalents to add (negative: to remove)
 * @property {number | null} cut the APL at which the zones part; null if the figures are exact
 * @property {boolean} exact
 */

/**
 * Return the distance to the zone above or below: exact if the page has it, else by the published
 * APL, cut and population. Null if there is no such zone, or the APL is not published.
 *
 * @param {any} model see main.mjs
 * @param {number} territory
 * @param {"up" | "down"} way
 * @returns {Distance | null}
 */
export function distanceTo({ meta, territories, margins }, territory, way) {
  const own = territories.zone[territory];
  const zone = own + (way === "up" ? 1 : -1);
  if (own < 0 || zone < 0 || zone >= meta.zones.length) return null;
  if (meta.card.reasons[territories.reason[territory]].kind !== "ranked") return null;
  if (margins) {
    const exact = margins[way];
    return { zone, apl: exact.apl[territory], etp: exact.etp[territory], cut: null, exact: true };
  }
  const apl = territories.apl?.[territory] ?? null;
  const cut = cutAfter(meta, Math.min(own, zone));
  if (apl === null || cut === null) return null;
  const gain = cut - apl;
  return {
    zone,
    apl: gain,
    etp: (gain * territories.standardised[territory]) / meta.card.per,
    cut,
    exact: false,
  };
}

/** Return the APL at which a zone ends; null if none does. @param {any} meta @param {number} zone @returns {number | null} */
export function cutAfter(meta, zone) {
  return meta.cuts.find((/** @type {any} */ cut) => cut.zone === zone)?.apl ?? null;
}

/**
 * Return the aids of a zone on a day; null before the first of the rules.
 *
 * @param {any} aids `meta.card.aids`
 * @param {number} zone
 * @param {string} day "2026-11-29"
 */
export function aidsOn(aids, zone, day) {
  const period = periodOn(aids, day);
  return period && zone >= 0 ? period.zones[zone] : null;
}

/** Return the rules of aids that are in force on a day; undefined before the first. @param {any} aids @param {string} day */
export function periodOn(aids, day) {
  const begun = aids.periods.filter((/** @type {any} */ period) => period.since <= day);
  return begun[begun.length - 1];
}

/**
 * Return the measures that a change of zone closes and opens on a day; null if that is not known.
 *
 * @param {any} aids `meta.card.aids`
 * @param {number} from
 * @param {number} to
 * @param {string} day
 * @returns {{ closed: string[], opened: string[] } | null}
 */
export function aidsChanged(aids, from, to, day) {
  const [before, after] = [from, to].map((zone) => aids && aidsOn(aids, zone, day));
  if (!before || !after) return null;
  const opens = (/** @type {any} */ zone) =>
    zone.measures
      .filter((/** @type {any} */ one) => one.opens)
      .map((/** @type {any} */ one) => one.measure);
  const [old, now] = [opens(before), opens(after)];
  return {
    closed: old.filter((/** @type {string} */ one) => !now.includes(one)),
    opened: now.filter((/** @type {string} */ one) => !old.includes(one)),
  };
}

/** Return the label of a zone in the language of the page, as it stands in a sentence. @param {any} model @param {number} zone */
export function zoneName({ meta }, zone) {
  const label = zone >= 0 ? inLanguage(meta.zones[zone], "label") : "";
  return label.charAt(0).toLowerCase() + label.slice(1);
}

/**
 * Return the suppliers of a commune or a territory, with their share of its APL in %; null if the
 * page does not have them.
 *
 * @param {any} model see main.mjs
 * @param {number | null} commune
 * @param {number} territory
 * @returns {{ commune: number, share: number, minutes: number | null }[] | null}
 */
export function suppliersOf({ suppliers }, commune, territory) {
  if (!suppliers) return null;
  const table = suppliers[commune === null ? "territories" : "communes"];
  const place = commune ?? territory;
  let start = 0;
  for (let k = 0; k < place; k++) start += table.count[k];
  return Array.from({ length: table.count[place] }, (_, k) => ({
    commune: table.commune[start + k],
    share: table.share[start + k],
    minutes: table.minutes?.[start + k] ?? null,
  }));
}
