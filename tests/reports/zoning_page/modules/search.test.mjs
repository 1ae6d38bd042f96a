import assert from "node:assert/strict";
import { test } from "node:test";

const assets = "../../../../apl_engine/reports/zoning_page/assets/";
const { Gazetteer, distanceToStart } = await import(`${assets}search.mjs`);
const { foldedName, plainName, spelledOut } = await import(`${assets}names.mjs`);

/** Code, name, population, territory, postcodes. */
const COMMUNES = [
  ["02565", "Œuilly", 300, 0, ["02160"]],
  ["2A004", "Ajaccio", 70000, 0, ["20000", "20090"]],
  ["35238", "Rennes", 220000, 1, ["35000", "35200"]],
  ["51410", "Œuilly", 600, 0, ["51480"]],
  ["59497", "Renescure", 2000, 0, ["59173"]],
  ["67482", "Strasbourg", 290000, 2, ["67000"]],
  ["74010", "Annecy", 130000, 3, ["74000", "74940"]],
  ["75101", "Paris 1er Arrondissement", 16000, 4, ["75001"]],
  ["75102", "Paris 2e Arrondissement", 20000, 4, ["75002"]],
  ["75111", "Paris 11e Arrondissement", 140000, 4, ["75011"]],
  ["80829", "Y", 90, 0, ["80190"]],
  ["93066", "Saint-Denis", 112000, 5, ["93200", "93210"]],
  ["94038", "L'Haÿ-les-Roses", 31000, 5, ["94240"]],
  ["97411", "Saint-Denis", 153000, 6, ["97400"]],
];
const REGIONS = { "02": 0, 51: 1, 97: 2 };

function model(lookup = true) {
  const codes = COMMUNES.flatMap(([, , , , posts], i) => posts.map((post) => [Number(post), i]));
  const differences = (values) => values.map((value, k) => value - (values[k - 1] ?? 0));
  const departements = [
    ...new Set(COMMUNES.map(([code]) => code.slice(0, /^97/.test(code) ? 3 : 2))),
  ];
  const names = { 35: "Ille-et-Vilaine", 93: "Seine-Saint-Denis", 974: "La Réunion" };
  return {
    meta: {
      departements: departements.map((code) => ({
        code,
        name: names[code] ?? `Département ${code}`,
      })),
      regions: [
        { code: "32", name: "Hauts-de-France" },
        { code: "44", name: "Grand Est" },
        { code: "04", name: "La Réunion" },
      ],
    },
    communes: {
      code: COMMUNES.map(([code]) => code),
      name: COMMUNES.map(([, name]) => name),
      population: COMMUNES.map(([, , people]) => people),
    },
    territories: {
      code: ["1001_", "3598", "6701", "7401", "7501", "9311", "C7498"],
      name: [
        "Œuilly et environs",
        "Rennes",
        "Strasbourg",
        "Annecy",
        "Paris",
        "Haÿ-les-Roses",
        "Saint-Denis",
      ],
      region: [0, 1, 1, 1, 1, 1, 2],
      population: [1000, 220000, 290000, 130000, 200000, 143000, 153000],
    },
    units: {
      territory: COMMUNES.map(([, , , territory]) => territory),
      departement: COMMUNES.map(([code]) =>
        departements.indexOf(code.slice(0, /^97/.test(code) ? 3 : 2)),
      ),
      region: COMMUNES.map(([code]) => REGIONS[code.slice(0, 2)] ?? 1),
    },
    lookup: lookup
      ? {
          postcodes: {
            code: differences(codes.map(([code]) => code)),
            commune: differences(codes.map(([, i]) => i)),
          },
          former: { names: ["Annecy-le-Vieux", "Seynod"], communes: [6, 6] },
          former_codes: { codes: ["74011", "74268"], communes: [6, 6] },
        }
      : null,
  };
}

const gazetteer = new Gazetteer(model());
const found = (text) =>
  gazetteer
    .search(text)
    .map(({ kind, index }) =>
      kind === "territory"
        ? gazetteer.territories.code[index]
        : kind === "commune"
          ? COMMUNES[index][0]
          : `${kind} ${index}`,
    );
const first = (text) => found(text)[0];

test("names are folded as the command folds them", () => {
  assert.equal(plainName("Saint-Œuf–sur «Mer»"), "saint_oeuf_sur_mer");
  assert.equal(spelledOut("ST ETIENNE S/ USSON"), "saint_etienne_sur_usson");
  assert.equal(foldedName("L'Haÿ-les-Roses"), "hay_roses");
  assert.equal(foldedName("Les Sts-Pères la Ste"), "saints_peres_sainte");
  assert.equal(plainName("a\nb"), "a_b");
});

