/** Names as people spell them, folded as the command folds them (`inputs/names.py`). */

const JOINED_LETTERS = /** @type {Record<string, string>} */ ({
  Œ: "OE",
  œ: "oe",
  Æ: "AE",
  æ: "ae",
  "+": " plus",
});
const SHORT_WORDS = /** @type {Record<string, string>} */ ({
  st: "saint",
  ste: "sainte",
  sts: "saints",
  stes: "saintes",
  s: "sur",
});

/** Return names, one a line, in lower case, without accents, the words of each joined by "_". @param {string} lines */
export function plainLines(lines) {
  return lines
    .replace(/[ŒœÆæ+]/g, (letter) => JOINED_LETTERS[letter])
    .normalize("NFKD")
    .replace(/[\u2010-\u2015\u2212\u2018-\u201f\u00ab\u00bb]/g, " ")
    .replace(/[^\0-\x7f]+/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9\n]+/g, "_")
    .replace(/^_|_$/gm, "");
}

/** Return plain names with « st » and the like in full. @param {string} lines */
export const inFull = (lines) =>
  lines.replace(/(?<=^|_)(?:stes?|sts?|s)(?=_|$)/gm, (word) => SHORT_WORDS[word]);

/** Return plain names without articles. @param {string} lines */
export const withoutArticles = (lines) =>
  lines.replace(/(?<=^|_)(?:les?|la|l)(?:_|$)/gm, "").replace(/_$/gm, "");

/** Return a name in lower case, without accents, its words joined by "_". @param {string} name */
export function plainName(name) {
  return plainLines(name.replace(/\n/g, " "));
}

/** Return a name as `plainName`, with « st » and the like in full. @param {string} name */
export function spelledOut(name) {
  return inFull(plainName(name));
}

/** Return a name as `spelledOut`, without articles. @param {string} name */
export function foldedName(name) {
  return withoutArticles(spelledOut(name));
}

/** Return names as one text of lines. @param {string[]} names */
export const linesOf = (names) =>
  names.map((name) => (name.includes("\n") ? name.replace(/\n/g, " ") : name)).join("\n");
