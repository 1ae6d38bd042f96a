/** What is stated of a commune or a territory, in sentences: on its card, and in a letter. */

import { el } from "./dom.mjs";
import {
  aidsChanged,
  aidsOn,
  countRanked,
  cutAfter,
  distanceTo,
  periodOn,
  shareWithLess,
  zoneName,
} from "./facts.mjs";
import { date, number, people, percent } from "./format.mjs";
import { marginOf } from "./margin.mjs";
import { inLanguage, lang, t } from "./text.mjs";

/** @typedef {{ commune: number | null, territory: number }} Place */

/** Return a name apart from the text around it, whatever its direction. @param {string} name */
export function isolated(name) {
  return el("bdi", {}, name);
}

/** Return a text with some of its values as elements. @param {string} key @param {Record<string, any>} values */
export function withElements(key, values) {
  // Each value is set apart by a character that no text has.
  const names = Object.keys(values);
  const marks = Object.fromEntries(names.map((name, k) => [name, `\uE000${k}\uE000`]));
  return t(key, marks)
    .split("\uE000")
    .map((part, k) => (k % 2 ? values[names[Number(part)]] : part));
}

/** Return today as "2026-11-29". */
export function today() {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

/** Return the colour of a zone and its name. @param {any} model @param {number} zone */
export function zoneMark(model, zone) {
  if (zone < 0) return t("card.no_zone");
  return [
    el("span", {
      class: "swatch",
      "aria-hidden": "true",
      style: { background: model.meta.zones[zone].colour },
    }),
    inLanguage(model.meta.zones[zone], "label"),
  ];
}

/** Return why a territory has its zone, in sentences. @param {any} model @param {Place} place @returns {any[][]} */
export function whyOf(model, { territory }) {
  const { meta, territories } = model;
  const { card } = meta;
  const reason = card.reasons[territories.reason[territory]];
  const zone = territories.zone[territory];
  const apl = territories.apl?.[territory] ?? null;
  const minutes = number(card.minutes);
  /** @type {any[][]} */
  const sentences = [];
  if (reason.kind !== "ranked") {
    sentences.push([t(`card.why_${reason.kind}`, { reason: inLanguage(reason, "text") })]);
  }
  if (reason.kind === "nobody" || reason.kind === "imposed") return sentences;
  if (apl === null) return [...sentences, [t("card.why_hidden", { minutes })]];
  sentences.push([t("card.why_apl", { minutes, apl: aplText(model, apl), per: number(card.per) })]);
  const less = shareWithLess(model, territory);
  const rank = territories.rank[territory];
  if (rank !== null && less !== null) {
    sentences.push([
      t("card.why_rank", {
        rank: number(rank), ranked: number(countRanked(model)), less: percent(less),
        whole: t(card.national ? "card.of_france" : "card.of_area"),
      }),
    ]); // prettier-ignore
  }
  if (reason.kind === "ranked" && zone >= 0) sentences.push([boundsOf(model, zone)]);
  return sentences;
}

/** Return where a zone begins and ends. @param {any} model @param {number} zone */
function boundsOf(model, zone) {
  const { meta } = model;
  const below = cutAfter(meta, zone - 1);
  const above = cutAfter(meta, zone);
  // The share of the population at which the law ends the zone.
  const shareTo = (/** @type {number} */ end) =>
    percent(
      meta.zones
        .slice(0, end)
        .reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one.share ?? 0), 0),
      0,
    );
  const values = {
    zone: zoneName(model, zone), from: aplText(model, below), cut: aplText(model, above),
    share: shareTo(zone + 1), share_below: shareTo(zone),
  }; // prettier-ignore
  if (above === null) return below === null ? "" : t("card.why_highest", values);
  return t(below === null ? "card.why_lowest" : "card.why_middle", values);
}

/** Write an APL with the decimals that it has. @param {any} model @param {number | null} apl */
export function aplText(model, apl) {
  return number(apl, model.meta.card.step === null ? 1 : 0);
}

/** Write a number of which the order of magnitude is known. @param {number} value */
const roughly = (value) => number(value, value < 9.95 && Math.round(10 * value) % 10 ? 1 : 0);

