// The file of a proposal: the TOML that `apl region check` reads, and that `apl region propose`
// writes. Quoted keys, dotted keys and inline tables are not part of that layout.
import { strippedText } from "./rules.mjs";

/** @typedef {{kind: string, line: number, key?: string, value?: string, number?: number}} FileFault */

/** A file that is not a proposal, with everything that is wrong with it. */
export class ProposalFileError extends Error {
  /** @param {FileFault[]} faults */
  constructor(faults) {
    super(faults.map((one) => `${one.line}: ${one.kind}`).join("; "));
    this.faults = faults;
  }
}

const TOP_KEYS = ["region", "addition", "removal", "consultation"];
const MOVE_KEYS = ["territory", "justification"];
const ESCAPES = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" };
const LINE_TOKENS = {
  blank: /[ \t]*/y,
  comment: /#[^\n]*/y,
  list: /\[\[[ \t]*([A-Za-z0-9_-]+)[ \t]*\]\]/y,
  table: /\[[ \t]*([A-Za-z0-9_-]+)[ \t]*\]/y,
  key: /([A-Za-z0-9_-]+)[ \t]*=[ \t]*/y,
  longText: /"""\n?((?:[^"\\]|\\[^]|"(?!""))*"{0,2})"""/y,
  longLiteral: /'''\n?((?:[^']|'(?!''))*'{0,2})'''/y,
  text: /"((?:[^"\\\n]|\\[^\n])*)"/y,
  literal: /'([^'\n]*)'/y,
  day: /(\d{4})-(\d{2})-(\d{2})(?=[ \t]*(?:#|\n|$))/y,
  other: /[^\n]*/y,
};

/** Reads tokens one after another. */
class TomlLines {
  constructor(/** @type {string} */ text) {
    this.text = text;
    this.place = 0;
  }

  get line() {
    return this.text.slice(0, this.place).split("\n").length;
  }

  /** The groups of a token if it comes next. @returns {RegExpExecArray | null} */
  take(/** @type {keyof typeof LINE_TOKENS} */ token) {
    const pattern = LINE_TOKENS[token];
    pattern.lastIndex = this.place;
    const found = pattern.exec(this.text);
    if (found) this.place = pattern.lastIndex;
    return found;
  }

  /** Ends a line; returns whether nothing but a comment was left on it. */
  end() {
    this.take("blank");
    this.take("comment");
    if (this.text[this.place] === "\n" || this.place === this.text.length) {
      this.place += 1;
      return true;
    }
    this.take("other");
    this.place += 1;
    return false;
  }
}

/** What the escapes of a text stand for; null if one is not TOML. */
function unescaped(/** @type {string} */ text, /** @type {boolean} */ long) {
  let valid = true;
  const known = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([ \t]*\n[ \t\n]*)|([^]))/g;
  const result = text.replace(known, (_, short, full, fold, letter) => {
    if (fold !== undefined && long) return "";
    const code = parseInt(short ?? full ?? "", 16);
    if (code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)) return String.fromCodePoint(code);
    if (letter in ESCAPES) return ESCAPES[letter];
    valid = false;
    return "";
  });
  return valid ? result : null;
}

const isRealDay = (/** @type {string} */ year, month, day) =>
  year !== "0000" && new Date(Date.UTC(2000, month - 1, day)).getUTCDate() === Number(day)
  && (month !== "02" || day !== "29" || isLeap(Number(year)))
  && month >= "01" && month <= "12";

