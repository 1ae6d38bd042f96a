/** The country, or a region, in figures: cuts, histogram, article VI, references, method, record. */

import {
  bottomAxis, dataTable, figure, leftAxis, linearScale, picture, place, scrollable, tableButtons, ticksTo,
} from "./charts.mjs";
import { CutSection, highestShown } from "./curve.mjs";
import { curveOf, Cuts } from "./cuts.mjs";
import { el, fill, svg } from "./dom.mjs";
import { isShown, number, people, percent, signed } from "./format.mjs";
import { ageBand, methodSection, recordSection } from "./method.mjs";
import { change, state, watch } from "./state.mjs";
import { inLanguage, lang, t } from "./text.mjs";

const WIDEST = 760;

/**
 * Count inhabitants by APL and zone.
 *
 * @param {{ apl: (number | null)[], population: number[], zone: number[] }} territories
 * @param {number} zones their number
 * @param {number} step width of a class of APLs
 * @param {number} limit the last class begins here
 * @param {(territory: number) => boolean} counted
 * @param {(territory: number) => boolean} computed whether it has an APL of its own: not if the
 *   text imposes its zone
 * @returns {{ bins: number[][], missing: number[] }} inhabitants by class of APLs and zone; and
 *   those of territories without an APL, by zone
 */
export function histogramOf(territories, zones, step, limit, counted = () => true, computed = () => true) {
  const bins = Array.from({ length: Math.round(limit / step) + 1 }, () => Array(zones).fill(0));
  const missing = Array(zones).fill(0);
  territories.population.forEach((count, territory) => {
    const zone = territories.zone[territory];
    if (zone < 0 || !counted(territory)) return;
    const apl = territories.apl[territory];
    const bin = isShown(apl) && computed(territory) ? Math.floor(/** @type {number} */ (apl) / step) : -1;
    const counts = bin < 0 ? missing : bins[Math.min(bin, bins.length - 1)];
    counts[zone] += count;
  });
  return { bins, missing };
}

/**
 * Put the rows of the record's article VI into one for each region.
 *
 * @param {any[]} rows
 * @returns {{ region: string, name: string, corrected: boolean, cells: Map<string, { share: number, text: number, difference: number }> }[]}
 *   a row of the text that is misprinted comes twice: as printed, and as corrected
 */
export function articleRows(rows) {
  /** @type {Map<string, any>} */
  const all = new Map();
  for (const row of rows) {
    if (!isShown(row.share)) continue;
    for (const corrected of isShown(row.corrected) ? [false, true] : [false]) {
      const key = `${row.region} ${corrected}`;
      if (!all.has(key)) {
        all.set(key, { region: row.region, name: row.region_name, corrected, cells: new Map() });
      }
      all.get(key).cells.set(row.zone, {
        share: row.share,
        text: corrected ? row.corrected : row.published,
        difference: corrected ? row.corrected_difference : row.difference,
      });
    }
  }
  return [...all.values()];
}

/**
 * @param {HTMLElement} root
 * @param {any} model
 */
export function makeNational(root, model) {
  if (!model.national || !model.record) return;
  const { meta, territories, record } = model;
  model.cuts = new Cuts(model.national);
  /** Where the reader has put the cuts, in steps. */
  const steps = [...model.cuts.law];
  model.whole = () => (isWhole(record) ? t("national.whole") : t("national.whole_result"));
  const head = el("div", { class: "national-head" });
  const body = el("div", { class: "national-body" });
  fill(root, head, body);
  let drawn = "";
  const heading = el("span");
  const select = /** @type {HTMLSelectElement} */ (
    el("select", {
      onchange: () => change({ region: Number(select.value) < 0 ? null : Number(select.value) }),
    })
  );
  const region = () => state.region ?? -1;

  const where = () => (region() < 0 ? model.whole() : meta.regions[region()].name);
  const drawHead = () => {
    fill(
      select,
      el("option", { value: -1 }, model.whole()),
      meta.regions.map((/** @type {any} */ one, /** @type {number} */ i) =>
        el("option", { value: i }, one.name),
      ),
    );
    fill(
      head,
      el("h2", {}, t("national.title"), " – ", heading),
      el(
        "label",
        {},
        t("national.region"),
        " ",
        select,
      ),
    );
  };

  const draw = () => {
    if (state.tab !== "national") return;
    const width = Math.min(WIDEST, Math.max(300, root.clientWidth - 32));
    const key = `${lang()} ${region()} ${width}`;
    if (key === drawn) return;
    if (!drawn.startsWith(`${lang()} `)) drawHead();
    drawn = key;
    select.value = String(region());
    heading.textContent = where();
    const counted = (/** @type {number} */ territory) =>
      region() < 0 || territories.region[territory] === region();
    fill(
      body,
      section("cuts", t("national.cuts_title"), el("p", {}, t("national.cuts_intro")),
        new CutSection(model, region(), width, steps).element()),
      section("histogram", t("national.histogram_title"), histogramSection(model, width, counted, region())),
      section("article", t("national.article_title"), articleSection(model, region())),
      section("references", t("national.references_title"), referenceSection(model, width)),
      section("method", t("national.method_title"), methodSection(model)),
      section("record", t("national.record_title"), recordSection(model)),
    );
  };

  watch(["lang", "tab", "region"], draw);
  let waiting = 0;
  new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 150);
  }).observe(root);
  draw();
}

