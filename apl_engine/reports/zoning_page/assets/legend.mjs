/** Replaced by its author. */
export function makeLegend() {
  return null;
}
