/** Numbers and dates as the language of the page writes them; what is null is not published. */

import { lang, t } from "./text.mjs";

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {Intl.NumberFormatOptions} options */
function formatOf(options) {
  const key = lang() + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat(lang(), options)));
  return format;
}

/** Return whether a figure is there. @param {number | null | undefined} value */
export function isShown(value) {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

/** Write a number. @param {number | null | undefined} value @param {number} [decimals] */
export function number(value, decimals = 0) {
  if (!isShown(value)) return t("common.not_published");
  return formatOf({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(
    /** @type {number} */ (value),
  );
}

/** Write a number with its sign. @param {number | null | undefined} value @param {number} [decimals] */
export function signed(value, decimals = 0) {
  if (!isShown(value)) return t("common.not_published");
  return formatOf({
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: "exceptZero",
  }).format(/** @type {number} */ (value));
}

/** Write a percentage that is given in %. @param {number | null | undefined} value @param {number} [decimals] */
export function percent(value, decimals = 1) {
  if (!isShown(value)) return t("common.not_published");
  return formatOf({
    style: "percent",
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(/** @type {number} */ (value) / 100);
}

/** Write a number of inhabitants. @param {number | null | undefined} value */
export function people(value) {
  if (!isShown(value)) return t("common.not_published");
  const whole = Math.round(/** @type {number} */ (value));
  return t("common.people", { n: whole, n_text: number(whole) });
}

/** Write a day given as "2026-11-29". @param {string} iso */
export function date(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  const when = new Date(Date.UTC(year, month - 1, day));
  const options = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  const text = new Intl.DateTimeFormat(
    lang() === "en" ? "en-GB" : lang(),
    /** @type {Intl.DateTimeFormatOptions} */ (options),
  ).format(when);
  return lang() === "fr" ? text.replace(/^1 /, "1er ") : text;
}