/** Return whether a result is of all regions of the text. @param {any} record */
function isWhole(record) {
  const rows = record.article_vi;
  return rows.length > 0 && rows.every((/** @type {any} */ row) => isShown(row.share));
}

/** @param {string} name @param {string} title @param {...any} children */
function section(name, title, ...children) {
  const id = `national-${name}`;
  return el("section", { "aria-labelledby": id }, el("h3", { id }, title), children);
}

/** Name each zone beside its colour and its number. @param {any} model */
function zoneKey(model) {
  return el(
    "ul",
    { class: "zone-key" },
    model.meta.zones.map((/** @type {any} */ zone, /** @type {number} */ k) =>
      el(
        "li",
        {},
        el("span", { class: "swatch", style: { background: zone.colour } }),
        `${k + 1}. ${inLanguage(zone, "label")}`,
      ),
    ),
  );
}

/** @param {any} model @param {number} width @param {(territory: number) => boolean} counted @param {number} region */
function histogramSection(model, width, counted, region) {
  const { meta, territories, record } = model;
  const { zones } = meta;
  const limit = highestShown(curveOf(model.cuts, territories));
  const step = limit > 400 ? 10 : 5;
  const ranked = new Set(model.national.territories);
  const { bins, missing } = histogramOf(territories, zones.length, step, limit, counted, (territory) =>
    ranked.has(territory),
  );
  const sums = bins.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  const height = 290;
  const box = { left: width < 500 ? 44 : 64, right: width - 8, top: 54, bottom: height - 42 };
  const x = linearScale(0, limit + step, box.left, box.right);
  const most = Math.max(...sums, 1);
  const y = linearScale(0, most, box.bottom, box.top);
  const inMillions = most >= 2e6;
  const short = (/** @type {number} */ value) =>
    inMillions ? number(value / 1e6, value % 1e6 ? 1 : 0) : number(value / 1e3, value % 1e3 ? 1 : 0);
  const name = (/** @type {number} */ bin) =>
    bin === bins.length - 1
      ? t("national.bin_last", { from: number(bin * step) })
      : t("national.bin", { from: number(bin * step), to: number((bin + 1) * step) });
  const bars = bins.map((counts, bin) => {
    let below = 0;
    return counts.map((count, k) => {
      if (!count) return null;
      const top = y(below + count);
      const bar = svg("rect", {
        x: place(x(bin * step) + 0.5),
        y: place(top),
        width: place(x(step) - x(0) - 1),
        height: place(y(below) - top),
        fill: zones[k].colour,
        class: "band",
      });
      below += count;
      return bar;
    });
  });
  const cuts = record.reference_values.cuts.map((/** @type {any} */ cut) => cut.highest_apl);
  const ends = [0, ...cuts, limit + step];
  const numbers = zones.map((/** @type {any} */ _, /** @type {number} */ k) => {
    const middle = (Math.min(ends[k], limit) + Math.min(ends[k + 1], limit + step)) / 2;
    return svg("text", { class: "zone-number", x: place(x(middle)), y: box.top - 8, "text-anchor": "middle" }, k + 1);
  });
  const where = region < 0 ? model.whole() : meta.regions[region].name;
  const peak = sums.indexOf(Math.max(...sums));
  const hidden = missing.reduce((sum, count) => sum + count, 0);
  const title = t("national.histogram_of", { where });
  const drawing = picture(
    {
      id: "histogram",
      title,
      description: t("national.histogram_description", { bin: name(peak), people: people(sums[peak]) }),
      width,
      height,
    },
    leftAxis(box, y, ticksTo(most, 4), short, t(inMillions ? "national.axis_millions" : "national.axis_thousands")),
    bars,
    cuts.map((/** @type {number | null} */ apl) =>
      isShown(apl) && /** @type {number} */ (apl) <= limit
        ? svg("line", { class: "cut", x1: x(/** @type {number} */ (apl)), x2: x(/** @type {number} */ (apl)), y1: box.top - 20, y2: box.bottom })
        : null,
    ),
    numbers,
    bottomAxis(box, x, ticksTo(limit, width < 500 ? 4 : 8), (value) => number(value),
      t(width < 500 ? "national.axis_apl_short" : "national.axis_apl")),
  );
  const columns = [
    { title: t("national.column_apl") },
    ...zones.map((/** @type {any} */ zone) => ({ title: inLanguage(zone, "label"), format: (/** @type {number} */ count) => number(count) })),
  ];
  const rows = bins.map((counts, bin) => [name(bin), ...counts]);
  if (hidden) rows.push([t("national.bin_hidden"), ...missing]);
  const table = { name: "histogramme", title, columns, rows };
  return [
    figure(drawing, [zoneKey(model), t("national.histogram_caption", { hidden: people(hidden) })], table),
  ];
}

