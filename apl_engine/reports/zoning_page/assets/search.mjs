/**
 * Look-up of a commune, a territory or a region as people write it: the same spellings as the
 * command (`apl explain OUT PLACE`), while it is typed.
 *
 * @typedef {"commune" | "territory" | "region" | "departement" | "former"} Kind
 *
 * @typedef {object} Found
 * @property {Kind} kind
 * @property {number} index of the commune (of a former commune: the one that it is in now), the
 *   territory, the region or the departement
 * @property {string} name
 * @property {string} code what was matched if it was a code or a postcode; empty otherwise
 * @property {"name" | "code" | "old_code" | "postcode" | "near"} by
 */

import { el, fill } from "./dom.mjs";
import { foldedName, inFull, linesOf, plainLines, plainName, withoutArticles } from "./names.mjs";
import { change, watch } from "./state.mjs";
import { t } from "./text.mjs";

/** The number before that of the first arrondissement, the code of the whole city, arrondissements. */
const WHOLE_CITIES = /** @type {Record<string, [number, string, number]>} */ ({
  paris: [75100, "75056", 20],
  lyon: [69380, "69123", 9],
  marseille: [13200, "13055", 16],
});
const ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split(" ");
const ORDINAL = /^(\d{1,2}|[ivx]+?)(?:er|re|e|eme|ieme|nd|nde)?$/;
const OF_ARRONDISSEMENT = new Set([
  "arrondissement",
  "arrdt",
  "arr",
  "ardt",
  "e",
  "er",
  "eme",
  "de",
]);
/** « Saint-Denis (93) », « Saint-Denis, La Réunion », « Saint-Denis 974 », « 93200 Saint-Denis ». */
const QUALIFIED = [
  /^(?<name>.+?)\s*\((?<where>[^()]+)\)?$/,
  /^(?<name>.+?)\s*,\s*(?<where>[^,]+)$/,
  /^(?<name>.+?)\s+(?<where>[0-9]{1,5}|2[AB])$/i,
  /^(?<where>[0-9][0-9AB][0-9_]{1,3})\s+(?<name>.+)$/i,
];
const MOST_FOUND = 12;
const FEW_FOUND = 5;
/** Ranks of matches; places of the same rank are listed by population. */
const MATCH = {
  code: 100, respelled: 98, arrondissement: 96, city: 95, name: 90, bare: 88, area: 87, bareArea: 86,
  postcode: 84, oldCode: 83, qualified: 82, former: 80, wider: 79, partOfCode: 74, widerBegins: 60,
}; // prettier-ignore
/** Ranks of names that are a text, begin with it, or have it further on; with articles and without. */
const SPELLED = {
  own: { whole: MATCH.name, start: 70, word: 50 },
  area: { whole: MATCH.area, start: 65, word: 45 },
  former: { whole: MATCH.former, start: 64, word: 44 },
};
const BARE = {
  own: { whole: MATCH.bare, start: 68, word: 48 },
  area: { whole: MATCH.bareArea, start: 63, word: 43 },
  former: { whole: MATCH.former, start: 62, word: 42 },
};

/** Return the departement that a code of a commune begins with. @param {string} code */
export function departementOf(code) {
  return code.slice(0, /^9[78]/.test(code) ? 3 : 2);
}

/** Names in one text, so that a search is one scan. */
class NameList {
  /** @param {string} lines folded names */
  constructor(lines) {
    this.names = lines.split("\n");
    this.text = `\n_${lines.replaceAll("\n", "_\n_")}_\n`;
    this.starts = new Int32Array(this.names.length + 1);
    let at = 0;
    this.names.forEach((name, i) => {
      this.starts[i] = at;
      at += name.length + 3;
    });
    this.starts[this.names.length] = at;
  }

