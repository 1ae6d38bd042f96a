import assert from "node:assert/strict";
import { test } from "node:test";

import { csvText } from "../../../../apl_engine/reports/zoning_page/assets/csv.mjs";

test("numbers have all their digits, and the decimal sign of the style", () => {
  const rows = [["L'Haÿ", 14.965239244911926, null, 0], ["", -1.5, undefined, NaN]];
  assert.equal(
    csvText(["nom", "part", "apl", "n"], rows, "plain"),
    `nom,part,apl,n\nL'Haÿ,14.965239244911926,,0\n"",-1.5,,\n`,
  );
  assert.equal(
    csvText(["nom", "part", "apl", "n"], rows, "french"),
    `\ufeffnom;part;apl;n\nL'Haÿ;14,965239244911926;;0\n"";-1,5;;\n`,
  );
});

test("separators, quotes and line breaks are quoted", () => {
  const rows = [['a "b"', "c,d", "e;f", "g\nh", "i\rj"]];
  assert.equal(csvText([], rows, "plain"), '\n"a ""b""","c,d",e;f,"g\nh","i\rj"\n');
  assert.equal(csvText([], rows, "french"), '\ufeff\n"a ""b""";c,d;"e;f";"g\nh";"i\rj"\n');
});

test("no cell and no title is run by a spreadsheet", () => {
  for (const text of ["=1+1", "+33", "-x", "@SUM(A1)", "\tx", "'=1", "''@x"]) {
    assert.equal(csvText([text], [[text]], "plain"), `'${text}\n'${text}\n`);
  }
  assert.equal(csvText([], [["\r=1"]], "plain"), "\n\"'\r=1\"\n");
  // Within a text, and in a number, these signs are harmless.
  assert.equal(csvText([], [["a=1", "'quoted'", -2, "Saint-Denis"]], "plain"), "\na=1,'quoted',-2,Saint-Denis\n");
});