/** @param {any} model @param {number} region */
function articleSection(model, region) {
  const { meta, record } = model;
  const rows = articleRows(record.article_vi);
  if (!rows.length) return el("p", {}, t("national.article_none"));
  /** @type {Map<string, any>} */
  const zones = new Map(meta.zones.map((/** @type {any} */ zone) => [zone.id, zone]));
  const ids = [...new Set(record.article_vi.map((/** @type {any} */ row) => row.zone))];
  const chosen = region < 0 ? null : meta.regions[region].code;
  const label = (/** @type {any} */ row) => {
    if (row.region === "FR") return model.whole();
    return row.corrected ? t("national.article_corrected", { region: row.name }) : row.name;
  };
  const figures = /** @type {const} */ (["share", "text", "difference"]);
  const table = el(
    "table",
    { class: "article" },
    el("caption", { class: "visually-hidden" }, t("national.article_title")),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col", rowspan: 2 }, t("national.column_region")),
        ids.map((id) => el("th", { scope: "colgroup", colspan: 3 }, inLanguage(zones.get(id), "label"))),
      ),
      el(
        "tr",
        {},
        ids.map(() =>
          figures.map((name) => el("th", { scope: "col", class: `number ${name}` }, t(`national.article_${name}`))),
        ),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) =>
        el(
          "tr",
          { class: row.region === chosen ? "chosen" : row.region === "FR" ? "all" : null },
          el(
            "th", { scope: "row" },
            row.region === chosen ? "▸ " : "", label(row),
            row.corrected && el("small", { class: "why" }, t("national.article_corrected_why")),
          ),
          ids.map((id) => {
            const cell = row.cells.get(id);
            return [
              el("td", { class: "number share" }, percent(cell?.share, 1)),
              el("td", { class: "number text" }, percent(cell?.text, 1)),
              el("td", { class: "number difference" }, signed(cell?.difference, 1)),
            ];
          }),
        ),
      ),
    ),
  );
  const columns = [
    { title: t("national.column_region") },
    ...ids.flatMap((id) =>
      figures.map((name) => ({
        title: `${inLanguage(zones.get(id), "label")} – ${t(`national.article_${name}_full`)}`,
        format: (/** @type {number} */ value) => number(value),
      })),
    ),
  ];
  const cells = rows.map((row) => [
    label(row),
    ...ids.flatMap((id) => figures.map((name) => row.cells.get(id)?.[name] ?? null)),
  ]);
  const left = new Set(record.article_vi.filter((/** @type {any} */ row) => !isShown(row.share)).map((/** @type {any} */ row) => row.region)).size;
  return [
    el("p", {}, t("national.article_intro")),
    meta.result.fictitious ? el("p", {}, t("national.article_fictitious")) : null,
    left ? el("p", {}, t("national.article_left", { n: left })) : null,
    scrollable(t("national.article_title"), table),
    rows.filter((row) => row.corrected).map((row) => el("p", {}, misprint(row, ids, zones))),
    el("p", { class: "downloads" }, t("national.download"), " ",
      tableButtons({ name: "article-vi", title: t("national.article_title"), columns, rows: cells })),
  ];
}

/** Say what a misprinted row is taken to mean, and why. @param {any} row @param {any[]} ids @param {Map<string, any>} zones */
function misprint(row, ids, zones) {
  const shares = ids
    .map((id) => `${inLanguage(zones.get(id), "label")} ${percent(row.cells.get(id)?.text, 1)}`)
    .join(", ");
  const known = ["94"].includes(row.region);
  return (
    t("national.misprint", { region: row.name, shares }) + (known ? " " + t("national.misprint_94") : "")
  );
}

