/** The card of a commune or a territory, and the link that opens it. */

import { el, fill } from "./dom.mjs";
import { neighboursInOrder, suppliersOf } from "./facts.mjs";
import { number, percent } from "./format.mjs";
import { makeLetter, printLetterAlone } from "./letter.mjs";
import { departementText } from "./search.mjs";
import { change, state, watch } from "./state.mjs";
import {
  aidsList,
  aplText,
  distanceTexts,
  effectText,
  hiddenText,
  isolated,
  marginTexts,
  today,
  whyOf,
  withElements,
  zoneMark,
} from "./statements.mjs";
import { inLanguage, t } from "./text.mjs";

/** @typedef {import("./statements.mjs").Place} Place */

/** Return the link that opens the page on what is chosen; empty if nothing is. @param {any} model */
export function linkOf({ meta, communes, territories }) {
  if (state.commune !== null && communes) return `#${communes.code[state.commune]}`;
  if (state.territory !== null) return `#territoire-${territories.code[state.territory]}`;
  if (state.region !== null) return `#region-${meta.regions[state.region].code}`;
  return "";
}

/**
 * Return what a link names: values of the state; null if the page does not have it.
 *
 * @param {any} model see main.mjs
 * @param {string} hash such as "#35238"
 */
export function linked({ meta, communes, territories, units }, hash) {
  let text = hash.slice(1);
  try {
    text = decodeURIComponent(text);
  } catch {
    // Not one that the page made.
  }
  const [, kind, code] = /^(?:(territoire|region)-)?(\w+)$/.exec(text) ?? [];
  const upper = (code ?? "").toUpperCase();
  if (kind === "territoire") {
    const territory = territories.code.indexOf(upper);
    return territory < 0 ? null : { territory, commune: null };
  }
  if (kind === "region") {
    const region = meta.regions.findIndex((/** @type {any} */ one) => one.code === upper);
    return region < 0 ? null : { region, territory: null, commune: null };
  }
  const commune = communes.code.indexOf(upper);
  return commune < 0 ? null : { commune, territory: units.territory[commune] };
}

/**
 * Make the card, and keep the address of the page in step with it.
 *
 * @param {HTMLElement} root
 * @param {any} model see main.mjs
 * @param {any} [map] see map.mjs
 */
