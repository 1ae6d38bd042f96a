/** The method in plain words, and the record of the run. */

import { scrollable } from "./charts.mjs";
import { saveText } from "./csv.mjs";
import { el } from "./dom.mjs";
import { number, percent } from "./format.mjs";
import { hasText, inLanguage, lang, t } from "./text.mjs";

/** Write an age band of the data, such as "05-09" or "95+". @param {string} band */
export function ageBand(band) {
  const [low, high] = band.split(/[-+]/).map(Number);
  return band.includes("+")
    ? t("national.age_open", { low: number(low) })
    : t("national.age", { low: number(low), high: number(high) });
}

/** Return a number that a rule may write as a fraction, "2/3". @param {number | string} value */
export function ruleNumber(value) {
  const [number, part] = String(value).split("/").map(Number);
  return part ? number / part : number;
}

/** Write it as the law does. @param {number | string} value */
function ruleText(value) {
  return String(value).includes("/") ? String(value) : number(ruleNumber(value), ruleNumber(value) % 1 ? 1 : 0);
}

/** Return where in the text a rule is, without what it quotes. @param {string} article */
export function articleOf(article) {
  const reference = article.split(/:|«/)[0].trim().replace(/,$/, "");
  return lang() === "fr" ? reference.replace(" and ", " et ") : reference.replace(/^annexe/, "annex");
}

/**
 * The method in eight lines; each number is that of the rules of the result.
 *
 * @param {any} model
 */
export function methodSection({ meta, record }) {
  /** @type {Map<string, any>} */
  const rules = new Map(record.methodology.parameters.map((/** @type {any} */ rule) => [rule.key, rule]));
  const value = (/** @type {string} */ key) => rules.get(key)?.value;
  const zones = new Map(meta.zones.map((/** @type {any} */ zone) => [zone.id, inLanguage(zone, "label")]));
  const classes = value("zoning.classes");
  const shared = classes.slice(0, -1);
  let sum = 0;
  const shares = shared
    .map((/** @type {any} */ zone) => {
      sum += ruleNumber(zone.share);
      return t("national.method_share", {
        zone: zones.get(zone.id) ?? zone.label,
        share: percent(ruleNumber(value("zoning.cuts") === "cumulated" ? sum : zone.share), 0),
      });
    })
    .join(", ");
  const steps = value("travel.steps")
    .map((/** @type {any} */ step) =>
      t(step.included ? "national.method_step_included" : "national.method_step", {
        to: ruleText(step.to),
        weight: ruleText(step.weight),
      }),
    )
    .join(", ");
  const names = new Map(record.regions.map((/** @type {any} */ row) => [row.region, row.region_name]));
  for (const row of record.article_vi) names.set(row.region, row.region_name);
  const imposed = value("zoning.imposed").map((/** @type {any} */ row) =>
    t("national.method_imposed", { region: names.get(row.region) ?? row.region, zone: zones.get(row.zone) ?? row.zone }),
  );
  const fees = value("etp.low_activity_measure") === "fees";
  /** @type {[string, string, Record<string, string | number>][]} */
  const lines = [
    [
      "practitioners",
      "etp.median_quantile",
      { top: percent(100 * (1 - ruleNumber(value("etp.ceiling_quantile"))), 0) },
    ],
    [
      `excluded_${fees ? "fees" : "acts"}`,
      fees ? "etp.minimum_fees" : "etp.minimum_acts",
      {
        age: t(`national.method_age_${value("etp.age_exclusion")}`, { age: ruleText(value("etp.age_limit")) }),
        least: ruleText(value(fees ? "etp.minimum_fees" : "etp.minimum_acts")),
        etp: ruleText(value("etp.newly_installed_etp")),
      },
    ],
    ["needs", "demand.age_band_years", { years: ruleText(value("demand.age_band_years")) }],
    ["trips", "travel.steps", { steps }],
    ["apl", "apl.per_inhabitants", { per: ruleText(value("apl.per_inhabitants")) }],
    ["territories", "mesh.split_above", { people: ruleText(value("mesh.split_above")) }],
    [
      `ranking_${value("zoning.straddling")}`,
      "zoning.classes",
      { shares, last: zones.get(classes[classes.length - 1].id) ?? "" },
    ],
    [
      "regions",
      "regional.margin",
      { imposed: imposed.join(" "), margin: percent(ruleNumber(value("regional.margin")), 1) },
    ],
  ];
  return el(
    "ol",
    { class: "method" },
    lines.map(([name, key, values]) =>
      el(
        "li",
        {},
        t(`national.method_${name}`, values),
        " ",
        el("span", { class: "citation" }, `(${articleOf(rules.get(key)?.article ?? "")})`),
      ),
    ),
  );
}

