/** What the rules say, in words, with the figures of the command. */

import { Fraction } from "./fractions.mjs";
import { date, number, percent, signed } from "./format.mjs";
import { inLanguage, t } from "./text.mjs";

/** Decimals that an exact figure needs, three at most unless nothing were left of it. */
function decimalsOf(/** @type {import("./fractions.mjs").Fraction} */ figure) {
  if (figure.denominator === 1n) return 0;
  const value = Math.abs(figure.toNumber());
  if (value < 0.0005) return Math.min(18, Math.ceil(-Math.log10(value)) + 2);
  return (String(Math.round(value * 1000) / 1000).split(".")[1] ?? "").length;
}

/** Inhabitants, exactly. @param {import("./fractions.mjs").Fraction} figure */
export function exactPeopleText(figure) {
  const value = figure.toNumber();
  return t("common.people", { n: value, n_text: number(value, decimalsOf(figure)) });
}

/** Inhabitants that may move: a limit, rounded down. @param {import("./fractions.mjs").Fraction} figure */
export function wholePeopleText(figure) {
  const value = figure.floor();
  return t("common.people", { n: value, n_text: number(value) });
}

/** A share in %. @param {import("./fractions.mjs").Fraction} figure */
export function shareText(figure) {
  return percent(figure.toNumber(), decimalsOf(figure));
}

/** Points of a share. @param {import("./fractions.mjs").Fraction} figure */
export function pointsText(figure, withSign = false) {
  const value = figure.toNumber();
  const written = (withSign ? signed : number)(value, decimalsOf(figure));
  return t("workbench.points", { n: Math.abs(value), n_text: written });
}

/** Words for the findings on the proposals of a region. */
export class VerdictWords {
  /** @param {any} model @param {any} region */
  constructor(model, region) {
    this.model = model;
    this.region = region;
    this.country = region.country;
  }

  /** The label of a class. @param {number} zone */
  zone(zone) {
    return zone < 0 ? "–" : inLanguage(this.model.meta.zones[zone], "label");
  }

  get margins() {
    const { law } = this.country;
    return { lower: this.zone(law.lower), upper: this.zone(law.upper) };
  }

  /** The margin of the law, in % of the regional population. */
  get margin() {
    const value = Fraction.parse(this.country.law.margin);
    return percent(value.toNumber(), decimalsOf(value));
  }

  /** A finding in one sentence. @param {import("./rules.mjs").Finding} finding */
  sentence(finding) {
    return finding.statements.map((one) => this.#statement(finding, one)).join(" ; ");
  }

  #statement(finding, statement) {
    const kind = statement.code.split(".")[1];
    return t(`workbench.says_${kind}`, {
      ...this.margins,
      ...this.#named(statement),
      ...this.#figures(finding),
      ...this.#days(statement),
      zone: statement.zone === undefined ? "" : this.zone(statement.zone),
      similar: statement.similar?.join(", ") ?? "",
      reason: statement.reason ?? "",
    });
  }

  /** The territories of a statement: all that are passed over, the first ones of a fault. */
  #named(statement) {
    const names = statement.territories
      ? statement.territories.map((one) => this.territory(one, statement.code))
      : statement.named?.map((code) => this.named(code));
    if (!names) return {};
    const { shown } = this.country;
    const rest = statement.fault && names.length > shown ? ["…"] : [];
    const first = statement.fault ? names.slice(0, shown) : names;
    const { number: n } = statement;
    return { n, n_text: number(n), territories: [...first, ...rest].join(", ") };
  }

  /** The name of a territory by its code, which may be unknown. @param {string} code */
  named(code) {
    const known = this.country.numbers.get(code);
    return known === undefined ? code || "–" : this.country.names[known];
  }

  /** @param {number} one @param {string} code of the statement */
  territory(one, code) {
    const { names, zones, regions } = this.country;
    const { meta, territories } = this.model;
    const region = meta.regions.find((/** @type {any} */ it) => it.code === regions[one]);
    const apl = territories.apl?.[one];
    const more = {
      "proposal.attribution": region?.name,
      "proposal.allowed_move": this.zone(zones[one]),
    }[code] ?? (code.startsWith("proposal.order") && apl != null ? `APL ${number(apl, 1)}` : null);
    return more ? `${names[one]} (${more})` : names[one];
  }

  #figures({ rule, figures }) {
    if (rule === "final_share") {
      const { base_percent: base, after_percent: after, difference_percent: difference } = figures;
      const limit = figures.limit_percent;
      return {
        base: shareText(base), after: shareText(after), difference: pointsText(difference, true),
        limit: pointsText(limit), excess: pointsText(difference.absolute().minus(limit)),
      };
    }
    if (!figures.limit) return {};
    const { population, limit, left } = figures;
    return {
      people: exactPeopleText(population), limit: number(limit.toNumber(), decimalsOf(limit)),
      excess: number(-left.toNumber(), decimalsOf(left)),
      margin: this.margin,
    };
  }

  #days({ code, missing, held }) {
    const named = (/** @type {string} */ name) => t(`workbench.date_${name}`);
    if (missing) return { missing: missing.map(named).join(", ") };
    if (code !== "proposal.consultation_respected") return {};
    return { held: held.map(([name, day]) => `${named(name)} : ${date(day)}`).join(" ; ") };
  }
}
