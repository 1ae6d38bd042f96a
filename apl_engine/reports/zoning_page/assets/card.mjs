/** The card of a commune or a territory, and the link that opens it. */

import { el, fill } from "./dom.mjs";
import { neighboursInOrder, suppliersOf } from "./facts.mjs";
import { date, isShown, number, percent } from "./format.mjs";
import { makeLetter, printLetterAlone } from "./letter.mjs";
import { departementText } from "./search.mjs";
import { change, state, watch } from "./state.mjs";
import {
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
  /** @type {number | null} the commune that is open */
  let shownCommune = null;
  /** @type {number | null} the one that was open before */
  let origin = null;
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
      byDay(chosen),
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
      origin !== null && origin !== commune ? el("p", {}, backTo(origin)) : null,
      el("h2", { id: "card-title", tabindex: -1 }, commune === null ? [el("span", { class: "level" }, t("card.level_territory")), " "] : null, isolated(nameOf(chosen))),
      el("p", { class: "kind" }, kind),
      el("p", { class: "zone" }, zone < 0 ? t("card.no_zone") : withElements("card.zone", { zone: el("strong", {}, zoneMark(model, zone)) })),
      meta.result.fictitious ? el("p", { class: "example" }, t("card.example")) : null,
      before >= 0 && before !== zone ? el("p", { class: "before" }, withElements("card.zone_before", { zone: el("span", {}, zoneMark(model, before)) })) : null,
    ];
  } // prettier-ignore

  /** @param {number} commune */
  function backTo(commune) {
    const open = () => {
      change({ commune, territory: model.units.territory[commune] });
      map?.fitCommune(commune);
      document.getElementById("card-title")?.focus();
    };
    const name = isolated(model.communes.name[commune]);
    return el(
      "button",
      { type: "button", class: "link on-screen", "data-back": commune, onclick: open },
      withElements("card.back_to", { name }),
    );
  }

  /** Return what helps to find again what is open: a link, or of a file what to look for in it. */
  function reference() {
    const link = linkOf(model);
    const address = location.href.split("#")[0];
    if (location.protocol !== "file:") return address + link;
    const chosen = /** @type {Place} */ (place());
    const { commune, territory } = chosen;
    const code =
      commune === null ? model.territories.code[territory] : model.communes.code[commune];
    const file = decodeLink(address.slice(address.lastIndexOf("/") + 1));
    return t("card.reference", { name: nameOf(chosen), code, file, link });
  }

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
            const text = reference();
            const inFile = location.protocol === "file:";
            link.value = text;
            // Of a file the reader sees what was copied: it is not the link that was asked for.
            link.hidden = !inFile;
            try {
              await navigator.clipboard.writeText(text);
              fill(said, t(inFile ? "card.copied_file" : "card.copied"));
            } catch {
              // The browser does not allow it: the reader copies it.
              link.hidden = false;
              link.select();
              fill(said, t(inFile ? "card.copy_file_yourself" : "card.copy_yourself"));
            }
          },
        },
        t("card.copy"),
      ),
      el("button", { type: "button", "data-search": true, onclick: searchAgain }, t("card.search_again")),
      el("button", { type: "button", onclick: close }, t("card.close")),
      link,
      said,
    );
  }

  function searchAgain() {
    const query = /** @type {HTMLInputElement | null} */ (document.getElementById("query"));
    query?.scrollIntoView({ block: "center" });
    query?.focus({ preventScroll: true });
    query?.select();
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

  /** Return the sections of which some sentences are those of a day. @param {Place} chosen */
  function byDay(chosen) {
    const zone = model.territories.zone[chosen.territory];
    const effect = el("p", { class: "effect" });
    const list = el("div");
    const inWords = el("span", { class: "day-in-words" });
    const decided = el("section", { class: "agency" });
    const show = () => {
      fill(inWords, ` (${date(day)})`);
      fill(effect, effectText(model, chosen, day));
      fill(list, aidsList(model, zone, day));
      fill(decided, agency(chosen));
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
    const aids = el(
      "section",
      {},
      el("h3", {}, t("card.aids")),
      meta.card.aids
        ? el("p", {}, el("label", { for: "aids-day" }, t("card.aids_on"), " "), input, inWords)
        : null,
      list,
      meta.card.aids ? effect : null,
    );
    return [aids, distances(chosen), decided];
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
    const { answer, change: effect, notes } = marginTexts(model, chosen, day);
    return [
      el("h3", {}, t("card.margin")),
      el("p", {}, answer),
      effect && el("p", { class: "change" }, effect),
      notes.map((line) => el("p", { class: "note" }, line)),
      model.workbench && region >= 0
        ? el(
            "p",
            {},
            el(
              "button",
              {
                type: "button",
                class: "link on-screen",
                onclick: () => change({ tab: "workbench", region }),
              },
              t("card.margin_workbench"),
            ),
          )
        : null,
    ];
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
    ) => {
      // A column that the page lacks as a whole hides nothing.
      const text = table[name] ? number(table[name][place], digits) : "–";
      return el("td", { class: "number" }, text);
    };
    const known = rows.filter(
      ([name]) => meta.result.has_supply || !["practitioners", "etp"].includes(name),
    );
    const hidden = known.some(
      ([name]) =>
        (territories[name] && !isShown(territories[name][territory])) ||
        (commune !== null && communes[name] && !isShown(communes[name][commune])),
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
      commune !== null && el("p", { class: "note" }, t("card.territory_decides")),
      meta.result.has_supply ? el("p", { class: "note" }, t("card.etp_note")) : null,
      meta.card.hidden === null ? null : el("p", { class: "note" }, publishedText(model, hidden)),
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
    return [
      onGround.length > 0 &&
        el(
          "section",
          { class: "around" },
          el("h3", {}, t("card.around")),
          el("ul", { class: "places" }, onGround.map(listed)),
        ),
      inOrder.length > 0 &&
        el(
          "section",
          { class: "alike" },
          el("h3", {}, t(meta.card.national ? "card.alike_country" : "card.alike")),
          el("p", { class: "note" }, t("card.in_order")),
          el("ol", { class: "places" }, inOrder.map(listed)),
        ),
    ];
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
      if (shownCommune !== null && shownCommune !== state.commune) origin = shownCommune;
      if (!place()) origin = null;
      shownCommune = state.commune;
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