for (const [text, code] of [
  ["rennes", "35238"], ["RENNES ", "35238"], ["35238", "35238"], ["35200", "35238"],
  ["oeuil", "51410"], ["oeuilly (02)", "02565"], ["02160 oeuilly", "02565"],
  ["Oeuilly, hauts de france", "02565"], ["2a004", "2A004"], ["20090", "2A004"],
  ["saint denis", "97411"], ["st-denis (93)", "93066"], ["93200 Saint-Denis", "93066"],
  ["Saint-Denis, La Réunion", "97411"], ["saint denis (reunion", "97411"],
  ["st denis 974", "97411"], ["st denis, seine", "93066"], ["hay les roses", "94038"],
  ["l hay", "94038"], ["L’HAŸ", "94038"], ["st", "67482"], ["str", "67482"], ["y", "80829"],
  ["paris 11e", "75111"], ["Paris XIe arrondissement", "75111"], ["paris 1", "75101"],
  ["11e arrondissement de Paris", "75111"], ["75011", "75111"], ["1001", "1001_"],
  ["3598 Rennes", "3598"], ["9311", "9311"], ["seynod", "former 6"],
  ["74268", "74010"], ["annecy le v", "former 6"],
]) {
  test(`« ${text} » is ${code}`, () => assert.equal(first(text), code));
} // prettier-ignore

test("a former commune is the commune that it is in now", () => {
  const [one] = gazetteer.search("annecy le v");
  assert.deepEqual([one.kind, one.index, one.name], ["former", 6, "Annecy-le-Vieux"]);
  assert.equal(gazetteer.search("74268")[0].by, "old_code");
});

test("homonyms are listed by population, arrondissements by number", () => {
  assert.deepEqual(found("saint denis").slice(0, 2), ["97411", "93066"]);
  assert.deepEqual(found("oeuilly").slice(0, 2), ["51410", "02565"]);
  for (const city of ["Paris", "75056", "paris (75)"]) {
    assert.deepEqual(found(city).slice(0, 3), ["75101", "75102", "75111"]);
  }
});

test("a name that is spelled wrong has the nearest ones", () => {
  for (const [text, code] of [
    ["starsbourg", "67482"],
    ["anecy", "74010"],
    ["ajacio", "2A004"],
    ["rennnes", "35238"],
  ]) {
    const [one] = gazetteer.search(text);
    assert.deepEqual([COMMUNES[one.index][0], one.by], [code, "near"]);
  }
  // It begins another name, of fewer inhabitants.
  assert.deepEqual(found("renes"), ["59497", "35238"]);
  assert.deepEqual(found("qqqqqqq"), []);
});

test("a departement is listed, and its number lists its communes", () => {
  assert.equal(gazetteer.search("ille et v")[0].kind, "departement");
  assert.equal(
    gazetteer.search("la reunion").some(({ kind }) => kind === "region"),
    true,
  );
  assert.ok(found("35").includes("35238"));
});

test("odd texts find nothing and do no harm", () => {
  const odd = [
    "",
    " ",
    "'",
    "()",
    "(",
    "\u202e",
    "<img src=x>",
    "\\",
    "[",
    "*",
    "%00",
    "😀",
    "constructor",
    "__proto__",
    "a".repeat(5000),
    "\n_",
    "0".repeat(99),
  ];
  for (const text of odd) assert.ok(Array.isArray(gazetteer.search(text)));
  assert.deepEqual(found("constructor"), []);
});

test("without postcodes names and codes are found", () => {
  const plain = new Gazetteer(model(false));
  assert.equal(plain.search("35238")[0].name, "Rennes");
  assert.equal(plain.search("35200").length, 0);
});

test("a page of territories alone has no populations of communes", () => {
  const few = model();
  delete few.communes.population;
  assert.equal(new Gazetteer(few).search("strasb")[0].name, "Strasbourg");
});

test("distances count letters left out, added, replaced and exchanged", () => {
  assert.equal(distanceToStart("grenoble", "grenoble", 2), 0);
  assert.equal(distanceToStart("gernoble", "grenobleisere", 2), 1);
  assert.equal(distanceToStart("genoble", "grenoble", 2), 1);
  assert.equal(distanceToStart("grrenoblle", "grenoble", 2), 2);
  assert.equal(distanceToStart("paris", "grenoble", 2), 3);
});

test("a search is stopped by no name", () => {
  const names = ["</script><b>", "Zone \u202eevil", 'a"b', "Constructor", "Ligne\nDeux"];
  const hostile = model();
  names.forEach((name, k) => (hostile.communes.name[k] = name));
  const own = new Gazetteer(hostile);
  assert.equal(own.search("zone evil")[0].name, names[1]);
  assert.equal(own.search("ligne deux")[0].index, 4);
  assert.equal(own.search("constructor")[0].index, 3);
});

test("a departement or region may follow a name without a comma", () => {
  const known = new Gazetteer(model());
  const first = (typed) => known.search(typed)[0];
  for (const typed of ["saint denis reunion", "st denis la réunion", "Saint-Denis à La Réunion"]) {
    assert.equal(first(typed)?.index, 13, typed);
  }
  assert.equal(first("saint denis seine")?.index, 11);
  assert.equal(first("rennes en ille et vilaine")?.index, 2);
});