/** @param {any} model @param {number} width */
function referenceSection(model, width) {
  const { meta, record } = model;
  const values = record.reference_values;
  const counts = record.counts ?? {};
  const cards = [];
  const card = (/** @type {string} */ name, /** @type {string} */ value) =>
    cards.push(el("div", { class: "card-figure" }, el("dt", {}, t(`national.value_${name}`)), el("dd", {}, value)));
  if ("median_acts" in values) {
    card("median", t("national.acts", { n_text: number(values.median_acts), n: values.median_acts }));
    card("ceiling", t("national.acts", { n_text: number(values.ceiling_acts), n: values.ceiling_acts }));
  }
  if (counts.practitioners?.counted) card("practitioners", number(counts.practitioners.counted));
  if ("etp" in record.totals) card("etp", number(record.totals.etp));
  card("population", number(record.totals.population));
  const zones = new Map(meta.zones.map((/** @type {any} */ zone) => [zone.id, zone]));
  const apl = (/** @type {number | null} */ value) => number(value, record.publication ? 0 : 2);
  const share = (/** @type {number | null} */ value) => percent(value, 2);
  const table = {
    name: "seuils",
    title: t("national.cut_table_title"),
    columns: [
      { title: t("national.column_zone") },
      { title: t("national.column_law"), format: (/** @type {number} */ value) => percent(value, value % 1 ? 1 : 0) },
      { title: t("national.column_reached"), format: share },
      { title: t("national.column_highest"), format: apl },
      { title: t("national.column_next"), format: apl },
    ],
    rows: values.cuts.map((/** @type {any} */ cut) => [
      inLanguage(zones.get(cut.zone), "label"), cut.share, cut.reached, cut.highest_apl, cut.next_apl,
    ]),
  };
  const totals = {
    name: "zones",
    title: t("national.zones_title"),
    columns: [
      { title: t("national.column_zone") },
      ...["territories", "communes", "people"].map((name) => ({
        title: t(`national.column_${name}`),
        format: (/** @type {number} */ value) => number(value),
      })),
      { title: t("national.column_share"), format: share },
    ],
    rows: record.zones.map((/** @type {any} */ row) => [
      inLanguage(zones.get(row.zone), "label"), row.territories, row.communes, row.population, row.share,
    ]),
  };
  return [
    el("dl", { class: "cards" }, cards),
    "median_acts" in values ? null : el("p", {}, t("national.no_supply")),
    [totals, table].map((one) => [
      el("h4", {}, one.title),
      scrollable(one.title, dataTable(one)),
      el("p", { class: "downloads" }, t("national.download"), " ", tableButtons(one)),
    ]),
    values.age_bands ? ageChart(values.age_bands, Math.min(width, 560)) : null,
  ];
}

/** What an inhabitant of each age counts. @param {any[]} bands @param {number} width */
function ageChart(bands, width) {
  const row = 18;
  const box = { left: 108, right: width - 44, top: 26, bottom: 26 + bands.length * row };
  const most = Math.max(...bands.map((band) => band.weight));
  const x = linearScale(0, most, box.left, box.right);
  const name = (/** @type {any} */ band) => ageBand(band.age_band);
  const title = t("national.ages_title");
  const heaviest = bands.find((band) => band.weight === most);
  const drawing = picture(
    {
      id: "ages",
      title,
      description: t("national.ages_description", { age: name(heaviest), weight: number(most, 2) }),
      width,
      height: box.bottom + 8,
    },
    svg("line", { class: "grid", x1: x(1), x2: x(1), y1: box.top - 6, y2: box.bottom }),
    svg("text", { class: "axis-text", x: x(1), y: box.top - 10, "text-anchor": "middle" }, t("national.ages_average")),
    bands.map((band, i) => {
      const y = box.top + i * row;
      return [
        svg("text", { class: "axis-text", x: box.left - 6, y: y + row / 2, dy: ".32em", "text-anchor": "end" }, name(band)),
        svg("rect", { class: "age-bar", x: box.left, y: y + 2, width: place(x(band.weight) - box.left), height: row - 4 }),
        svg("text", { class: "axis-text", x: place(x(band.weight) + 4), y: y + row / 2, dy: ".32em" }, number(band.weight, 2)),
      ];
    }),
  );
  const table = {
    name: "poids-par-age",
    title,
    columns: [
      { title: t("national.column_age") },
      { title: t("national.column_weight"), format: (/** @type {number} */ value) => number(value, 2) },
      { title: t("national.column_fees_per_head"), format: (/** @type {number} */ value) => number(value, 2) },
      { title: t("national.column_people"), format: (/** @type {number} */ value) => number(value) },
    ],
    rows: bands.map((band) => [name(band), band.weight, band.fees_per_head, band.population]),
  };
  return [el("h4", {}, title), figure(drawing, t("national.ages_caption"), table)];
}
