// The codes and names that are spelled most like a text: what difflib.get_close_matches gives.

import { foldedName } from "./names.mjs";

// From this length on, characters that are very frequent start no match.
const LONG_TEXT = 200;

/** Compare texts by code points, as Python does. @param {string} one @param {string} two */
export function compareTexts(one, two) {
  if (one === two) return 0;
  const [a, b] = [[...one], [...two]];
  const place = a.findIndex((letter, index) => letter !== b[index]);
  if (place < 0) return -1;
  if (place >= b.length) return 1;
  return a[place].codePointAt(0) - b[place].codePointAt(0);
}

/** Where each character of a text stands, without those too frequent to start a match. */
function positionsOf(/** @type {string[]} */ letters) {
  const positions = new Map();
  letters.forEach((letter, place) => {
    if (!positions.has(letter)) positions.set(letter, []);
    positions.get(letter).push(place);
  });
  if (letters.length >= LONG_TEXT) {
    const often = Math.floor(letters.length / 100) + 1;
    for (const [letter, places] of positions) if (places.length > often) positions.delete(letter);
  }
  return positions;
}

/** The number of characters in the matching blocks of a[alo:ahi] and b[blo:bhi]. */
function matchingLetters(a, b, positions, alo, ahi, blo, bhi) {
  let [start, other, size] = [alo, blo, 0];
  let lengths = new Map();
  for (let place = alo; place < ahi; place++) {
    const next = new Map();
    for (const match of positions.get(a[place]) ?? []) {
      if (match < blo) continue;
      if (match >= bhi) break;
      const length = (lengths.get(match - 1) ?? 0) + 1;
      next.set(match, length);
      if (length > size) [start, other, size] = [place - length + 1, match - length + 1, length];
    }
    lengths = next;
  }
  while (start > alo && other > blo && a[start - 1] === b[other - 1]) {
    [start, other, size] = [start - 1, other - 1, size + 1];
  }
  while (start + size < ahi && other + size < bhi && a[start + size] === b[other + size]) size++;
  if (!size) return 0;
  return (
    size +
    matchingLetters(a, b, positions, alo, start, blo, other) +
    matchingLetters(a, b, positions, start + size, ahi, other + size, bhi)
  );
}

/** At most `most` texts that are alike by the ratio `alike` or more, the most alike first. */
function closeMatches(/** @type {string} */ sought, texts, most, alike) {
  const b = [...sought];
  const positions = positionsOf(b);
  const found = [];
  for (const text of texts) {
    const a = [...text];
    const length = a.length + b.length;
    if (length && (2 * Math.min(a.length, b.length)) / length < alike) continue;
    const ratio = length
      ? (2 * matchingLetters(a, b, positions, 0, a.length, 0, b.length)) / length : 1;
    if (ratio >= alike) found.push([ratio, text]);
  }
  found.sort((one, two) => two[0] - one[0] || compareTexts(two[1], one[1]));
  return found.slice(0, most).map(([, text]) => text);
}

/**
 * The codes and names that are spelled most like a text.
 * @param {string} text
 * @param {Map<string, string>} names name by code
 * @param {{nearest: number, alike: number}} spelling how many, and how much alike
 * @returns {string[]} code and name
 */
export function nearestNames(text, names, { nearest, alike }) {
  const codes = closeMatches(text, names.keys(), nearest, alike);
  const spelled = new Map();
  for (const [code, name] of names) {
    const folded = foldedName(name);
    if (!spelled.has(folded)) spelled.set(folded, []);
    spelled.get(folded).push(code);
  }
  const sought = foldedName(text);
  const longer = [...spelled.keys()]
    .filter((one) => sought && one.startsWith(`${sought}_`))
    .sort((one, two) => one.length - two.length);
  for (const name of [...closeMatches(sought, spelled.keys(), nearest, alike), ...longer]) {
    codes.push(...spelled.get(name));
  }
  return [...new Set(codes)].slice(0, nearest).map((code) => `${code} ${names.get(code)}`);
}
