import assert from "node:assert/strict";
import { test } from "node:test";

import { date, number, people, percent, signed } from "../../../../apl_engine/reports/zoning_page/assets/format.mjs";
import { inLanguage, lang, setTexts, t } from "../../../../apl_engine/reports/zoning_page/assets/text.mjs";

const TEXTS = {
  fr: {
    "common.not_published": "non publié",
    "common.people": { one: "{n} habitant", other: "{n} habitants" },
    "a.b": "de {x} à {y}",
  },
  en: {
    "common.not_published": "not published",
    "common.people": { one: "{n} inhabitant", other: "{n} inhabitants" },
    "a.b": "from {x} to {y}",
  },
};

test("texts are of the language, with their values", () => {
  setTexts(TEXTS, "en");
  assert.equal(lang(), "en");
  assert.equal(t("a.b", { x: 1, y: "two" }), "from 1 to two");
  setTexts(TEXTS, "fr");
  assert.equal(t("a.b", { x: 1 }), "de 1 à {y}");
  assert.throws(() => t("a.missing"), /a\.missing/);
});

test("plurals are those of the language", () => {
  setTexts(TEXTS, "fr");
  assert.equal(people(0), "0 habitant");
  assert.equal(people(1), "1 habitant");
  assert.equal(people(1234), "1\u202f234 habitants");
  setTexts(TEXTS, "en");
  assert.equal(people(0), "0 inhabitants");
  assert.equal(people(1234.4), "1,234 inhabitants");
});

test("numbers are written as in the language", () => {
  setTexts(TEXTS, "fr");
  assert.equal(number(1234.567, 2), "1\u202f234,57");
  assert.match(percent(12.34), /^12,3[\u00a0\u202f]%$/);
  assert.equal(signed(2.5, 1), "+2,5");
  assert.equal(number(null), "non publié");
  assert.equal(percent(Number.NaN), "non publié");
  assert.equal(date("2024-05-01"), "1er mai 2024");
  setTexts(TEXTS, "en");
  assert.equal(number(1234.567, 2), "1,234.57");
  assert.equal(date("2024-05-01"), "1 May 2024");
});

test("labels have a language", () => {
  const zone = { label: "Sous dotée", label_en: "Underserved" };
  setTexts(TEXTS, "en");
  assert.equal(inLanguage(zone, "label"), "Underserved");
  setTexts(TEXTS, "fr");
  assert.equal(inLanguage(zone, "label"), "Sous dotée");
});