  /**
   * Call a function for each name with a word that begins a text, with whether the name is that
   * text, begins with it, or has it further on.
   *
   * @param {string} sought
   * @param {(index: number, how: "whole" | "start" | "word") => void} found
   */
  find(sought, found) {
    // Of one letter only whole names: Y is a commune.
    const needle = sought.length > 1 ? `_${sought}` : `_${sought}_\n`;
    let i = 0;
    for (let at = this.text.indexOf(needle); at >= 0; at = this.text.indexOf(needle, at)) {
      if (at >= this.starts[i + 1]) i = this.#nameAt(at, i);
      const start = at === this.starts[i] + 1;
      const whole = start && sought.length + 3 === this.starts[i + 1] - this.starts[i];
      if (whole || sought.length > 1) found(i, whole ? "whole" : start ? "start" : "word");
      at = this.starts[i + 1];
    }
  }

  /** @param {number} at @param {number} from */
  #nameAt(at, from) {
    let low = from;
    let high = this.names.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= at) low = middle;
      else high = middle;
    }
    return low;
  }
}

/**
 * What a search has found so far: the best rank of each candidate.
 *
 * Candidates are numbered: communes, then territories, former communes, and departements and
 * regions.
 */
class Matches {
  /** @param {number} size number of candidates */
  constructor(size) {
    this.ranks = new Float32Array(size);
    /** @type {number[]} */
    this.found = [];
    /** @type {Map<number, { code: string, by: Found["by"] }>} */
    this.codes = new Map();
    /** @type {Map<number, number>} */
    this.weights = new Map();
  }

  /** @param {number} rank @param {number} candidate */
  add(rank, candidate) {
    if (!this.ranks[candidate]) this.found.push(candidate);
    else if (this.ranks[candidate] >= rank) return;
    this.ranks[candidate] = rank;
  }

  /** @param {number} rank @param {number} candidate @param {string} code @param {Found["by"]} by */
  addCode(rank, candidate, code, by) {
    if (this.ranks[candidate] < rank) this.codes.set(candidate, { code, by });
    this.add(rank, candidate);
  }

  /** Return the best candidates and forget all. @param {number} most @param {ArrayLike<number>} weights */
  take(most, weights) {
    const { ranks, found } = this;
    const weight = (/** @type {number} */ one) => this.weights.get(one) ?? weights[one];
    const before = (/** @type {number} */ one, /** @type {number} */ other) =>
      ranks[one] !== ranks[other]
        ? ranks[one] > ranks[other]
        : weight(one) !== weight(other)
          ? weight(one) > weight(other)
          : one < other;
    /** @type {number[]} */
    const best = [];
    for (const one of found) {
      if (best.length === most && !before(one, best[most - 1])) continue;
      let k = best.length < most ? best.length : most - 1;
      for (; k > 0 && before(one, best[k - 1]); k--) best[k] = best[k - 1];
      best[k] = one;
    }
    const taken = best.map((candidate) => ({
      candidate,
      rank: ranks[candidate],
      ...this.codes.get(candidate),
    }));
    for (const one of found) ranks[one] = 0;
    this.found = [];
    this.codes.clear();
    this.weights.clear();
    return taken;
  }
}

