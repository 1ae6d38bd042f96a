/** Cumulated population by APL, and the cuts, which can be moved. */

import { bottomAxis, figure, leftAxis, linearScale, picture, place, ticksTo } from "./charts.mjs";
import { csvButtons } from "./csv.mjs";
import { aplAt, countChanges, curveOf, Cuts, shareAt } from "./cuts.mjs";
import { el, fill, svg } from "./dom.mjs";
import { number, percent } from "./format.mjs";
import { inLanguage, t } from "./text.mjs";

/** Return whether white is easier to read than black on a colour. @param {string} colour "#rrggbb" */
export function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue < 128;
}

/**
 * Return the highest APL that charts show: almost all inhabitants have less.
 *
 * @param {{ apl: number[], share: number[] }} curve
 */
export function highestShown(curve) {
  const high = curve.apl.length ? aplAt(curve, 98.5) : 1;
  return Math.max(1, Math.ceil(high / 50) * 50);
}

/** Write a number of which only bounds are known. @param {number} least @param {number} most @param {(n: number) => string} format */
export function writtenRange(least, most, format) {
  if (least === most) return format(least);
  return t("national.range", { least: format(least), most: format(most) });
}

/** @param {number} n */
const whole = (n) => number(n);

/** The section of the cuts: a chart with a slider for each, and what changes. */
export class CutSection {
  /**
   * @param {any} model
   * @param {number} region its number, -1 for the whole country
   * @param {number} width of the chart
   * @param {number[]} steps where the cuts are; changed by the reader
   */
  constructor(model, region, width, steps) {
    this.model = model;
    this.region = region;
    this.steps = steps;
    this.cuts = /** @type {Cuts} */ (model.cuts);
    const { territories } = model;
    this.inRegion = (/** @type {number} */ territory) => territories.region[territory] === region;
    this.curve = curveOf(this.cuts, territories);
    this.own = region < 0 ? null : curveOf(this.cuts, territories, this.inRegion);
    this.width = width;
    this.height = width < 500 ? 340 : 420;
    const narrow = width < 500;
    this.box = { left: narrow ? 48 : 52, right: width - 74, top: 26, bottom: this.height - 42 };
    this.limit = highestShown(this.curve);
    this.x = linearScale(0, this.limit, this.box.left, this.box.right);
    this.y = linearScale(0, 100, this.box.bottom, this.box.top);
    this.drawing = el("div", { class: "cut-drawing" });
    this.handles = this.steps.map((_, k) => this.#handle(k));
    this.grips = this.steps.map((_, k) => this.#grip(k));
    this.effect = el("div", { class: "cut-effect" });
    this.status = el("p", { class: "cut-status", role: "status" });
    this.reset = el(
      "button",
      { type: "button", onclick: () => this.#set(this.cuts.law) },
      t("national.reset"),
    );
    this.#show();
  }

  /** The section, ready to be shown. */
  element() {
    const region = this.own && this.model.meta.regions[this.region].name;
    return figure(
      el(
        "div",
        { class: "cut-section" },
        el(
          "div",
          { class: "cut-chart", style: { "max-width": `${this.width}px` } },
          this.drawing,
          this.grips,
          this.handles,
        ),
        el("div", { class: "cut-side" }, this.status, this.effect, el("p", {}, this.reset)),
      ),
      [
        region ? el("p", {}, el("strong", {}, t("national.curve_of_region", { region }))) : null,
        el("p", {}, t("national.curve_caption"), " ", this.#aboutFigures()),
      ],
      this.#table(),
      csvButtons("courbe-territoires", () => this.#territories(), t("national.curve_title")),
    );
  }

  /** @param {number} k */
  #share(k) {
    return this.steps[k] / this.cuts.unit;
  }

  /** Return between which steps a cut can be. @param {number} k */
  #bounds(k) {
    const tenth = this.cuts.unit / 10;
    const low = k ? this.steps[k - 1] + tenth : tenth;
    const high = k + 1 < this.steps.length ? this.steps[k + 1] - tenth : 100 * this.cuts.unit - tenth;
    return [low, high];
  }

  /** @param {number} k @param {number} step */
  #move(k, step) {
    const [low, high] = this.#bounds(k);
    const steps = [...this.steps];
    steps[k] = Math.min(high, Math.max(low, step));
    this.#set(steps);
  }

  /** @param {number[]} steps */
  #set(steps) {
    steps.forEach((step, k) => void (this.steps[k] = step));
    this.#show();
  }

  /** @param {number} k */
  #handle(k) {
    const tenth = this.cuts.unit / 10;
    return el("div", {
      class: "cut-handle",
      role: "slider",
      tabindex: 0,
      "aria-orientation": "vertical",
      "aria-label": t("national.cut_of", { zone: inLanguage(this.model.meta.zones[k], "label") }),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        const [low, high] = this.#bounds(k);
        const target = {
          ArrowUp: this.steps[k] + tenth,
          ArrowRight: this.steps[k] + tenth,
          ArrowDown: this.steps[k] - tenth,
          ArrowLeft: this.steps[k] - tenth,
          PageUp: this.steps[k] + 10 * tenth,
          PageDown: this.steps[k] - 10 * tenth,
          Home: low,
          End: high,
          Escape: this.cuts.law[k],
        }[event.key];
        if (target === undefined) return;
        event.preventDefault();
        this.#move(k, target);
      },
      ...this.#dragging(k),
    });
  }

  /** A line across the chart to drag with a mouse. @param {number} k */
  #grip(k) {
    return el("div", { class: "cut-grip", "aria-hidden": "true", ...this.#dragging(k) });
  }

  /** @param {number} k */
  #dragging(k) {
    /** @type {number | null} */
    let offset = null;
    const shareUnder = (/** @type {PointerEvent} */ event) => {
      const { top, height } = this.drawing.getBoundingClientRect();
      const y = ((event.clientY - top) / height) * this.height;
      return (100 * (this.box.bottom - y)) / (this.box.bottom - this.box.top);
    };
    return {
      onpointerdown: (/** @type {PointerEvent} */ event) => {
        if (event.button) return;
        const target = /** @type {HTMLElement} */ (event.currentTarget);
        target.setPointerCapture(event.pointerId);
        offset = this.#share(k) - shareUnder(event);
        this.handles[k].focus({ preventScroll: true });
        event.preventDefault();
      },
      onpointermove: (/** @type {PointerEvent} */ event) => {
        if (offset === null) return;
        const share = shareUnder(event) + offset;
        this.#move(k, Math.round(share * 10) * (this.cuts.unit / 10));
      },
      onlostpointercapture: () => void (offset = null),
    };
  }

  #show() {
    fill(this.drawing, this.#picture());
    const percentOf = (/** @type {number} */ value, /** @type {number} */ whole) =>
      `${((100 * value) / whole).toFixed(3)}%`;
    let shift = 0;
    this.handles.forEach((handle, k) => {
      const share = this.#share(k);
      const y = this.y(share);
      // Handles one above the other step aside; the chart may be shown smaller than it is drawn.
      const enlarged = (this.drawing.clientWidth || this.width) / this.width;
      const reach = Math.max(28, (handle.offsetHeight + 4) / enlarged);
      const near = k > 0 && Math.abs(y - this.y(this.#share(k - 1))) < reach;
      shift = near ? shift + 1 : 0;
      const x = this.box.right + 2 - (shift * 72) / Math.min(1, enlarged);
      for (const part of [handle, this.grips[k]]) {
        part.style.setProperty("top", percentOf(y, this.height));
      }
      handle.style.setProperty("left", percentOf(x, this.width));
      this.grips[k].style.setProperty("left", percentOf(this.box.left, this.width));
      this.grips[k].style.setProperty("right", percentOf(this.width - this.box.right, this.width));
      handle.textContent = percent(share, 1);
      const [low, high] = this.#bounds(k);
      const { unit } = this.cuts;
      const values = { "aria-valuemin": low / unit, "aria-valuemax": high / unit, "aria-valuenow": share };
      for (const [name, value] of Object.entries(values)) handle.setAttribute(name, String(value));
      const text = this.steps[k] === this.cuts.law[k] ? "national.cut_value_law" : "national.cut_value";
      handle.setAttribute(
        "aria-valuetext",
        t(text, { share: percent(share, 1), apl: number(aplAt(this.curve, share), 1) }),
      );
    });
    this.#showEffect();
  }

  /** @param {{ apl: number[], share: number[], start: number }} curve @param {number} from @param {number} to @param {boolean} closed */
  #stairs(curve, from, to, closed) {
    const { x, y, limit } = this;
    const points = [];
    let below = Math.max(from, curve.start);
    if (closed) points.push(`M${place(x(0))},${place(y(below))}`);
    let [lastX, lastY] = [NaN, NaN];
    for (let i = 0; i < curve.apl.length && below < to; i++) {
      if (curve.share[i] <= below) continue;
      const share = Math.min(curve.share[i], to);
      const px = x(Math.min(curve.apl[i], limit));
      const [bottom, top] = [y(below), y(share)];
      // Steps too small to be seen are left out.
      if (!(Math.abs(px - lastX) < 0.4 && Math.abs(top - lastY) < 0.4) || share === to) {
        points.push(`${points.length ? "L" : "M"}${place(px)},${place(bottom)}V${place(top)}`);
        [lastX, lastY] = [px, top];
      }
      below = share;
    }
    if (closed) points.push(`H${place(x(0))}Z`);
    return points.join("");
  }

  #picture() {
    const { box, x, y, curve, own, width, height } = this;
    const { zones } = this.model.meta;
    const shares = this.steps.map((_, k) => this.#share(k));
    const ends = [0, ...shares, 100];
    const apls = shares.map((share) => Math.min(aplAt(curve, share), this.limit));
    const described = zones.map((/** @type {any} */ zone, /** @type {number} */ k) =>
      t("national.band", { zone: inLanguage(zone, "label"), share: percent(ends[k + 1] - ends[k], 1) }),
    );
    const region = own ? this.model.meta.regions[this.region].name : "";
    return picture(
      {
        id: "curve",
        title: t("national.curve_title"),
        description:
          t("national.curve_description", { bands: described.join(", ") }) +
          (own ? " " + t("national.curve_of_region", { region }) : ""),
        width,
        height,
      },
      leftAxis(box, y, [0, 20, 40, 60, 80, 100], (value) => percent(value, 0), t("national.axis_share")),
      zones.map((/** @type {any} */ zone, /** @type {number} */ k) =>
        svg("path", {
          d: this.#stairs(curve, ends[k], ends[k + 1], true),
          fill: zone.colour,
          class: "band",
        }),
      ),
      svg("path", { d: this.#stairs(curve, 0, 100, false), class: "curve" }),
      own ? svg("path", { d: this.#stairs(own, 0, 100, false), class: "curve-halo" }) : null,
      own ? svg("path", { d: this.#stairs(own, 0, 100, false), class: "curve-own" }) : null,
      shares.map((share, k) => [
        svg("line", { class: "cut", x1: box.left, x2: box.right, y1: y(share), y2: y(share) }),
        svg("line", { class: "drop", x1: x(apls[k]), x2: x(apls[k]), y1: y(share), y2: box.bottom }),
      ]),
      zones.map((/** @type {any} */ zone, /** @type {number} */ k) =>
        this.#label(zone, ends[k], ends[k + 1], described[k]),
      ),
      bottomAxis(
        box,
        x,
        ticksTo(this.limit, width < 500 ? 4 : 6),
        whole,
        t(width < 500 ? "national.axis_apl_short" : "national.axis_apl"),
      ),
    );
  }

  /** The name of a zone: right of its slice, or in it where that reaches far. @param {any} zone @param {number} from @param {number} to @param {string} text */
  #label(zone, from, to, text) {
    const { x, y, box } = this;
    if (y(from) - y(to) < 16) return null;
    const reach = x(Math.min(aplAt(this.curve, to), this.limit));
    const inside = box.right - reach < 8 * text.length && reach - box.left > 7 * text.length;
    const middle = y((from + to) / 2);
    return svg(
      "text",
      {
        class: `band-label ${inside ? (isDark(zone.colour) ? "light" : "inside") : ""}`,
        x: inside ? box.left + 8 : Math.min(reach + 8, box.right - 7 * text.length),
        y: middle,
        dy: ".32em",
      },
      text,
    );
  }

  /** Say what of the figures is rounded or missing. */
  #aboutFigures() {
    const publication = this.model.record.publication;
    if (!publication) return null;
    return t("national.rounded", {
      n: this.curve.missing,
      n_text: whole(this.curve.missing),
      step: number(publication.steps.territory_apl),
    });
  }

  #showEffect() {
    const { model, cuts, steps } = this;
    const moved = steps.some((step, k) => step !== cuts.law[k]);
    /** @type {HTMLButtonElement} */ (this.reset).disabled = !moved;
    if (!moved) {
      const shares = cuts.law.map((step) => percent(step / cuts.unit, step % cuts.unit ? 1 : 0));
      fill(this.status, t("national.at_law", { shares: shares.join(", ") }));
      fill(this.effect);
      return;
    }
    const changes = countChanges(cuts, steps, model.territories);
    const sentence = (/** @type {string} */ key, /** @type {any} */ counts, values = {}) =>
      t(key, {
        ...values,
        territories: this.#counted("territories", counts),
        communes: this.#counted("communes", counts),
        people: this.#counted("people", counts),
      });
    const sentences = [sentence("national.changed", changes)];
    if (this.own) {
      const within = countChanges(cuts, steps, model.territories, this.inRegion);
      const region = model.meta.regions[this.region].name;
      sentences.push(sentence("national.changed_in_region", within, { region }));
    }
    fill(this.status, sentences.join(" "));
    fill(this.effect, changes.flows.length ? this.#flows(changes.flows) : null);
  }

  /** Write how many, as one number or as two. @param {"territories" | "communes" | "people"} what @param {{ least: any, most: any }} counts */
  #counted(what, { least, most }) {
    const text = writtenRange(least[what], most[what], whole);
    return t(`national.n_${what}`, { n: Math.round(most[what]), n_text: text });
  }

  /** @param {any[]} flows */
  #flows(flows) {
    const { zones } = this.model.meta;
    const swatch = (/** @type {number} */ k) => [
      el("span", { class: "swatch", style: { background: zones[k].colour } }),
      inLanguage(zones[k], "label"),
    ];
    const figures = /** @type {const} */ (["territories", "communes", "people"]);
    return el(
      "table",
      { class: "flows" },
      el("caption", {}, t("national.flows_title")),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, t("national.from_to")),
          figures.map((name) => el("th", { scope: "col", class: "number" }, t(`national.column_${name}`))),
        ),
      ),
      el(
        "tbody",
        {},
        flows.map(({ from, to, least, most }) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, swatch(from), " → ", swatch(to)),
            figures.map((name) => el("td", { class: "number" }, writtenRange(least[name], most[name], whole))),
          ),
        ),
      ),
    );
  }

  /** The curve as a table: the share of the population up to some APLs. */
  #table() {
    const { model, curve, own } = this;
    const apls = ticksTo(this.limit, 25);
    const columns = [
      { title: t("national.column_apl_up_to"), format: whole },
      { title: model.whole(), format: (/** @type {number} */ value) => percent(value, 1) },
    ];
    if (own) {
      const { name } = model.meta.regions[this.region];
      columns.push({ title: name, format: (/** @type {number} */ value) => percent(value, 1) });
    }
    const rows = apls.map((apl) => [
      apl,
      shareAt(curve, apl),
      ...(own ? [own.apl.length ? shareAt(own, apl) : null] : []),
    ]);
    return { name: "courbe", title: t("national.curve_title"), columns, rows };
  }

  /** All territories with their zones by the cuts as they are. */
  #territories() {
    const { territories, meta } = this.model;
    const { low, high } = this.cuts.zonesAt(this.steps);
    const label = (/** @type {number} */ k) => inLanguage(meta.zones[k], "label");
    const before = this.cuts.zonesAt(this.cuts.law).low;
    return {
      columns: ["code", "territory", "region", "population", "apl", "zone_law", "zone_lowest", "zone_highest"]
        .map((name) => t(`national.csv_${name}`)),
      rows: this.cuts.order.territories.map((number, i) => [
        territories.code[number],
        territories.name[number],
        meta.regions[territories.region[number]]?.name ?? "",
        territories.population[number],
        territories.apl[number],
        label(before[i]),
        label(low[i]),
        label(high[i]),
      ]),
    };
  }
}