/** Return how a publication rounds, and why a figure is hidden if one is. @param {any} model @param {boolean} hidden */
export function publishedText({ meta: { card } }, hidden) {
  const rounded = t("card.rounded", {
    step: number(card.step),
    commune_step: number(card.commune_step),
  });
  return hidden ? `${t("card.hidden_why", { n: number(card.hidden) })} ${rounded}` : rounded;
}

/** Return a name after « de », as its language has it: d'Ancenis, du Mans. @param {string} name */
export function afterOf(name) {
  if (lang() !== "fr") return ["of ", isolated(name)];
  const [, article, rest] = /^(Le|Les) (.+)$/s.exec(name) ?? [];
  if (article) return [article === "Le" ? "du " : "des ", isolated(rest)];
  const vowel = /^[aeiouœæ]/i.test(name.normalize("NFD"));
  return [vowel ? "d'" : "de ", isolated(name)];
}

/** Return what the distances to the zones beside say. @param {any} model @param {Place} place @returns {{ lines: string[], note: string }} */
export function distanceTexts(model, { territory }) {
  const { meta, territories } = model;
  const { card } = meta;
  if (card.reasons[territories.reason[territory]].kind !== "ranked") {
    return { lines: [t("card.distance_unranked")], note: "" };
  }
  const lines = [];
  const ends = [];
  let note = "";
  for (const way of /** @type {const} */ (["up", "down"])) {
    const distance = distanceTo(model, territory, way);
    if (!distance) {
      const own = territories.zone[territory];
      const last = way === "up" ? meta.zones.length - 1 : 0;
      if (own === last) ends.push(t(way === "up" ? "card.highest" : "card.lowest"));
      continue;
    }
    const { apl, etp, cut, exact } = distance;
    const zone = zoneName(model, distance.zone);
    if (exact && apl === null) lines.push(t("card.apl_never", { zone }));
    else if (exact) {
      const key = etp === null ? "etp_never" : way === "up" ? "etp_more" : "etp_less";
      lines.push(
        t(`card.${way}_exact`, {
          zone,
          apl: number(Math.abs(apl ?? 0), 2),
          etp: t(`card.${key}`, { n: Math.abs(etp ?? 0), n_text: number(Math.abs(etp ?? 0), 2) }),
        }),
      );
      note = t("card.exact");
    } else if (apl !== null && Math.abs(apl) < (card.step ?? 0) / 2) {
      lines.push(t("card.at_cut", { zone }));
    } else {
      lines.push(
        t(`card.${way}`, {
          zone,
          apl: aplText(model, Math.abs(apl ?? 0)),
          n: Math.abs(etp ?? 0),
          n_text: roughly(Math.abs(etp ?? 0)),
        }),
      );
    }
    if (!exact) {
      note ||= t("card.formula", {
        apl: aplText(model, territories.apl[territory]), cut: aplText(model, cut), per: number(card.per),
        standardised: number(territories.standardised[territory]),
      }); // prettier-ignore
    }
  }
  if (!lines.length) lines.push(t("card.distance_hidden"));
  return { lines: [...lines, ...ends], note };
}

/**
 * Return what the agency's margin allows, and what that would change, in sentences: the answer,
 * what it would mean for aids, whose decision it is, and the rule.
 *
 * @param {any} model
 * @param {Place} place
 * @param {string} day of the aids
 * @returns {{ answer: string, change: string, notes: string[] }}
 */
export function marginTexts(model, { territory }, day) {
  const { meta } = model;
  const margin = marginOf(model, territory);
  const law = meta.law?.margin;
  if (margin.status === "unknown" || !law) {
    return { answer: t("card.margin_unknown"), change: "", notes: [] };
  }
  const values = {
    lower: zoneName(model, law.lower), upper: zoneName(model, law.upper),
    zone: zoneName(model, margin.from), to: zoneName(model, margin.to),
    people: people(margin.people), limit: people(margin.limit), margin: percent(margin.margin),
    region: meta.regions[margin.region]?.name ?? "",
    rank: number(margin.rank), candidates: number(margin.candidates), article: meta.card.articles.consultation ?? "",
  }; // prettier-ignore
  const answer = t(`card.margin_${margin.status}`, values);
  if (margin.status === "fixed") return { answer, change: "", notes: [] };
  const rule = law.addition_order === "free" ? "card.margin_rule_free" : "card.margin_rule";
  return {
    answer,
    change: changeText(model, margin.from, margin.to, day),
    notes: [
      law.consultation && values.article ? t("card.margin_decision", values) : "",
      t(rule, values),
      !margin.exact && margin.rank !== null ? t("card.margin_rounded") : "",
    ].filter(Boolean),
  };
}