/** Everything that can be looked up. */
export class Gazetteer {
  /** @param {any} model see main.mjs */
  constructor(model) {
    const { meta, communes, territories, lookup, units } = model;
    this.meta = meta;
    this.units = units;
    this.communes = communes;
    this.territories = territories;
    const names = inFull(plainLines(linesOf(communes.name)));
    this.own = new NameList(names);
    this.ownWithout = new NameList(withoutArticles(names));
    // A territory that has the name of one of its communes is on the card of that commune.
    const folded = withoutArticles(inFull(plainLines(linesOf(territories.name)))).split("\n");
    const namesakes = new Set();
    units.territory.forEach((/** @type {number} */ territory, /** @type {number} */ i) => {
      if (this.ownWithout.names[i] === folded[territory]) namesakes.add(territory);
    });
    /** @type {number[]} */
    this.areas = [...territories.name.keys()].filter((i) => !namesakes.has(i));
    const areas = inFull(plainLines(linesOf(this.areas.map((i) => territories.name[i]))));
    this.area = new NameList(areas);
    this.areaWithout = new NameList(withoutArticles(areas));
    this.formerNames = lookup?.former.names ?? [];
    this.formerIn = lookup?.former.communes ?? [];
    const former = inFull(plainLines(linesOf(this.formerNames)));
    this.former = new NameList(former);
    this.formerWithout = new NameList(withoutArticles(former));
    const numbered =
      (/** @type {Kind} */ kind) => (/** @type {any} */ one, /** @type {number} */ index) => ({
        kind,
        index,
        name: one.name,
        code: one.code,
        plain: plainName(one.name),
      });
    this.wider = [
      ...meta.departements.map(numbered("departement")),
      ...meta.regions.map(numbered("region")),
    ];

    // Where each kind of candidate begins.
    this.firstArea = communes.code.length;
    this.firstFormer = this.firstArea + territories.code.length;
    this.firstWider = this.firstFormer + this.formerNames.length;
    const size = this.firstWider + this.wider.length;
    this.weights = new Float64Array(size);
    // A page of territories has no figures of communes.
    if (communes.population) this.weights.set(communes.population);
    this.weights.set(territories.population, this.firstArea);
    this.formerIn.forEach((/** @type {number} */ i, /** @type {number} */ k) => {
      this.weights[this.firstFormer + k] = this.weights[i];
    });
    this.matches = new Matches(size);

    this.communeOf = new Map(
      communes.code.map((/** @type {string} */ code, /** @type {number} */ i) => [code, i]),
    );
    this.territoryOf = new Map(
      territories.code.map((/** @type {string} */ code, /** @type {number} */ i) => [code, i]),
    );
    this.postcodes = postcodesOf(lookup, communes.code.length);
    const pairs = this.postcodes.flatMap((codes, i) =>
      codes.map((code) => Number(code) * 65536 + i),
    );
    this.byPostcode = Float64Array.from(pairs).sort();
    const old = lookup?.former_codes ?? { codes: [], communes: [] };
    this.oldCodes = /** @type {[string, number][]} */ (
      old.codes.map((/** @type {string} */ code, /** @type {number} */ k) => [
        code,
        old.communes[k],
      ])
    );
    this.speller = new Speller([
      ...this.ownWithout.names, ...this.areaWithout.names, ...this.formerWithout.names,
    ]); // prettier-ignore
  }

  /**
   * Return what a text may name, best first; if it names nothing, what is spelled most like it.
   *
   * @param {string} typed
   * @param {number} [most]
   * @returns {Found[]}
   */
  search(typed, most = MOST_FOUND) {
    const text = typed.trim().replace(/\s+/g, " ").slice(0, 120);
    const plain = plainName(text);
    if (!plain) return [];
    this.#byCode(text);
    const city = this.#arrondissements(text, plain);
    this.#byName(plain);
    for (const pattern of QUALIFIED) {
      const groups = pattern.exec(text)?.groups;
      if (groups) this.#qualified(groups.name, groups.where.trim());
    }
    this.#qualifiedByName(plain);
    // All arrondissements of a city that is named as a whole.
    const taken = this.matches.take(Math.max(most, city), this.weights);
    const found = taken.map(({ candidate, code = "", by = "name" }) =>
      this.#found(candidate, code, by),
    );
    // « Renes » begins Renescure, and may be Rennes.
    if (found.length < FEW_FOUND && !(taken[0]?.rank >= MATCH.partOfCode)) {
      const best = taken.length ? this.weights[taken[0].candidate] : 0;
      found.push(...this.#near(plain, taken.length > 0, best));
    }
    const words = plain.replace(/_?\d+_?/g, "");
    return found.length || words === plain ? found : this.search(words, most);
  }

  /** @param {number} candidate @param {string} code @param {Found["by"]} by @returns {Found} */
  #found(candidate, code, by) {
    if (candidate < this.firstArea) {
      return { kind: "commune", index: candidate, name: this.communes.name[candidate], code, by };
    }
    if (candidate < this.firstFormer) {
      const index = candidate - this.firstArea;
      return { kind: "territory", index, name: this.territories.name[index], code, by };
    }
    if (candidate < this.firstWider) {
      const k = candidate - this.firstFormer;
      return { kind: "former", index: this.formerIn[k], name: this.formerNames[k], code, by };
    }
    const { kind, index, name } = this.wider[candidate - this.firstWider];
    return { kind, index, name, code, by };
  }

