/** Replaced by its author. */
export function makeNational() {
  return null;
}