const isLeap = (/** @type {number} */ year) =>
  (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** The value that comes next: a text, a day, or something else; null if it is not TOML. */
function takeValue(/** @type {TomlLines} */ lines) {
  for (const token of /** @type {const} */ (["longText", "longLiteral", "text", "literal"])) {
    const found = lines.take(token);
    if (!found) continue;
    const long = token.startsWith("long");
    const text = token.endsWith("iteral") ? found[1] : unescaped(found[1], long);
    return text === null ? null : { kind: "text", text };
  }
  const day = lines.take("day");
  if (day) return isRealDay(day[1], day[2], day[3]) ? { kind: "day", text: day[0] } : null;
  const other = strippedText(lines.take("other")[0].replace(/#.*/, ""));
  return { kind: "other", text: other };
}

/** The tables of a file: keys, values and their lines; faults of its form. */
function readTables(/** @type {string} */ text) {
  const lines = new TomlLines(text);
  const top = { name: "", line: 1, values: new Map() };
  /** @type {{name: string, line: number, list?: boolean, values: Map<string, any>}[]} */
  const tables = [top];
  /** @type {FileFault[]} */
  const faults = [];
  let table = top;
  while (lines.place < text.length) {
    const { line } = lines;
    lines.take("blank");
    const list = lines.take("list");
    const single = list ? null : lines.take("table");
    if (list || single) {
      table = { name: (list ?? single)[1], list: list !== null, line, values: new Map() };
      if (tables.some((one) => one.name === table.name && !(one.list && table.list))
        || top.values.has(table.name)) faults.push({ kind: "not_toml", line });
      tables.push(table);
    } else {
      const key = lines.take("key")?.[1];
      if (key !== undefined) {
        const value = takeValue(lines);
        if (value === null || table.values.has(key)) faults.push({ kind: "not_toml", line });
        table.values.set(key, { ...value, line });
      }
    }
    if (!lines.end()) faults.push({ kind: "not_toml", line });
  }
  return { tables, faults };
}

/**
 * Read the file of a proposal strictly.
 * @param {string} text
 * @param {{longest: number, years: [number, number], dates: string[]}} rules of the file
 * @returns {import("./rules.mjs").Proposal}
 */
export function readProposal(text, rules) {
  const plain = text.replace(/^\ufeff/, "").replace(/\r\n/g, "\n");
  if (/[^\t\n\x20-\x7e\x80-\u{10ffff}]/u.test(plain) || /\p{Surrogate}/u.test(plain)) {
    throw new ProposalFileError([{ kind: "not_toml", line: lineOfControl(plain) }]);
  }
  const { tables, faults } = readTables(plain);
  if (faults.length) throw new ProposalFileError(faults);
  const [top, ...others] = tables;
  faults.push(...unknownKeys(top, ["region"]).map((fault) =>
    (TOP_KEYS.includes(fault.key) ? { ...fault, kind: "wrong_table" } : fault)));
  const region = top.values.get("region");
  if (region?.kind !== "text" || !/^\p{Nd}{2}$/u.test(region.text)) {
    faults.push({ kind: "invalid_region", line: region?.line ?? 1, value: region?.text ?? "" });
  }
  const proposal = { region: region?.text, additions: [], removals: [] };
  for (const name of rules.dates) proposal[name] = null;
  const seen = new Map();
  for (const table of others) {
    if (table.name === "consultation" && !table.list) {
      faults.push(...unknownKeys(table, rules.dates), ...readDays(table, rules, proposal));
    } else if ((table.name === "addition" || table.name === "removal") && table.list) {
      faults.push(...unknownKeys(table, MOVE_KEYS), ...faultsOfMove(table, rules));
      const code = table.values.get("territory")?.text;
      seen.set(code, (seen.get(code) ?? 0) + 1);
      if (seen.get(code) === 2 && table.values.get("territory")?.kind === "text") {
        faults.push({ kind: "repeated_territory", line: table.line, value: code });
      }
      proposal[`${table.name}s`].push({
        territory: code,
        justification: strippedText(table.values.get("justification")?.text ?? ""),
      });
    } else {
      const kind = TOP_KEYS.includes(table.name) ? "wrong_table" : "unknown_key";
      faults.push({ kind, line: table.line, key: table.name });
    }
  }
  if (faults.length) throw new ProposalFileError(faults.sort((one, two) => one.line - two.line));
  return proposal;
}

/** The line of the first character that TOML does not allow. */
function lineOfControl(/** @type {string} */ text) {
  return text.split("\n").findIndex((line) =>
    /[^\t\x20-\x7e\x80-\u{10ffff}]|\p{Surrogate}/u.test(line)) + 1;
}

const unknownKeys = (table, /** @type {string[]} */ known) =>
  [...table.values].filter(([key]) => !known.includes(key))
    .map(([key, { line }]) => ({ kind: "unknown_key", line, key }));

/** @returns {FileFault[]} */
function faultsOfMove(table, { longest }) {
  const [code, why] = MOVE_KEYS.map((key) => table.values.get(key));
  const faults = [];
  if (code?.kind !== "text" || !strippedText(code.text)) {
    faults.push({ kind: "invalid_territory", line: code?.line ?? table.line });
  }
  const line = why?.line ?? table.line;
  if (why?.kind !== "text") {
    faults.push({ kind: "invalid_justification", line });
  } else {
    const fault = faultOfJustification(why.text, longest);
    if (fault) faults.push({ ...fault, line });
  }
  return faults;
}

/** What is wrong with a justification, if anything. @param {string} text */
export function faultOfJustification(text, /** @type {number} */ longest) {
  if ([...text].length > longest) return { kind: "justification_too_long", number: longest };
  if (strippedText(text) && !/[\p{L}\p{N}]/u.test(text)) {
    return { kind: "justification_without_words" };
  }
  return null;
}

/** @returns {FileFault[]} */
function readDays(table, { dates, years }, proposal) {
  const faults = [];
  for (const key of dates) {
    const value = table.values.get(key);
    if (!value || (value.kind === "text" && value.text === "")) continue;
    if (value.kind === "day" && isWithinYears(value.text, years)) proposal[key] = value.text;
    else faults.push({ kind: "invalid_date", line: value.line, key, value: value.text });
  }
  return faults;
}

/** Whether a day, as in ISO 8601, is in the years in which a zoning may be consulted on. */
export function isWithinYears(/** @type {string} */ day, /** @type {[number, number]} */ years) {
  const year = Number(day.slice(0, 4));
  return years[0] <= year && year <= years[1];
}

const quoted = (/** @type {string} */ text) =>
  JSON.stringify(text.replace(/\p{Surrogate}/gu, "\ufffd")).replace(/\x7f/g, "\\u007f");

const onOneLine = (/** @type {string | undefined} */ text) =>
  text ? `  # ${text.replace(/[^ -~\xa1-\ufffc]|\p{Surrogate}/gu, " ")}` : "";

/**
 * Write a proposal as `apl region propose` does.
 * @param {import("./rules.mjs").Proposal} proposal
 * @param {Map<string, string>} comments for territories and the region, by code
 * @param {string[]} dates names of the dates
 * @param {string} gap a word for what is to be filled in
 */
export function proposalText(proposal, comments, dates, gap) {
  const toFillIn = (value) => (value ? "" : onOneLine(gap));
  const { region } = proposal;
  const lines = [`region = ${quoted(region)}${onOneLine(comments.get(region))}`];
  for (const [key, moves] of [["addition", proposal.additions], ["removal", proposal.removals]]) {
    for (const { territory, justification } of moves) {
      lines.push(
        "",
        `[[${key}]]`,
        `territory = ${quoted(territory)}${onOneLine(comments.get(territory))}`,
        `justification = ${quoted(justification)}${toFillIn(justification)}`,
      );
    }
  }
  lines.push("", "[consultation]");
  for (const key of dates) {
    lines.push(`${key} = ${proposal[key] || '""'}${toFillIn(proposal[key])}`);
  }
  return `${lines.join("\n")}\n`;
}