/** What the result was made from, how, and what to know of it. @param {any} model */
export function recordSection({ meta, record, territories }) {
  const sha = (/** @type {string | undefined} */ text) =>
    text ? el("code", {}, text) : el("span", {}, t("national.not_stated"));
  const files = [
    ...record.inputs.map((/** @type {any} */ file) => ({ ...file, name: inputName(file.table) })),
    ...record.imports.flatMap((/** @type {any} */ entry) =>
      (entry.files ?? [entry]).map((/** @type {any} */ file) => ({ ...file, name: inputName(entry.kind ?? "") })),
    ),
  ];
  const inputs = el(
    "table",
    {},
    el("caption", {}, t("national.inputs")),
    el(
      "thead",
      {},
      el("tr", {}, ["table", "file", "rows", "sha256"].map((name) =>
        el("th", { scope: "col", class: name === "rows" ? "number" : null }, t(`national.input_${name}`)))),
    ),
    el(
      "tbody",
      {},
      files.map((file) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, file.name),
          el("td", {}, file.file ?? t("national.not_stated")),
          el("td", { class: "number" }, file.rows === undefined ? "" : number(file.rows)),
          el("td", {}, sha(file.sha256)),
        ),
      ),
    ),
  );
  const { environment, methodology } = record;
  const versions = [
    ["apl_engine", record.apl_engine],
    ["Python", environment.python],
    ["NumPy", environment.numpy],
    ["Polars", environment.polars],
    ["Numba", environment.numba],
  ].map(([name, version]) => `${name} ${version}`);
  const rules = methodology.files.map((/** @type {any} */ file) =>
    el("li", {}, t("national.rule_file", { file: file.file }), " ", sha(file.sha256)),
  );
  return [
    el("p", {}, t("national.record_intro")),
    files.length ? scrollable(t("national.inputs"), inputs) : null,
    el("h4", {}, t("national.rules_title")),
    el("p", { lang: "fr" }, methodology.title),
    el("ul", {}, rules),
    el("p", {}, t("national.versions", { versions: versions.join(", ") })),
    el("p", {}, t("national.result_digest"), " ", sha(record.sha256)),
    record.publication ? protections(record.publication, territories) : null,
    notes(record.notes),
    el(
      "p",
      { class: "downloads" },
      el(
        "button",
        {
          type: "button",
          onclick: () => saveText("record.json", JSON.stringify(record, null, 1) + "\n", "application/json"),
        },
        t("national.save_record"),
      ),
    ),
  ];
}

/** @param {string} table */
function inputName(table) {
  return hasText(`national.table_${table}`) ? t(`national.table_${table}`) : table;
}

/** How a publication protects practitioners. @param {any} publication @param {any} territories */
function protections(publication, territories) {
  const { steps, hidden, shown } = publication;
  const names = publication.unprotected.map((/** @type {string} */ code) => {
    const row = territories.code.indexOf(code);
    return row < 0 ? code : `${territories.name[row]} (${code})`;
  });
  return [
    el("h4", {}, t("national.protection_title")),
    el(
      "ul",
      {},
      el("li", {}, t("national.protection_rule", {
        people: number(publication.min_practitioners),
        share: percent(publication.protection, 0),
      })),
      el("li", {}, t("national.protection_steps", {
        commune: number(steps.commune_apl),
        territory: number(steps.territory_apl),
        etp: number(steps.territory_etp),
      })),
      el("li", {}, t("national.protection_hidden", {
        communes: number(hidden.communes_apl),
        territories: number(hidden.territories_apl),
        shown: percent(shown.inhabitants_apl, 1),
      })),
      names.length ? el("li", {}, t("national.protection_exceptions", { names: names.join(", ") })) : null,
    ),
  ];
}

/** What was imputed, left out or odd. @param {any[]} all */
function notes(all) {
  if (!all.length) return null;
  return [
    el("h4", {}, t("national.notes_title")),
    el(
      "ul",
      {},
      all.map((note) => {
        const key = `note.${note.code.replace(".", "_")}`;
        const mark = note.warning ? el("strong", {}, t("national.warning"), " ") : null;
        // What has no text here is as the command says it, in English.
        if (!hasText(key)) return el("li", {}, mark, el("span", { lang: "en" }, note.text));
        const values = { ...note.details, n: note.count ?? 0, n_text: number(note.count ?? 0) };
        for (const [name, value] of Object.entries(note.details)) {
          if (typeof value === "number" && !name.startsWith("year")) values[name] = number(value, value % 1 ? 1 : 0);
        }
        return el("li", {}, mark, t(key, values));
      }),
    ),
  ];
}