  /** @param {string} text */
  #byCode(text) {
    const code = text.toUpperCase();
    if (!/^\w+$/.test(code)) return;
    const { matches, communes, units } = this;
    const respelled = [`0${code}`, `${code}_`, code.replace(/_+$/, "")].filter(
      (one) => one !== code,
    );
    const spellings = /** @type {[string, number][]} */ ([
      [code, MATCH.code],
      ...respelled.map((one) => [one, MATCH.respelled]),
    ]);
    for (const [one, rank] of spellings) {
      const commune = this.communeOf.get(one);
      if (commune !== undefined) matches.addCode(rank, commune, one, "code");
      const territory = this.territoryOf.get(one);
      // A bassin de vie has the code of its pole.
      if (territory !== undefined && units.territory[commune ?? -1] !== territory) {
        matches.addCode(rank - 1, this.firstArea + territory, one, "code");
      }
    }
    this.wider.forEach((wider, k) => {
      if (wider.kind === "departement" && wider.code === code)
        matches.addCode(MATCH.wider, this.firstWider + k, code, "code");
    });
    if (!/^[0-9][0-9AB][0-9_]*$/.test(code)) return;
    for (const [old, index] of this.oldCodes) {
      if (old === code) matches.addCode(MATCH.oldCode, index, old, "old_code");
    }
    for (
      let i = lowest(communes.code.length, (k) => communes.code[k] >= code);
      communes.code[i]?.startsWith(code);
      i++
    ) {
      matches.addCode(MATCH.partOfCode, i, communes.code[i], "code");
    }
    if (!/^\d{2,5}$/.test(code)) return;
    const whole = code.length === 5;
    const [least, beyond] = [0, 1].map(
      (more) => (Number(code) + more) * 10 ** (5 - code.length) * 65536,
    );
    const { byPostcode } = this;
    for (
      let k = lowest(byPostcode.length, (at) => byPostcode[at] >= least);
      byPostcode[k] < beyond;
      k++
    ) {
      const postcode = String(Math.floor(byPostcode[k] / 65536)).padStart(5, "0");
      matches.addCode(
        whole ? MATCH.postcode : MATCH.partOfCode,
        byPostcode[k] % 65536,
        postcode,
        "postcode",
      );
    }
  }

  /** Return the number of arrondissements of a city that is named as a whole. @param {string} text @param {string} plain */
  #arrondissements(text, plain) {
    const { matches } = this;
    const words = plain.split("_").filter((word) => !OF_ARRONDISSEMENT.has(word));
    const city = words.find((word) => Object.hasOwn(WHOLE_CITIES, word));
    const others = words.filter((word) => word !== city);
    const ordinal =
      city && others.length === 1 && !text.includes("(") ? ORDINAL.exec(others[0]) : null;
    if (city && ordinal) {
      const number = /^\d/.test(ordinal[1]) ? Number(ordinal[1]) : ROMAN.indexOf(ordinal[1]) + 1;
      const index = this.communeOf.get(String(WHOLE_CITIES[city][0] + number));
      if (index !== undefined) matches.add(MATCH.arrondissement, index);
    }
    let count = 0;
    for (const [name, [before, whole, most]] of Object.entries(WHOLE_CITIES)) {
      const named = city === name && others.every((word) => whole.startsWith(word));
      if (text !== whole && !named) continue;
      for (let number = 1; number <= most; number++) {
        const index = this.communeOf.get(String(before + number));
        if (index === undefined) continue;
        matches.add(MATCH.city, index);
        matches.weights.set(index, -number);
        count++;
      }
    }
    return count;
  }

  /** @param {string} plain */
  #byName(plain) {
    // The last word may still be typed: « st » may become Strasbourg.
    const last = plain.lastIndexOf("_") + 1;
    const full = new Set([inFull(plain.slice(0, last)) + plain.slice(last), inFull(plain)]);
    const bare = new Set([...full].map(withoutArticles).filter(Boolean));
    for (const one of full) this.#scan(one, this.own, this.area, this.former, SPELLED);
    for (const one of bare)
      this.#scan(one, this.ownWithout, this.areaWithout, this.formerWithout, BARE);
    if (plain.length < 2) return;
    this.wider.forEach((wider, k) => {
      if (wider.plain === plain || withoutArticles(wider.plain) === plain)
        this.matches.add(MATCH.wider, this.firstWider + k);
      else if (wider.plain.startsWith(plain))
        this.matches.add(MATCH.widerBegins, this.firstWider + k);
    });
  }

  /**
   * @param {string} sought
   * @param {NameList} own
   * @param {NameList} area
   * @param {NameList} former
   * @param {typeof SPELLED} ranks
   */
  #scan(sought, own, area, former, ranks) {
    const { matches } = this;
    own.find(sought, (i, how) => matches.add(ranks.own[how], i));
    area.find(sought, (k, how) => matches.add(ranks.area[how], this.firstArea + this.areas[k]));
    former.find(sought, (k, how) => matches.add(ranks.former[how], this.firstFormer + k));
  }

  /** « saint denis reunion », « laval en mayenne »: a name, and a departement or region. @param {string} plain */
  #qualifiedByName(plain) {
    const words = plain.split("_");
    for (let k = words.length - 1; k > 0; k--) {
      const where = words.slice(k).join("_").replace(/^(?:(?:a|en|dans|de|du|des|d)_)+/, "");
      const bare = withoutArticles(where);
      if (bare.length < 3) continue;
      const known = this.wider.some(
        ({ plain: whole }) =>
          whole === where ||
          withoutArticles(whole) === bare ||
          (bare.length > 3 && withoutArticles(whole).startsWith(bare)),
      );
      if (known) this.#qualified(words.slice(0, k).join(" "), bare.replaceAll("_", " "));
    }
  }

  /** @param {string} name @param {string} where */
  #qualified(name, where) {
    const before = this.matches;
    const named = (this.matches = new Matches(before.ranks.length));
    this.#byName(plainName(name));
    this.matches = before;
    for (const candidate of named.found) {
      if (candidate >= this.firstWider || !this.#liesIn(candidate, where)) continue;
      const rank = named.ranks[candidate];
      before.add(rank >= MATCH.bareArea ? MATCH.qualified + rank / 100 : rank - 1, candidate);
    }
    // A territory by its code and its name, which its pole may have too.
    const code = where.toUpperCase();
    const territory = this.territoryOf.get(code);
    if (territory === undefined || this.communeOf.has(code)) return;
    if (foldedName(this.territories.name[territory]) === foldedName(name)) {
      before.add(MATCH.qualified + 1, this.firstArea + territory);
    }
  }

  /** Return whether a departement, region, code or postcode is that of a place. @param {number} candidate @param {string} where */
  #liesIn(candidate, where) {
    const territory = candidate >= this.firstArea && candidate < this.firstFormer;
    const { index } = this.#found(candidate, "", "name");
    const code = (territory ? this.territories : this.communes).code[index];
    const departement = departementOf(code);
    const upper = where.toUpperCase();
    if (code === upper) return true;
    if (/^\d{5}$/.test(where)) {
      if (!territory && this.postcodes[index].includes(where)) return true;
      return where.startsWith(departement.replace(/[AB]/, "0"));
    }
    if (
      departement === upper.padStart(2, "0") ||
      (upper.length === 2 && departement.startsWith(upper))
    )
      return true;
    if (/^\d{3,4}$/.test(where)) return where.startsWith(departement);
    const plain = plainName(where);
    if (plain.length < 3) return false;
    const region = (territory ? this.territories : this.units).region[index];
    const names = [this.meta.regions[region]?.name ?? ""];
    if (!territory) names.push(this.meta.departements[this.units.departement[index]].name);
    return names
      .map(plainName)
      .some((name) => name.startsWith(plain) || withoutArticles(name).startsWith(plain));
  }

  /**
   * @param {string} plain
   * @param {boolean} whole only names of its length
   * @param {number} above only places of more inhabitants
   * @returns {Found[]}
   */
  #near(plain, whole, above) {
    const sought = withoutArticles(inFull(plain)).replaceAll("_", "");
    // Of two letters everything is near.
    if (sought.length < (whole ? 5 : 3) || /\d/.test(sought)) return [];
    const own = this.ownWithout.names.length;
    const area = this.areas.length;
    const near = this.speller.nearest(sought, whole ? 1 : 2, whole).map(([k, distance]) => {
      const candidate = k < own ? k : k < own + area ? this.firstArea + this.areas[k - own] : this.firstFormer + k - own - area;
      return { candidate, distance };
    }); // prettier-ignore
    return near
      .filter(({ candidate }) => this.weights[candidate] > above)
      .sort(
        (a, b) => a.distance - b.distance || this.weights[b.candidate] - this.weights[a.candidate],
      )
      .slice(0, FEW_FOUND)
      .map(({ candidate }) => this.#found(candidate, "", "near"));
  }
}

