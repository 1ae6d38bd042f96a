/** Start of the page: what is needed for the first map is read first, then the rest. */

import { hasBlock, readBlock, readJson } from "./blocks.mjs";
import { makeCard } from "./card.mjs";
import { byId, el, fill } from "./dom.mjs";
import { date } from "./format.mjs";
import { makeMap } from "./map.mjs";
import { makeNational } from "./national.mjs";
import { makeSearch } from "./search.mjs";
import { change, state, watch } from "./state.mjs";
import { inLanguage, lang, setTexts, t } from "./text.mjs";
import { Topology } from "./topology.mjs";
import { makeWorkbench } from "./workbench.mjs";

/**
 * The data of the page; see the Python package, which writes it.
 *
 * @typedef {object} Model
 * @property {any} meta
 * @property {any} territories
 * @property {{ territory: number[], departement: number[], region: number[] }} units of each commune
 * @property {Topology} topology borders of the territories; of communes too once they are read
 * @property {any} communes null until they are read
 * @property {any} lookup
 * @property {any} workbench null if the result may not be used for a proposal
 * @property {any} national
 * @property {any} record
 * @property {any} suppliers null unless the result is exact
 * @property {any} margins null unless the result is exact
 */

const TABS = /** @type {const} */ (["map", "workbench", "national"]);

/** Times of the start, ms since the page was asked for; for measurements. */
const times = /** @type {Record<string, number>} */ ({});
const mark = (/** @type {string} */ name) => void (times[name] = performance.now());

/** Resolve once all blocks of the page are there. */
function wholePage() {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
}

/** Return the codes of communes, of which the page holds what follows the departement. @param {Model} model @param {(number | string)[]} ends @returns {string[]} */
function codesOf(model, ends) {
  return ends.map((end, k) => {
    const { code } = model.meta.departements[model.units.departement[k]];
    return code + String(end).padStart(5 - code.length, "0");
  });
}

/** @param {Model} model */
function drawFrame(model) {
  const { meta } = model;
  document.documentElement.lang = lang();
  document.title = inLanguage(meta, "title");
  byId("title").textContent = inLanguage(meta, "title");
  fill(
    byId("notices"),
    meta.result.internal && el("p", { class: "notice internal" }, t("common.internal")),
    meta.result.fictitious && el("p", { class: "notice" }, t("common.fictitious")),
    meta.boundaries.approximate && el("p", { class: "notice" }, t("common.approximate")),
  );
  fill(
    byId("tabs"),
    TABS.map((tab) =>
      el(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${tab}`,
          "aria-controls": tab === "map" ? "lookup" : tab,
          "aria-selected": String(state.tab === tab),
          tabindex: state.tab === tab ? 0 : -1,
          onclick: () => change({ tab }),
          onkeydown: (/** @type {KeyboardEvent} */ event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (!step) return;
            const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length];
            change({ tab: next });
            byId(`tab-${next}`).focus();
          },
        },
        t(`common.tab_${tab}`),
      ),
    ),
  );
  const other = lang() === "fr" ? "en" : "fr";
  fill(
    byId("languages"),
    el(
      "button",
      { type: "button", lang: other, onclick: () => change({ lang: other }) },
      t("common.other_language"),
    ),
  );
  fill(byId("skip"), t("common.skip"));
  byId("tabs").setAttribute("aria-label", t("common.tabs"));
  byId("map").setAttribute("aria-label", t("common.tab_map"));
  const { result } = meta;
  fill(
    byId("sources"),
    el(
      "p",
      {},
      t("common.made", { date: date(meta.made), methodology: result.methodology }),
      " ",
      t("common.outlines", { source: inLanguage(meta.boundaries, "source") }),
      " ",
      t("common.version", { version: result.version, digest: result.sha256.slice(0, 12) }),
    ),
  );
}

/** @param {Model} model */
function showTab({ meta }) {
  document.body.dataset.tab = state.tab;
  // A workbench that only says why it is not there needs no map.
  const withoutMap = state.tab === "national" || (state.tab === "workbench" && Boolean(meta.law.refused));
  document.body.classList.toggle("without-map", withoutMap);
  byId("map").hidden = withoutMap;
  byId("lookup").hidden = state.tab !== "map";
  byId("workbench").hidden = state.tab !== "workbench";
  byId("national").hidden = state.tab !== "national";
  for (const tab of TABS) {
    const button = byId(`tab-${tab}`);
    button.setAttribute("aria-selected", String(state.tab === tab));
    button.tabIndex = state.tab === tab ? 0 : -1;
  }
}

/** Scroll to the card that was opened from below it, as on a phone. */
function showCard() {
  if (state.territory === null || !matchMedia("(max-width: 760px)").matches) return;
  const { top } = byId("card").getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) byId("card").scrollIntoView();
}

async function start() {
  mark("script");
  const [meta, territories, outlines] = await Promise.all([
    readJson("meta"),
    readJson("territories"),
    readBlock("outlines"),
  ]);
  mark("read");
  /** @type {Model} */
  const model = {
    meta,
    territories,
    units: territories.units,
    topology: new Topology(outlines),
    communes: null,
    lookup: null,
    workbench: null,
    national: null,
    record: null,
    suppliers: null,
    margins: null,
  };
  setTexts(meta.texts, meta.lang);
  state.lang = lang();
  byId("unsupported").remove();
  drawFrame(model);
  showTab(model);
  // Before any view: those who watch the language find its texts set.
  watch(["lang"], () => {
    setTexts(meta.texts, state.lang);
    drawFrame(model);
  });
  const map = makeMap(byId("map"), model);
  mark("first");
  watch(["tab"], () => showTab(model));

  await wholePage();
  const [communes, inner, lookup, workbench, national, record, suppliers, margins] =
    await Promise.all([
      readJson("communes"),
      hasBlock("inner") ? readBlock("inner") : null,
      readJson("search"),
      readJson("proposals"),
      readJson("national-figures"),
      readJson("record"),
      readJson("suppliers"),
      readJson("margins"),
    ]);
  communes.code = codesOf(model, communes.code);
  Object.assign(model, { communes, lookup, workbench, national, record, suppliers, margins });
  if (inner) model.topology.add(inner);
  map.refine();
  mark("communes");
  makeSearch(byId("search-box"), model, map);
  makeCard(byId("card"), model, map);
  watch(["territory", "commune"], showCard);
  makeWorkbench(byId("workbench"), model, map);
  makeNational(byId("national"), model);
  document.body.dataset.ready = "yes";
  mark("ready");
}

globalThis.aplTimes = times;
start();
