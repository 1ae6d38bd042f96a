import assert from "node:assert/strict";
import { test } from "node:test";

import { Varints } from "../../../../apl_engine/reports/zoning_page/assets/blocks.mjs";
import { change, state, watch } from "../../../../apl_engine/reports/zoning_page/assets/state.mjs";

test("those who watch are called once for each change", () => {
  const seen = [];
  watch(["layer", "level"], (changed) => seen.push([...changed].sort()));
  change({ layer: "apl", level: "communes" });
  change({ layer: "apl" });
  change({ region: 3 });
  assert.deepEqual(seen, [["layer", "level"]]);
  assert.equal(state.region, 3);
});

test("whole numbers of either sign are read", () => {
  const bytes = Uint8Array.from([0, 1, 2, 0x80, 0x01, 0xfe, 0xff, 0xff, 0xff, 0x0f]);
  const numbers = new Varints(bytes);
  assert.deepEqual([...numbers.take(4)], [0, -1, 1, 64]);
  assert.deepEqual([...numbers.take(1)], [2147483647]);
});
