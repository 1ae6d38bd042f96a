/** Tables and texts that the reader takes along as files. */

import { el } from "./dom.mjs";
import { lang, t } from "./text.mjs";

/** @typedef {string | number | null | undefined} Cell */
/** @typedef {"plain" | "french"} CsvStyle */

// A spreadsheet takes what begins so for a formula; an apostrophe before it makes it text. The
// command writes and reads the same.
const RUNS = /^('*[=+\-@\t\r])/;

/**
 * Write a table as CSV that no spreadsheet runs.
 *
 * @param {string[]} columns their titles
 * @param {Cell[][]} rows numbers are written with all their digits
 * @param {CsvStyle} style "french": semicolons, decimal commas and a mark of UTF-8
 * @returns {string}
 */
export function csvText(columns, rows, style) {
  const french = style === "french";
  const separator = french ? ";" : ",";
  /** @param {Cell} cell */
  const written = (cell) => {
    if (cell === null || cell === undefined || Number.isNaN(cell)) return "";
    if (typeof cell === "number") {
      return french ? String(cell).replace(".", ",") : String(cell);
    }
    const text = cell.replace(RUNS, "'$1");
    const quoted = text === "" || text.includes(separator) || /["\r\n]/.test(text);
    return quoted ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const lines = [columns, ...rows].map((row) => row.map(written).join(separator) + "\n");
  return (french ? "\ufeff" : "") + lines.join("");
}

/** Have the browser save a text as a file. @param {string} name @param {string} text @param {string} type */
export function saveText(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = el("a", { href: address, download: name });
  link.click();
  // A browser may read the file after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * Have the browser save a table as CSV.
 *
 * @param {string} name of the file, without its ending
 * @param {string[]} columns
 * @param {Cell[][]} rows
 * @param {CsvStyle} [style] by default that of the language of the page
 */
export function saveCsv(name, columns, rows, style = lang() === "fr" ? "french" : "plain") {
  saveText(`${name}.csv`, csvText(columns, rows, style), "text/csv;charset=utf-8");
}

/**
 * Return the buttons that save a table, in both styles.
 *
 * @param {string} name of the file, without its ending
 * @param {() => { columns: string[], rows: Cell[][] }} make called when a button is used
 * @param {string} title of the table, for a screen reader
 */
export function csvButtons(name, make, title) {
  const styles = /** @type {const} */ (["french", "plain"]);
  return el(
    "span",
    { class: "csv-buttons" },
    styles.map((style) =>
      el(
        "button",
        {
          type: "button",
          title: t(`csv.${style}_hint`),
          onclick: () => {
            const { columns, rows } = make();
            saveCsv(name, columns, rows, style);
          },
        },
        t(`csv.${style}`),
        el("span", { class: "visually-hidden" }, ` ${title}`),
      ),
    ),
  );
}
