/** @typedef {[number, number, number]} Triple */

/** What a fill is where no figure is published, and where a zone is filtered out. */
export const NEUTRAL = "#d4d6d8";
export const FILTERED = "#ffffff";
/** Lines over dark fills and over pale ones. */
export const LIGHT_LINE = "rgba(255, 255, 255, 0.85)";
export const DARK_LINE = "rgba(60, 40, 30, 0.6)";

/** Fills darker than this (lightness of OKLab) count as dark. */
const DARK_BELOW = 0.6;

const toLinear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const toGamma = (c) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

/**
 * OKLab (Ottosson, 2020) of a colour: lightness from 0 to 1, then the two axes of hue.
 *
 * @param {string} hex "#rrggbb"
 * @returns {Triple}
 */
export function oklab(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => toLinear(parseInt(hex.slice(at, at + 2), 16) / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/**
 * The colour of an OKLab triple, clipped to what a screen shows.
 *
 * @param {Triple} lab
 * @returns {string}
 */
export function hexOf([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const bytes = linear.map((c) => Math.round(255 * Math.min(1, Math.max(0, toGamma(Math.max(0, c))))));
  return "#" + bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A colour between two, by OKLab; 0 is the first. */
export function mixed(first, second, share) {
  const a = oklab(first), b = oklab(second);
  return hexOf(a.map((value, axis) => value + share * (b[axis] - value)));
}

/**
 * Colours that run evenly in lightness through given ones.
 *
 * @param {string[]} through at least two colours, of rising or falling lightness
 * @param {number} count
 * @returns {string[]}
 */
export function ramp(through, count) {
  const stops = through.map(oklab);
  const from = stops[0][0], to = stops[stops.length - 1][0];
  return Array.from({ length: count }, (_, i) => {
    const lightness = from + ((to - from) * i) / (count - 1);
    let s = 0;
    while (s < stops.length - 2 && (lightness - stops[s + 1][0]) * (to - from) > 0) s++;
    const share = (lightness - stops[s][0]) / (stops[s + 1][0] - stops[s][0]);
    return hexOf(stops[s].map((value, axis) => value + share * (stops[s + 1][axis] - value)));
  });
}

/** Whether a fill is so dark that lines over it have to be light. */
export function isDarkFill(hex) {
  return oklab(hex)[0] < DARK_BELOW;
}

/**
 * The line that shows between two fills: light between dark ones, else dark.
 *
 * @param {boolean} oneDark
 * @param {boolean} otherDark
 * @returns {"light" | "dark"}
 */
export function lineShade(oneDark, otherDark) {
  return oneDark && otherDark ? "light" : "dark";
}

/**
 * Round numbers within an interval, about a doubling from one to the next.
 *
 * @param {number} low above 0
 * @param {number} high
 * @returns {number[]}
 */
export function ratioTicks(low, high) {
  const marks = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (const digit of [1, 2, 5]) {
      const mark = digit * power;
      if (mark >= low && mark <= high) marks.push(mark);
    }
  }
  return marks;
}

/** The value below which a share of the values lies (nearest rank); nulls don't count. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values.filter((v) => v !== null && Number.isFinite(v))).sort();
  if (!sorted.length) return null;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}
