/**
 * The texts of the page in the language of its reader.
 *
 * @typedef {string | { one: string, other: string }} Text
 */

/** @type {Record<string, Record<string, Text>>} */
let allTexts = {};
let language = "fr";
/** @type {Intl.PluralRules | null} */
let plurals = null;

/** Give the page its texts, by language and key. @param {Record<string, Record<string, Text>>} texts @param {string} lang */
export function setTexts(texts, lang) {
  allTexts = texts;
  language = lang in texts ? lang : Object.keys(texts)[0];
  plurals = null;
}

/** Return the language of the page. */
export function lang() {
  return language;
}

/** Return whether a text exists. @param {string} key */
export function hasText(key) {
  return key in (allTexts[language] ?? {});
}

/**
 * Return a text with its values; of a plural, the form that `n` takes.
 *
 * @param {string} key such as "map.zoom_in"
 * @param {Record<string, string | number>} [values] for the names in braces; `n` is a number, and
 *   is written as `people` or the like write it if `n_text` is given
 */
export function t(key, values = {}) {
  const text = allTexts[language]?.[key];
  if (text === undefined) throw new Error(`no text ${key} in ${language}`);
  plurals ??= new Intl.PluralRules(language);
  const chosen =
    typeof text === "string"
      ? text
      : text[plurals.select(Number(values.n)) === "one" ? "one" : "other"];
  return chosen.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = name === "n" ? (values.n_text ?? values.n) : values[name];
    return value === undefined ? whole : String(value);
  });
}

/** Return what is written in both languages in the data: `label`, `label_en`. @param {Record<string, any>} item @param {string} name */
export function inLanguage(item, name) {
  return (language === "fr" ? null : item[`${name}_${language}`]) ?? item[name];
}
