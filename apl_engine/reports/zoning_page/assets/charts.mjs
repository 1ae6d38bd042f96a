/** Charts as SVG, each with its figures in a table behind it. */

import { csvButtons } from "./csv.mjs";
import { el, svg } from "./dom.mjs";
import { t } from "./text.mjs";

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {((value: any) => string)} [format] how a number is written; text has none
 *
 * @typedef {object} Table
 * @property {string} name of its file, without the ending
 * @property {string} title
 * @property {Column[]} columns
 * @property {(string | number | null)[][]} rows
 *
 * @typedef {{ left: number, right: number, top: number, bottom: number }} Box
 */

/** Return a function from values to places in a picture. @param {number} from @param {number} to @param {number} start @param {number} end */
export function linearScale(from, to, start, end) {
  const slope = (end - start) / (to - from || 1);
  return (/** @type {number} */ value) => start + (value - from) * slope;
}

/** Return the next number of the form 1, 2 or 5 times a power of ten. @param {number} value */
export function roundStep(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((digit) => digit * power >= value * (1 - 1e-9)) ?? 10);
}

/** Return round values from 0 to a limit, about as many as asked for. @param {number} limit @param {number} count */
export function ticksTo(limit, count) {
  const step = roundStep(limit / count);
  return Array.from({ length: Math.floor(limit / step + 1e-9) + 1 }, (_, i) => i * step);
}

/** Write a place in a picture. @param {number} value */
export function place(value) {
  return String(Math.round(value * 10) / 10);
}

/**
 * Return the picture of a chart, with what a screen reader says of it.
 *
 * @param {{ id: string, title: string, description: string, width: number, height: number }} about
 * @param {...any} children
 */
export function picture({ id, title, description, width, height }, ...children) {
  return svg(
    "svg",
    {
      class: "chart",
      role: "img",
      "aria-labelledby": `${id}-title ${id}-description`,
      viewBox: `0 0 ${width} ${height}`,
      style: { "max-width": `${width}px` },
    },
    svg("title", { id: `${id}-title` }, title),
    svg("desc", { id: `${id}-description` }, description),
    children,
  );
}

/**
 * Return a horizontal axis below a chart, with a title.
 *
 * @param {Box} box
 * @param {(value: number) => number} scale
 * @param {number[]} values
 * @param {(value: number) => string} format
 * @param {string} title
 */
export function bottomAxis(box, scale, values, format, title) {
  return svg(
    "g",
    { class: "axis" },
    svg("line", { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }),
    values.map((value) => {
      const x = place(scale(value));
      return [
        svg("line", { x1: x, x2: x, y1: box.bottom, y2: box.bottom + 4 }),
        svg("text", { x, y: box.bottom + 16, "text-anchor": "middle" }, format(value)),
      ];
    }),
    svg("text", { x: box.right, y: box.bottom + 33, "text-anchor": "end" }, title),
  );
}

/**
 * Return a vertical axis to the left of a chart, its lines across it, and a title above.
 *
 * @param {Box} box
 * @param {(value: number) => number} scale
 * @param {number[]} values
 * @param {(value: number) => string} format
 * @param {string} title
 */
export function leftAxis(box, scale, values, format, title) {
  return svg(
    "g",
    { class: "axis" },
    values.map((value) => {
      const y = place(scale(value));
      return [
        svg("line", { class: "grid", x1: box.left, x2: box.right, y1: y, y2: y }),
        svg("text", { x: box.left - 6, y, dy: ".32em", "text-anchor": "end" }, format(value)),
      ];
    }),
    svg("text", { x: 0, y: 12 }, title),
  );
}

/** Return a table of figures; the first column names the rows. @param {Table} table @param {boolean} [captioned] */
export function dataTable({ title, columns, rows }, captioned = true) {
  const kind = (/** @type {Column} */ column) => (column.format ? "number" : null);
  return el(
    "table",
    {},
    captioned ? el("caption", { class: "visually-hidden" }, title) : null,
    el(
      "thead",
      {},
      el("tr", {}, columns.map((column) => el("th", { scope: "col", class: kind(column) }, column.title))),
    ),
    el(
      "tbody",
      {},
      rows.map((row) =>
        el(
          "tr",
          {},
          row.map((value, i) => {
            const column = columns[i];
            const text = column.format ? column.format(value) : (value ?? "");
            return i
              ? el("td", { class: kind(column) }, text)
              : el("th", { scope: "row", class: kind(column) }, text);
          }),
        ),
      ),
    ),
  );
}

/** Return the buttons that save a table. @param {Table} table */
export function tableButtons({ name, title, columns, rows }) {
  return csvButtons(name, () => ({ columns: columns.map((column) => column.title), rows }), title);
}

/**
 * Return a chart with its caption, its table and the buttons that save it.
 *
 * @param {Element} drawing
 * @param {any} caption
 * @param {Table} table what the chart shows
 * @param {Element} [buttons] those that save more than the table, in place of it
 */
export function figure(drawing, caption, table, buttons = tableButtons(table)) {
  return el(
    "figure",
    {},
    drawing,
    el("figcaption", {}, caption),
    el(
      "details",
      {},
      el("summary", {}, t("national.see_table"), el("span", { class: "visually-hidden" }, ` ${table.title}`)),
      scrollable(table.title, dataTable(table)),
    ),
    el("p", { class: "downloads" }, t("national.download"), " ", buttons),
  );
}

/** Let a wide table scroll by itself, also by keys. @param {string} title @param {Element} table */
export function scrollable(title, table) {
  return el("div", { class: "scroll", role: "group", "aria-label": title, tabindex: 0 }, table);
}
