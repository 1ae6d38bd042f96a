/** The card as a letter to the mayor: on screen first, then on A4. */

import { el } from "./dom.mjs";
import { date, isShown, number } from "./format.mjs";
import { departementText } from "./search.mjs";
import {
  afterOf,
  aidsList,
  aplText,
  distanceTexts,
  effectText,
  isolated,
  marginTexts,
  publishedText,
  today,
  whyOf,
  withElements,
} from "./statements.mjs";
import { zoneName, aidsOn } from "./facts.mjs";
import { inLanguage, t } from "./text.mjs";

/**
 * Return a letter on a place, with buttons to print it and to go back.
 *
 * @param {any} model see main.mjs
 * @param {import("./statements.mjs").Place} place
 * @param {string} day of the aids
 * @param {() => void} back
 * @returns {HTMLElement[]}
 */
export function makeLetter(model, place, day, back) {
  const { meta, communes, territories } = model;
  const { commune, territory } = place;
  const zone = territories.zone[territory];
  const name = isolated(commune === null ? territories.name[territory] : communes.name[commune]);
  const section = (/** @type {string} */ title, /** @type {any} */ ...parts) =>
    el("section", {}, el("h3", {}, title), parts);
  const paragraphs = (/** @type {any[]} */ lines) => lines.map((line) => el("p", {}, line));
  const { lines, note } = distanceTexts(model, place);
  const margin = marginTexts(model, place, day);
  const example = meta.result.fictitious;
  // Of an example nothing is said as if it were so.
  const stated = `${commune === null ? "letter.zone_territory" : "letter.zone"}${example ? "_example" : ""}`;

  const letter = el(
    "article",
    { class: "letter", "aria-labelledby": "letter-title" },
    meta.result.internal && el("p", { class: "warning" }, t("common.internal")),
    meta.result.fictitious && el("p", { class: "warning" }, t("common.fictitious")),
    el("p", { class: "to" }, commune === null ? name : [t("letter.to"), el("br"), isolated(communes.name[commune]), el("br"), departementText(model, commune)]),
    el("p", { class: "day" }, t("letter.date", { date: date(today()) })),
    el("h2", { id: "letter-title" }, withElements(commune === null ? "letter.object_territory" : "letter.object", { of_name: afterOf(name.textContent ?? "") })),
    commune !== null && el("p", {}, t("letter.salutation")),
    el("p", { class: "stated" }, el("strong", {}, zone < 0 ? t("letter.no_zone") : t(stated, { zone: zoneName(model, zone) }))),
    commune !== null &&
      el("p", {}, territories.communes[territory] === 1
        ? t("card.of_territory_alone")
        : withElements("card.of_territory", { name: isolated(territories.name[territory]), count: number(territories.communes[territory]) })),
    paragraphs(whyOf(model, place)),
    commune !== null && communes.apl && territories.communes[territory] > 1
      ? el("p", {}, t("letter.own_apl", { apl: aplText(model, communes.apl[commune]) }), " ", t("card.territory_decides"))
      : null,
    section(t("letter.aids", { date: date(day) }), aidsList(model, zone, day)[0], meta.card.aids && el("p", {}, effectText(model, place, day))),
    section(t("card.distance"), paragraphs(lines), note && el("p", { class: "note" }, note)),
    section(t("card.margin"), el("p", {}, [margin.answer, margin.change, ...margin.notes].filter(Boolean).join(" "))),
    section(t("letter.sources"), el("ul", {}, sources(model, place, zone, day).map((line) => el("li", {}, line)))),
    el("p", { class: "note" }, t("letter.no_order")),
  ); // prettier-ignore

  const buttons = el(
    "div",
    { class: "actions" },
    el("button", { type: "button", onclick: () => print() }, t("letter.print")),
    el("button", { type: "button", onclick: back }, t("letter.back")),
  );
  return [buttons, letter];
}

/** Return the texts of the law that a letter rests on, and its record. @param {any} model @param {import("./statements.mjs").Place} place @param {number} zone @param {string} day */
function sources({ meta, communes, territories }, { commune, territory }, zone, day) {
  const { card, result } = meta;
  /** @type {Map<string, Set<string>>} */
  const cited = new Map([
    [
      result.methodology_title ?? card.text,
      new Set(
        Object.entries(card.articles)
          .filter(([about]) => about !== "consultation")
          .map(([about, article]) => `${t(`letter.article_${about}`)} (${article})`),
      ),
    ],
  ]);
  const opened = card.aids && aidsOn(card.aids, zone, day);
  const hidden =
    !isShown(territories.apl?.[territory]) ||
    (commune !== null && communes.apl && !isShown(communes.apl[commune]));
  for (const { source, title, article } of opened?.measures ?? []) {
    const of = cited.get(source) ?? new Set();
    cited.set(source, of.add(article ? `${title}, ${article}` : title));
  }
  for (const { source, kind } of opened?.contracts ?? []) {
    const of = cited.get(source) ?? new Set();
    cited.set(source, of.add(t("letter.amount", { kind })));
  }
  return [
    ...[...cited].map(
      ([source, articles]) => `${source}\u00a0: ${[...articles].join("\u00a0; ")}.`,
    ),
    t("letter.record", {
      version: result.version,
      digest: result.sha256.slice(0, 12),
      date: date(meta.made),
    }),
    ...(card.hidden === null ? [] : [publishedText({ meta }, hidden)]),
  ];
}

/** Have a letter that is open printed alone, however the reader prints. @param {HTMLElement} root that it is shown in */
export function printLetterAlone(root) {
  /** @type {Element[]} */
  let around = [];
  addEventListener("beforeprint", () => {
    const letter = root.querySelector(".letter");
    for (let one = letter?.parentElement; one && one !== document.body; one = one.parentElement) {
      around.push(one);
    }
    around.forEach((one) => one.classList.add("holds-letter"));
    document.documentElement.classList.toggle("prints-letter", letter !== null);
  });
  addEventListener("afterprint", () => {
    around.forEach((one) => one.classList.remove("holds-letter"));
    around = [];
    document.documentElement.classList.remove("prints-letter");
  });
}