/** Return the first of some numbers for which a rising condition holds. @param {number} size @param {(k: number) => boolean} holds */
function lowest(size, holds) {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Return the postcodes of each commune. @param {any} lookup @param {number} count @returns {string[][]} */
function postcodesOf(lookup, count) {
  const codes = Array.from({ length: count }, () => /** @type {string[]} */ ([]));
  if (!lookup?.postcodes) return codes;
  // Differences along the communes.
  let postcode = 0;
  let commune = 0;
  lookup.postcodes.code.forEach((/** @type {number} */ step, /** @type {number} */ k) => {
    postcode += step;
    commune += lookup.postcodes.commune[k];
    codes[commune].push(String(postcode).padStart(5, "0"));
  });
  return codes;
}

/** Names that differ from a text by few letters: left out, added, replaced or exchanged. */
class Speller {
  /** @param {string[]} names folded */
  constructor(names) {
    this.names = names.map((name) => name.replaceAll("_", ""));
    this.letters = Int32Array.from(this.names, lettersOf);
  }

  /**
   * Return numbers and distances of the names that begin most nearly like a text.
   *
   * @param {string} sought
   * @param {number} most letters that differ
   * @param {boolean} whole whether the name ends there too
   * @returns {[number, number][]}
   */
  nearest(sought, most, whole) {
    const letters = lettersOf(sought);
    let limit = sought.length < 5 ? 1 : most;
    /** @type {[number, number][]} */
    let near = [];
    for (let k = 0; k < this.names.length; k++) {
      // Each letter that a name lacks is a difference.
      if (bitsOf(letters & ~this.letters[k]) > limit) continue;
      const longer = this.names[k].length - sought.length;
      if (whole && Math.abs(longer) > limit) continue;
      const distance = distanceToStart(sought, this.names[k], limit);
      // What it begins is found without.
      if (distance > limit || (!distance && longer)) continue;
      if (distance < limit) {
        limit = distance;
        near = [];
      }
      near.push([k, distance]);
    }
    return near;
  }
}

/** Return a bit for each letter of a name. @param {string} name */
function lettersOf(name) {
  let letters = 0;
  for (let i = 0; i < name.length; i++) letters |= 1 << (name.charCodeAt(i) & 31);
  return letters;
}

/** Return the number of bits that are set. @param {number} word */
function bitsOf(word) {
  let bits = 0;
  for (; word; word &= word - 1) bits++;
  return bits;
}

/** Rows of distances, used again and again. */
const distanceRows = [new Uint8Array(256), new Uint8Array(256), new Uint8Array(256)];

/**
 * Return the fewest letters to change, so that a text begins a name; more than the limit if many.
 *
 * @param {string} text
 * @param {string} name
 * @param {number} limit
 */
export function distanceToStart(text, name, limit) {
  const length = Math.min(name.length, text.length + limit, 250);
  let [older, old, now] = distanceRows;
  for (let j = 0; j <= length; j++) old[j] = j;
  for (let i = 1; i <= text.length; i++) {
    let least = (now[0] = i);
    const letter = text.charCodeAt(i - 1);
    for (let j = 1; j <= length; j++) {
      const other = name.charCodeAt(j - 1);
      let cost = Math.min(old[j] + 1, now[j - 1] + 1, old[j - 1] + (letter === other ? 0 : 1));
      if (i > 1 && j > 1 && letter === name.charCodeAt(j - 2) && text.charCodeAt(i - 2) === other) {
        cost = Math.min(cost, older[j - 2] + 1);
      }
      now[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    [older, old, now] = [old, now, older];
  }
  let least = limit + 1;
  for (let j = 0; j <= length; j++) least = Math.min(least, old[j]);
  return least;
}

/** Return the name of the departement of a commune, with its number. @param {any} model @param {number} commune */
export function departementText(model, commune) {
  const { code, name } = model.meta.departements[model.units.departement[commune]];
  return `${name} (${code})`;
}

/** Open the card of what was found. @param {any} model @param {any} map @param {Found} one */
function openFound(model, map, one) {
  if (one.kind === "region") {
    change({ region: one.index, territory: null, commune: null });
    map?.fitRegion(one.index);
  } else if (one.kind === "territory") {
    change({ territory: one.index, commune: null });
    map?.fitTerritory(one.index);
  } else {
    change({ territory: model.units.territory[one.index], commune: one.index });
    map?.fitCommune(one.index);
  }
}

/**
 * Make the field in which communes are looked up: an ARIA combobox with a list below it.
 *
 * @param {HTMLElement} root
 * @param {any} model see main.mjs
 * @param {any} [map] see map.mjs
 */
export function makeSearch(root, model, map) {
  /** @type {Gazetteer | null} */
  let gazetteer = null;
  const known = () => (gazetteer ??= new Gazetteer(model));
  /** @type {Found[]} */
  let found = [];
  let active = -1;

  const label = el("label", { for: "query", class: "search-label" });
  const input = /** @type {HTMLInputElement} */ (
    el("input", {
      id: "query",
      type: "search",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": "found",
      "aria-expanded": "false",
      "aria-describedby": "search-hint",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      maxlength: 120,
      oninput: () => look(),
      onfocus: () => known(),
      onblur: () => close(),
      onkeydown: press,
    })
  );
  const list = el("ul", { id: "found", role: "listbox", hidden: true });
  const hint = el("p", { id: "search-hint", class: "search-hint" });
  const status = el("p", { class: "visually-hidden", role: "status" });
  root.classList.add("search");
  root.append(label, input, list, status, hint);

  function words() {
    fill(label, t("lookup.search"));
    fill(hint, t(model.lookup?.postcodes ? "lookup.hint" : "lookup.hint_no_postcodes"));
    list.setAttribute("aria-label", t("lookup.results"));
    if (found.length) draw();
  }

  function look() {
    found = known().search(input.value);
    active = -1;
    draw();
    const near = found[0]?.by === "near";
    const empty = plainName(input.value).length < 2 && !found.length;
    fill(
      status,
      empty
        ? ""
        : t(!found.length ? "lookup.nothing" : near ? "lookup.near" : "lookup.count", {
            n: found.length,
          }),
    );
    if (!empty && !found.length) {
      fill(
        list,
        el(
          "li",
          { class: "nothing", role: "option", "aria-disabled": "true" },
          t("lookup.nothing"),
        ),
      );
      expand(true);
    }
  }

  /** @param {boolean} shown */
  function expand(shown) {
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
  }

  function draw() {
    const options = found.map((one, k) =>
      el(
        "li",
        {
          id: `found-${k}`,
          role: "option",
          "aria-selected": String(k === active),
          onpointerdown: (/** @type {Event} */ event) => event.preventDefault(),
          onclick: () => choose(one),
        },
        describe(one),
      ),
    );
    const near = found[0]?.by === "near";
    fill(
      list,
      near && el("li", { class: "nothing", role: "presentation" }, t("lookup.near")),
      options,
    );
    expand(found.length > 0);
    mark();
  }

  /** @param {Found} one */
  function describe(one) {
    const name = el("bdi", {}, one.name);
    const { communes, territories, meta, units } = model;
    const matched = one.code ? t(`lookup.${one.by}`, { code: one.code }) : "";
    const parts = {
      commune: () => [departementText(model, one.index), matched],
      former: () => [
        t("lookup.former", { name: communes.name[one.index] }),
        departementText(model, one.index),
      ],
      territory: () => [
        t("lookup.territory_in", {
          region: meta.regions[territories.region[one.index]]?.name ?? "",
        }),
      ],
      region: () => [t("lookup.region")],
      departement: () => [t("lookup.departement", { code: meta.departements[one.index].code })],
    }[one.kind]();
    const zone = one.kind === "territory" ? one.index : units.territory[one.index];
    const number =
      one.kind === "region" || one.kind === "departement" ? -1 : territories.zone[zone];
    return [
      number >= 0
        ? el("span", {
            class: "swatch",
            "data-zone": number,
            style: { background: meta.zones[number].colour },
          })
        : null,
      name,
      el(
        "small",
        {},
        parts.filter(Boolean).map((part) => [" ", el("bdi", {}, part)]),
      ),
    ];
  }

  function mark() {
    [...list.querySelectorAll("[id]")].forEach((option, k) =>
      option.setAttribute("aria-selected", String(k === active)),
    );
    if (active >= 0 && !list.hidden) {
      input.setAttribute("aria-activedescendant", `found-${active}`);
      document.getElementById(`found-${active}`)?.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    expand(false);
    input.removeAttribute("aria-activedescendant");
  }

  /** @param {Found} one */
  function choose(one) {
    if (one.kind === "departement") {
      // Its communes, the largest first.
      input.value = model.meta.departements[one.index].code;
      look();
      return;
    }
    input.value = one.name;
    found = [];
    close();
    fill(status);
    openFound(model, map, one);
    document.getElementById("card-title")?.focus();
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      if (list.hidden && found.length) expand(true);
      else if (list.hidden) look();
      if (found.length) {
        // One step more than there are: back in the field.
        const steps = found.length + 1;
        active = ((active + 1 + move + steps) % steps) - 1;
        mark();
      }
    } else if (event.key === "Enter") {
      if (!found.length) look();
      if (!found.length) return;
      choose(found[Math.max(active, 0)]);
    } else if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      found = list.hidden ? [] : found;
      active = -1;
      close();
    } else return;
    event.preventDefault();
  }

  words();
  watch(["lang"], words);
  // Before the first key, so that it is answered at once.
  setTimeout(known, 400);
}
