/**
 * What the reader has chosen: one object, and those who wait for its changes.
 *
 * @typedef {object} State
 * @property {string} lang "fr" or "en"
 * @property {"map" | "workbench" | "national"} tab
 * @property {"zone" | "apl" | "etp" | "practitioners" | "change" | "distance"} layer what the map
 *   shows
 * @property {"territories" | "communes"} level
 * @property {number | null} region number of the chosen region
 * @property {number | null} commune number of the commune whose card is open
 * @property {number | null} territory number of the territory whose card is open
 * @property {number | null} hover number of the territory under the pointer
 * @property {ReadonlySet<number>} hidden zones that the legend leaves out
 * @property {{ region: boolean, departement: boolean, territory: boolean, commune: boolean }} lines
 *   borders that the map shows
 * @property {{ region: number, added: ReadonlySet<number>, removed: ReadonlySet<number> } | null}
 *   proposal territories that a proposal adds to the lowest zone, and takes out of it
 */

/** @type {State} */
export const state = {
  lang: "fr",
  tab: "map",
  layer: "zone",
  level: "territories",
  region: null,
  commune: null,
  territory: null,
  hover: null,
  hidden: new Set(),
  lines: { region: true, departement: true, territory: true, commune: true },
  proposal: null,
};

/** @type {{ keys: Set<string>, listener: (changed: Set<string>) => void }[]} */
const watchers = [];

/**
 * Call a function after each change of some values.
 *
 * @param {(keyof State)[]} keys
 * @param {(changed: Set<string>) => void} listener
 */
export function watch(keys, listener) {
  watchers.push({ keys: new Set(keys), listener });
}

/** Change values, and call those who watch them, once each. @param {Partial<State>} values */
export function change(values) {
  const changed = new Set();
  for (const [key, value] of Object.entries(values)) {
    if (/** @type {any} */ (state)[key] !== value) {
      /** @type {any} */ (state)[key] = value;
      changed.add(key);
    }
  }
  if (!changed.size) return;
  for (const { keys, listener } of watchers) {
    if ([...changed].some((key) => keys.has(key))) listener(changed);
  }
}