export function makeCard(root, model, map) {
  const { meta } = model;
  let day = today();
  let unknown = "";
  let inLetter = false;
  const status = el("p", { class: "visually-hidden", role: "status" });
  const content = el("div", { class: "card" });
  // What is said is short: the card is read on from its heading.
  root.removeAttribute("aria-live");
  root.append(status, content);
  printLetterAlone(content);

  /** @returns {Place | null} */
  const place = () =>
    state.territory === null ? null : { commune: state.commune, territory: state.territory };

  function draw() {
    const chosen = place();
    if (!chosen) {
      inLetter = false;
      fill(
        content,
        el(
          "p",
          { class: "none" },
          unknown ? withElements("card.unknown_link", { link: isolated(unknown) }) : t("card.none"),
        ),
      );
      fill(status, unknown ? t("card.unknown_link", { link: unknown }) : "");
      return;
    }
    if (inLetter) {
      fill(
        content,
        makeLetter(model, chosen, day, () => showLetter(false)),
      );
      return;
    }
    fill(
      content,
      heading(chosen),
      actions(),
      why(chosen),
      aids(chosen),
      distances(chosen),
      agency(chosen),
      figures(chosen),
      suppliers(chosen),
      neighbours(chosen),
    );
  }

  /** @param {boolean} shown */
  function showLetter(shown) {
    inLetter = shown;
    draw();
    const focused = shown
      ? content.querySelector("button")
      : content.querySelector("[data-letter]");
    /** @type {HTMLElement | null} */ (focused)?.focus();
  }

  /** @param {Place} chosen */
  function nameOf({ commune, territory }) {
    return commune === null ? model.territories.name[territory] : model.communes.name[commune];
  }

  /** @param {Place} chosen */
  function heading(chosen) {
    const { communes, territories } = model;
    const { commune, territory } = chosen;
    const zone = territories.zone[territory];
    const before = territories.before?.zone?.[territory] ?? -1;
    const n = territories.communes[territory];
    const kind = commune === null
      ? t("card.territory", { n, n_text: number(n), region: meta.regions[territories.region[territory]]?.name ?? "", code: territories.code[territory] })
      : t("card.commune", { departement: departementText(model, commune), code: communes.code[commune] });
    return [
      el("h2", { id: "card-title", tabindex: -1 }, isolated(nameOf(chosen))),
      el("p", { class: "kind" }, kind),
      el("p", { class: "zone" }, zone < 0 ? t("card.no_zone") : withElements("card.zone", { zone: el("strong", {}, zoneMark(model, zone)) })),
      before >= 0 && before !== zone ? el("p", { class: "before" }, withElements("card.zone_before", { zone: el("span", {}, zoneMark(model, before)) })) : null,
    ];
  } // prettier-ignore

  function actions() {
    const link = /** @type {HTMLInputElement} */ (
      el("input", { type: "text", readonly: true, hidden: true, "aria-label": t("card.copy") })
    );
    const said = el("span", { role: "status" });
    return el(
      "div",
      { class: "actions" },
      el(
        "button",
        { type: "button", "data-letter": true, onclick: () => showLetter(true) },
        t("card.letter"),
      ),
      el(
        "button",
        {
          type: "button",
          onclick: async () => {
            const address = location.href.split("#")[0] + linkOf(model);
            try {
              await navigator.clipboard.writeText(address);
              fill(said, t("card.copied"));
            } catch {
              // The browser does not allow it from a file: the reader copies it.
              link.value = address;
              link.hidden = false;
              link.select();
            }
          },
        },
        t("card.copy"),
      ),
      el("button", { type: "button", onclick: close }, t("card.close")),
      link,
      said,
    );
  }

  function close() {
    change({ commune: null, territory: null });
    document.getElementById("query")?.focus();
  }

  /** @param {Place} chosen */
  function why(chosen) {
    const { territories } = model;
    const { commune, territory } = chosen;
    const count = territories.communes[territory];
    return el(
      "section",
      {},
      el("h3", {}, t("card.why")),
      commune === null
        ? null
        : el(
            "p",
            {},
            count === 1
              ? t("card.of_territory_alone")
              : withElements("card.of_territory", {
                  name: territoryButton(territory),
                  count: number(count),
                }),
          ),
      whyOf(model, chosen).map((sentence) => el("p", {}, sentence)),
    );
  }

  /** @param {number} territory */
  function territoryButton(territory) {
    return el(
      "button",
      {
        type: "button",
        class: "link",
        onclick: () => {
          change({ territory, commune: null });
          map?.fitTerritory(territory);
          document.getElementById("card-title")?.focus();
        },
      },
      isolated(model.territories.name[territory]),
    );
  }

  /** @param {Place} chosen */
  function aids(chosen) {
    const zone = model.territories.zone[chosen.territory];
    const effect = el("p", { class: "effect" });
    const list = el("div");
    const show = () => {
      fill(effect, effectText(model, chosen, day));
      fill(list, aidsList(model, zone, day));
    };
    const input = /** @type {HTMLInputElement} */ (
      el("input", {
        type: "date",
        id: "aids-day",
        value: day,
        min: meta.card.aids?.periods[0]?.since,
        onchange: () => {
          // Empty while a day is typed.
          if (!input.value) return;
          day = input.value;
          show();
        },
      })
    );
    show();
    return el(
      "section",
      {},
      el("h3", {}, t("card.aids")),
      meta.card.aids
        ? el("p", {}, el("label", { for: "aids-day" }, t("card.aids_on"), " "), input)
        : null,
      list,
      meta.card.aids ? effect : null,
    );
  }

  /** @param {Place} chosen */
  function distances(chosen) {
    const { lines, note } = distanceTexts(model, chosen);
    return el(
      "section",
      {},
      el("h3", {}, t("card.distance")),
      lines.map((line) => el("p", {}, line)),
      note && el("p", { class: "note" }, note),
    );
  }

  /** @param {Place} chosen */
  function agency(chosen) {
    const region = model.territories.region[chosen.territory];
    const [answer, ...others] = marginTexts(model, chosen);
    return el(
      "section",
      { class: "agency" },
      el("h3", {}, t("card.margin")),
      el("p", {}, answer),
      others.map((line) => el("p", { class: "note" }, line)),
      model.workbench && region >= 0
        ? el(
            "p",
            {},
            el(
              "button",
              {
                type: "button",
                class: "link",
                onclick: () => change({ tab: "workbench", region }),
              },
              t("card.margin_workbench"),
            ),
          )
        : null,
    );
  }

  /** @param {Place} chosen */
  function figures({ commune: own, territory }) {
    const { communes, territories } = model;
    // The same figures, which a publication rounds differently; or none, in a page of territories.
    const commune = territories.communes[territory] === 1 || !communes.population ? null : own;
    const decimals = meta.card.step === null ? 1 : 0;
    /** @type {[string, string, number][]} */
    const rows = [
      ["apl", "apl", decimals],
      ["population", "population", 0],
      ["standardised", "standardised", 0],
      ["practitioners", "practitioners", 0],
      ["etp", "etp", 1],
    ];
    const cell = (
      /** @type {any} */ table,
      /** @type {string} */ name,
      /** @type {number} */ place,
      /** @type {number} */ digits,
    ) => el("td", { class: "number" }, number(table[name]?.[place] ?? null, digits));
    const known = rows.filter(
      ([name]) => meta.result.has_supply || !["practitioners", "etp"].includes(name),
    );
    return el(
      "section",
      {},
      el("h3", {}, t("card.figures")),
      el(
        "table",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("td"),
            commune !== null && el("th", { scope: "col", class: "number" }, t("card.this_commune")),
            el("th", { scope: "col", class: "number" }, t("card.its_territory")),
          ),
        ),
        el(
          "tbody",
          {},
          known.map(([name, key, digits]) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, t(`card.${key}`, { per: number(meta.card.per) })),
              commune !== null && cell(communes, name, commune, digits),
              cell(
                territories,
                name,
                territory,
                name === "etp" && meta.card.step !== null ? 0 : digits,
              ),
            ),
          ),
        ),
      ),
      meta.card.hidden === null ? null : el("p", { class: "note" }, hiddenText(model)),
      meta.result.has_supply ? null : el("p", { class: "note" }, t("card.no_supply")),
    );
  }

  /** @param {Place} chosen */
  function suppliers({ commune, territory }) {
    const found = suppliersOf(model, commune, territory);
    if (!found) return null;
    return el(
      "section",
      {},
      el("h3", {}, t("card.suppliers")),
      found.length === 0
        ? el("p", {}, t("card.no_suppliers", { minutes: number(meta.card.minutes) }))
        : el(
            "table",
            {},
            el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("card.supplier")), el("th", { scope: "col", class: "number" }, t("card.share_of_apl")), commune !== null && el("th", { scope: "col", class: "number" }, t("card.trip")))),
            el("tbody", {}, found.map((one) => el("tr", {}, el("td", {}, isolated(model.communes.name[one.commune])), el("td", { class: "number" }, one.share < 1 ? `< ${percent(1, 0)}` : percent(one.share, 0)), commune !== null && el("td", { class: "number" }, number(one.minutes))))),
          ),
    );
  } // prettier-ignore

  /** @param {Place} chosen */
  function neighbours({ territory }) {
    const { territories } = model;
    const listed = (/** @type {number} */ k) =>
      el(
        "li",
        k === territory ? { "aria-current": "true" } : {},
        k === territory ? el("strong", {}, isolated(territories.name[k])) : territoryButton(k),
        " ",
        el(
          "span",
          { class: "mark" },
          zoneMark(model, territories.zone[k]),
          " · APL ",
          aplText(model, territories.apl?.[k] ?? null),
        ),
      );
    const inOrder = neighboursInOrder(model, territory);
    const onGround = (map?.neighbours(territory) ?? []).filter(
      (/** @type {number} */ k) => k !== territory,
    );
    if (!inOrder.length && !onGround.length) return null;
    return el(
      "section",
      {},
      el("h3", {}, t("card.neighbours")),
      inOrder.length > 0 && [
        el("h4", {}, t("card.in_order")),
        el("ol", { class: "places" }, inOrder.map(listed)),
      ],
      onGround.length > 0 && [
        el("h4", {}, t("card.on_ground")),
        el("ul", { class: "places" }, onGround.map(listed)),
      ],
    );
  }

  /** Take up what the address of the page names. */
  function follow() {
    if (location.hash.length < 2 || location.hash === "#query") return;
    const named = linked(model, location.hash);
    unknown = "";
    if (!named) {
      unknown = decodeLink(location.hash.slice(1));
      change({ commune: null, territory: null });
      draw();
      return;
    }
    change(named);
    if (named.commune != null) map?.fitCommune(named.commune);
    else if (named.territory != null) map?.fitTerritory(named.territory);
    else if (named.region != null) map?.fitRegion(named.region);
  }

  watch(["commune", "territory", "lang"], (changed) => {
    if (!changed.has("lang")) {
      inLetter = false;
      if (place()) unknown = "";
    }
    draw();
    const chosen = place();
    if (chosen && !changed.has("lang")) {
      const zone = model.territories.zone[chosen.territory];
      fill(
        status,
        t("card.status", {
          name: nameOf(chosen),
          zone: zone < 0 ? t("card.no_zone") : inLanguage(meta.zones[zone], "label"),
        }),
      );
    }
  });
  watch(["commune", "territory", "region"], () => {
    const link = linkOf(model);
    if (link === location.hash || (!link && !location.hash)) return;
    if (!link && unknown) return;
    location.hash = link;
  });
  addEventListener("hashchange", () => {
    if (location.hash === linkOf(model)) return;
    if (location.hash.length < 2) change({ commune: null, territory: null, region: null });
    else follow();
  });
  draw();
  follow();
}

/** Return the text of a link; as it is if it is none that a page made. @param {string} text */
function decodeLink(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
