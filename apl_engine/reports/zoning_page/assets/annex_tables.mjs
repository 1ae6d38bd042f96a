/** The tables of the annex of an order, to be pasted into a spreadsheet; in French, as it is. */

import { shareOf, inhabitants, zonesAfter } from "./rules.mjs";

/** @typedef {{columns: string[], rows: (string | number)[][]}} Table */

/** Titles of the tables that `annexTable` makes. */
export const ANNEX_TABLES = /** @type {const} */ (["own", "elsewhere", "foreign", "shares", "reasons"]);

const SHARE_COLUMNS = [
  "Zone", "Population avant", "Part avant (%)", "Population après", "Part après (%)", "Écart (points)",
];
const REASON_COLUMNS = [
  "Code du territoire", "Territoire", "Adaptation", "Population", "Justification",
];

/**
 * Make a table of the annex.
 * @param {(typeof ANNEX_TABLES)[number]} name
 * @param {any} model
 * @param {any} region
 * @param {import("./rules.mjs").Proposal} proposal
 * @returns {Table}
 */
export function annexTable(name, model, region, proposal) {
  if (name === "shares") return sharesTable(model, region, proposal);
  if (name === "reasons") return reasonsTable(model, region, proposal);
  const { meta, communes, units, territories } = model;
  const { own, across, added, removed } = model.workbench.annex;
  const here = meta.regions.findIndex((/** @type {any} */ one) => one.code === region.code);
  const after = zonesAfter(region, proposal);
  const adaptation = new Map([
    ...proposal.additions.map((one) => [one.territory, added]),
    ...proposal.removals.map((one) => [one.territory, removed]),
  ]);
  const lists = (/** @type {number} */ commune) => {
    const lies = units.region[commune] === here;
    const classed = territories.region[units.territory[commune]] === here;
    return { own: lies && classed, elsewhere: lies && !classed, foreign: !lies && classed }[name];
  };
  const chosen = communes.code.map((_, /** @type {number} */ one) => one).filter(lists);
  const codeOf = (/** @type {number} */ one) => territories.code[units.territory[one]];
  const byCode = (/** @type {string} */ one, /** @type {string} */ two) => (one < two ? -1 : Number(one > two));
  chosen.sort((one, two) =>
    (name === "elsewhere" ? 0 : byCode(codeOf(one), codeOf(two)))
    || byCode(communes.code[one], communes.code[two]));
  const rows = chosen.map((/** @type {number} */ one) => {
    const territory = units.territory[one];
    const other = name === "elsewhere" ? territories.region[territory] : units.region[one];
    const zone = meta.zones[after.get(territory) ?? territories.zone[territory]]?.label ?? "";
    const place = [territories.code[territory], territories.name[territory], zone,
      adaptation.get(territories.code[territory]) ?? ""];
    const commune = [communes.code[one], communes.name[one]];
    return name === "own"
      ? [...place, ...commune, communes.population[one]]
      : [...commune, meta.regions[other]?.name ?? "", ...place, communes.population[one]];
  });
  return { columns: name === "own" ? own : across, rows };
}

/** Population by zone before and after. @returns {Table} */
function sharesTable(model, region, proposal) {
  const { country } = region;
  const after = zonesAfter(region, proposal);
  const rows = model.meta.zones.map((/** @type {any} */ zone, /** @type {number} */ number) => {
    const people = [country.zones, null].map((zones) => inhabitants(country,
      region.own.filter((/** @type {number} */ one) => (zones ? zones[one] : after.get(one)) === number)));
    const shares = people.map((one) => shareOf(region, one));
    const cells = people.flatMap((one, k) => [one.toNumber(), shares[k].toNumber()]);
    return [zone.label, ...cells, shares[1].minus(shares[0]).toNumber()];
  });
  return { columns: SHARE_COLUMNS, rows };
}

/** The territories that move, and why. @returns {Table} */
function reasonsTable({ workbench }, { country }, proposal) {
  const { added, removed } = workbench.annex;
  const rows = [[proposal.additions, added], [proposal.removals, removed]].flatMap(([moves, way]) =>
    moves
      .filter((/** @type {any} */ one) => country.numbers.has(one.territory))
      .map((/** @type {any} */ { territory, justification }) => {
        const number = country.numbers.get(territory);
        const people = inhabitants(country, [number]).toNumber();
        return [territory, country.names[number], way, people, justification];
      }));
  return { columns: REASON_COLUMNS, rows };
}

/** A table as a spreadsheet takes it from the clipboard. @param {Table} table @param {string} mark decimal mark */
export function tabbedText({ columns, rows }, mark) {
  const written = (/** @type {string | number} */ cell) => {
    if (typeof cell === "number") return String(cell).replace(".", mark);
    // What begins like a formula would be run; an apostrophe makes it text.
    return cell.replace(/[\t\r\n]+/g, " ").replace(/^('*[=+\-@])/, "'$1");
  };
  return [columns, ...rows].map((row) => row.map(written).join("\t")).join("\n") + "\n";
}