/** Return what a change of zone would do to the aids on a day. @param {any} model @param {number} from @param {number} to @param {string} day */
function changeText(model, from, to, day) {
  const changed = aidsChanged(model.meta.card.aids, from, to, day);
  if (!changed) return "";
  const names = (/** @type {string[]} */ measures) =>
    measures.map((one) => t(`aid.${one}_short`)).join(", ");
  const values = { zone: zoneName(model, to), date: date(day) };
  const { closed, opened } = changed;
  const parts = [
    closed.length > 0 && t("card.change_closed", { ...values, aids: names(closed) }),
    opened.length > 0 && t("card.change_opened", { ...values, aids: names(opened) }),
  ].filter(Boolean);
  return parts.length ? parts.join(" ") : t("card.change_none", values);
}

/** Return from when on the zoning is in force, seen on a day. @param {any} model @param {Place} place @param {string} day */
export function effectText(model, { territory }, day) {
  const { meta, territories } = model;
  // Zones of no real practitioners are in force nowhere.
  if (meta.result.fictitious) return t("card.effect_example");
  const region = territories.region[territory];
  const since = meta.card.aids?.effect[region] ?? null;
  const name = meta.regions[region]?.name ?? "";
  if (since === null) return t("card.effect_unknown", { region: name });
  return t(day < since ? "card.effect_later" : "card.effect_since", {
    region: name,
    date: date(since),
  });
}

/** Return the aids of a zone on a day as a list, and who says what is not certain. @param {any} model @param {number} zone @param {string} day @returns {HTMLElement[]} */
export function aidsList(model, zone, day) {
  const { aids } = model.meta.card;
  const opened = aids && aidsOn(aids, zone, day);
  if (!opened) {
    const first = aids?.periods[0]?.since;
    const text =
      first && day < first ? t("card.aids_before", { date: date(first) }) : t("card.aids_none");
    return [el("p", {}, text)];
  }
  const doubtful = [...opened.measures, ...opened.contracts].filter((one) => !one.certain);
  const sources = [...new Set(doubtful.map((one) => one.source))];
  const verify = (/** @type {any} */ one) =>
    !one.certain && el("small", {}, ` (${t(one.kind ? "card.verify_amount" : "card.verify_rule")})`);
  const list = el(
    "ul",
    { class: "aids" },
    opened.measures.map((/** @type {any} */ one) => {
      const answer = el("strong", {}, t(one.opens ? "card.open" : "card.closed"));
      const sign = one.opens ? (one.measure === "regulated" ? "!" : "✓") : "–";
      return el(
        "li",
        { class: one.opens ? "opens" : "closed", "data-measure": one.measure },
        el("span", { class: "sign", "aria-hidden": "true" }, sign),
        el("span", {}, withElements("card.aid", { title: t(`aid.${one.measure}`), answer }), verify(one)),
        one.measure === "conventional" && opened.contracts.length > 0
          ? el(
              "ul",
              {},
              el("li", {}, t("card.contact")),
              opened.contracts.length > 1 && periodOn(aids, day).exclusive
                ? el("li", {}, t("card.one_contract"))
                : null,
              opened.contracts.map((/** @type {any} */ offer) =>
                el(
                  "li",
                  { "data-contract": offer.kind },
                  t("card.contract", {
                    title: t(`aid.${offer.kind}`), kind: offer.kind, for_whom: t(`aid.${offer.kind}_for`),
                    maximum: number(offer.maximum), years: number(offer.years),
                  }),
                  verify(offer),
                ),
              ),
            )
          : null,
      );
    }),
  ); // prettier-ignore
  return sources.length
    ? [list, el("p", { class: "note" }, withElements("card.verify_sources", { sources: el("span", { lang: "fr" }, sources.join(" ; ")) }))]
    : [list];
}
