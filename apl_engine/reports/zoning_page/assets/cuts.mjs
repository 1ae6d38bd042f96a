/**
 * Which zone a territory would have if the cuts stood elsewhere: the rule of the law, cumulated
 * population by rising APL, as the command applies it (`apl_engine.method.ranking`).
 *
 * Published APLs are rounded, and some are not published. All that is known of the place of a
 * territory is then between which populations it lies, and of its zone which zones it may have.
 *
 * @typedef {object} Law
 * @property {number[][]} shares end of each zone but the last, cumulated, %: numerator, denominator
 * @property {"population" | "standardised_population"} population that the shares are of
 * @property {"at_or_below" | "crossing" | "nearest"} straddling
 * @property {"cumulated" | "successive"} cuts
 *
 * @typedef {object} Order what the law ranks; see the Python package, which writes it
 * @property {Law} law
 * @property {number[]} territories numbers of those that are ranked, by rising APL
 * @property {number[]} people population that the law counts, of each of them
 * @property {number[]} held population of imposed zones in each zone or below
 * @property {number[] | null} blocks where each block of territories begins, whose order is not
 *   known or that no cut divides; null if each is a block of its own
 * @property {number[] | null} zones of a publication: the zone of each ranked territory
 * @property {number[] | null} hidden of a publication: those ranked whose APL is not published,
 *   by their position in `territories`; each may be anywhere in its zone
 */

/** @param {number} a @param {number} b @returns {number} */
function greatestDivisor(a, b) {
  return b ? greatestDivisor(b, a % b) : a;
}

/** Zones of territories for any place of the cuts. */
export class Cuts {
  /** @param {Order} order */
  constructor(order) {
    this.order = order;
    const { shares } = order.law;
    /** A step of a cut is one `unit`th of a percentage point. */
    this.unit = shares.reduce((all, [, part]) => (all / greatestDivisor(all, part)) * part, 10);
    /** The cuts of the law, in steps. */
    this.law = shares.map(([number, part]) => number * (this.unit / part));
    this.#place();
  }

  /** Find the populations between which each ranked territory lies. */
  #place() {
    const { people, blocks, zones, hidden, held } = this.order;
    const count = people.length;
    // Cumulated as the command does: one after the other, in this order.
    const through = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) through[i] = sum += people[i];
    this.total = sum + held[held.length - 1];
    const before = Float64Array.from(through, (_, i) => (i ? through[i - 1] : 0));
    this.first = { through, before };
    this.last = { through, before };
    if (blocks) {
      const [first, last] = [Float64Array.from(through), Float64Array.from(before)];
      const [start, end] = [Float64Array.from(before), Float64Array.from(through)];
      blocks.forEach((from, b) => {
        const to = b + 1 < blocks.length ? blocks[b + 1] : count;
        const bottom = before[from];
        const top = through[to - 1];
        for (let i = from; i < to; i++) {
          start[i] = bottom;
          first[i] = bottom + people[i];
          last[i] = top - people[i];
          end[i] = top;
        }
      });
      if (zones) {
        this.first = { through: first, before: start };
        this.last = { through: end, before: last };
      } else {
        // No cut divides a block.
        this.first = this.last = { through: end, before: start };
      }
    }
    if (zones && hidden?.length) this.#placeHidden(zones, hidden);
  }

  /** Let those without a published APL be anywhere in their zone. @param {number[]} zones @param {number[]} hidden */
  #placeHidden(zones, hidden) {
    const { people } = this.order;
    const count = this.law.length + 1;
    const [sums, bottom, top] = [0, Infinity, 0].map((start) => Array(count).fill(start));
    const isHidden = new Uint8Array(people.length);
    for (const i of hidden) {
      isHidden[i] = 1;
      sums[zones[i]] += people[i];
    }
    let sum = 0;
    zones.forEach((zone, i) => {
      bottom[zone] = Math.min(bottom[zone], sum);
      top[zone] = sum += people[i];
    });
    zones.forEach((zone, i) => {
      if (isHidden[i]) {
        this.first.before[i] = bottom[zone];
        this.first.through[i] = bottom[zone] + people[i];
        this.last.before[i] = top[zone] - people[i];
        this.last.through[i] = top[zone];
      } else {
        // They come last in the order of the file; all of them may come first.
        this.last.before[i] += sums[zone];
        this.last.through[i] += sums[zone];
      }
    });
  }

  /**
   * Return the lowest and the highest zone that each ranked territory may have.
   *
   * @param {number[]} steps the cuts, rising, in steps
   * @returns {{ low: Int8Array, high: Int8Array }} equal where published figures tell the zone
   */
  zonesAt(steps) {
    return this.order.law.cuts === "successive" ? this.#successive(steps) : this.#cumulated(steps);
  }

  /** @param {number[]} steps */
  #cumulated(steps) {
    const count = this.order.people.length;
    const low = new Int8Array(count).fill(steps.length);
    const high = new Int8Array(count).fill(steps.length);
    for (let k = steps.length - 1; k >= 0; k--) {
      const limit = this.#limit(k, steps);
      for (let i = 0; i < count; i++) {
        const { first, last } = this;
        let maybe = this.#within(limit, first.through[i], first.before[i]);
        let surely = maybe && this.#within(limit, last.through[i], last.before[i]);
        [surely, maybe] = this.#asPublished(i, k, steps[k], surely, maybe);
        if (maybe) low[i] = k;
        if (surely) high[i] = k;
      }
    }
    return { low, high };
  }

  /** @param {number[]} steps */
  #successive(steps) {
    const count = this.order.people.length;
    const low = new Int8Array(count).fill(steps.length);
    const high = new Int8Array(count).fill(steps.length);
    const { first, last } = this;
    // Between which populations the zone before ends.
    let [least, most] = [0, 0];
    let asInLaw = true;
    for (let k = 0; k < steps.length; k++) {
      const limit = this.#limit(k, steps);
      let [nextLeast, nextMost] = [least, most];
      for (let i = 0; i < count; i++) {
        // A territory below the end is in a zone before, whatever this one holds.
        let maybe = this.#within(limit, ...beyond(first, i, most));
        let surely = maybe && this.#within(limit, ...beyond(last, i, least));
        if (asInLaw) [surely, maybe] = this.#asPublished(i, k, steps[k], surely, maybe);
        if (maybe) {
          if (low[i] === steps.length) low[i] = k;
          nextMost = Math.max(nextMost, last.through[i]);
        }
        if (surely) {
          if (high[i] === steps.length) high[i] = k;
          nextLeast = Math.max(nextLeast, first.through[i]);
        }
      }
      [least, most] = [nextLeast, nextMost];
      asInLaw &&= steps[k] === this.law[k];
    }
    return { low, high };
  }

  /**
   * Correct what follows from a cut by the zones that are published: they are those of the law, a
   * higher cut takes no territory out of a zone, and a lower one puts none into it.
   *
   * @param {number} i @param {number} k @param {number} step @param {boolean} surely @param {boolean} maybe
   */
  #asPublished(i, k, step, surely, maybe) {
    if (!this.order.zones) return [surely, maybe];
    const inside = this.order.zones[i] <= k;
    if (step === this.law[k]) return [inside, inside];
    return step > this.law[k] ? [surely || inside, maybe || inside] : [surely && inside, maybe && inside];
  }

  /** Return what the scaled population of a zone may reach. @param {number} k @param {number[]} steps */
  #limit(k, steps) {
    const { law, held } = this.order;
    let share = steps[k];
    let own = held[k];
    if (law.cuts === "successive" && k) {
      share -= steps[k - 1];
      own -= held[k - 1];
    }
    const divisor = greatestDivisor(share, this.unit) || 1;
    const scale = 100 * (this.unit / divisor);
    return { scale, end: (share / divisor) * this.total - scale * own };
  }

  /** @param {{ scale: number, end: number }} limit @param {number} through @param {number} before */
  #within({ scale, end }, through, before) {
    const top = scale * through;
    if (top <= end) return true;
    const bottom = scale * before;
    switch (this.order.law.straddling) {
      case "crossing":
        return bottom < end;
      case "nearest":
        return bottom < end && top - end < end - bottom;
      default:
        return false;
    }
  }
}

/**
 * Return the populations through and before a territory, counted from the end of a zone.
 *
 * @param {{ through: Float64Array, before: Float64Array }} place @param {number} i @param {number} end
 * @returns {[number, number]}
 */
function beyond(place, i, end) {
  const start = Math.min(end, place.before[i]);
  return [place.through[i] - start, place.before[i] - start];
}

/**
 * Count the territories that change zone, and the communes and inhabitants in them.
 *
 * @param {Cuts} cuts
 * @param {number[]} steps where the cuts are, in steps
 * @param {{ communes: ArrayLike<number>, population: ArrayLike<number> }} territories
 * @param {(territory: number) => boolean} counted which are counted
 */
export function countChanges(cuts, steps, territories, counted = () => true) {
  const before = cuts.zonesAt(cuts.law).low;
  const { low, high } = cuts.zonesAt(steps);
  const none = () => ({ territories: 0, communes: 0, people: 0 });
  const all = { least: none(), most: none() };
  /** @type {Map<string, { from: number, to: number, least: ReturnType<none>, most: ReturnType<none> }>} */
  const flows = new Map();
  /** @param {{ least: any, most: any }} counts @param {number} territory @param {boolean} surely */
  const add = (counts, territory, surely) => {
    for (const part of surely ? [counts.least, counts.most] : [counts.most]) {
      part.territories += 1;
      part.communes += territories.communes[territory];
      part.people += territories.population[territory];
    }
  };
  cuts.order.territories.forEach((territory, i) => {
    const from = before[i];
    if ((low[i] === from && high[i] === from) || !counted(territory)) return;
    add(all, territory, from < low[i] || from > high[i]);
    for (let to = low[i]; to <= high[i]; to++) {
      if (to === from) continue;
      const key = `${from} ${to}`;
      if (!flows.has(key)) flows.set(key, { from, to, least: none(), most: none() });
      add(/** @type {any} */ (flows.get(key)), territory, low[i] === high[i]);
    }
  });
  const order = (/** @type {{ from: number, to: number }} */ one) => one.from * 100 + one.to;
  return { ...all, flows: [...flows.values()].sort((one, other) => order(one) - order(other)) };
}

/**
 * Return the curve of cumulated population by APL, of all territories or of some.
 *
 * @param {Cuts} cuts
 * @param {{ apl: (number | null)[], population: number[], standardised: number[], zone: number[] }} territories
 * @param {(territory: number) => boolean} [counted]
 * @returns {{ apl: number[], share: number[], start: number, missing: number }} each APL with the
 *   share of the population up to it, %; the share below the first, whose zone is imposed; and the
 *   number of territories whose place is not published: they are in the share of their zone only
 */
export function curveOf(cuts, territories, counted = () => true) {
  const { order } = cuts;
  const people =
    order.law.population === "population" ? territories.population : territories.standardised;
  const ranked = new Set(order.territories);
  const held = Array(cuts.law.length + 1).fill(0);
  let total = 0;
  people.forEach((count, territory) => {
    const zone = territories.zone[territory];
    if (!counted(territory) || zone < 0) return;
    if (ranked.has(territory)) total += count;
    else if (order.held[order.held.length - 1]) {
      total += count;
      for (let k = zone; k < held.length; k++) held[k] += count;
    }
  });
  const zones = cuts.zonesAt(cuts.law).low;
  const hidden = new Set(order.hidden ?? []);
  /** @type {number[]} */
  const apl = [];
  /** @type {number[]} */
  const share = [];
  let sum = 0;
  let missing = 0;
  order.territories.forEach((territory, i) => {
    if (!counted(territory)) return;
    sum += people[territory];
    if (hidden.has(i)) missing += 1;
    else {
      apl.push(/** @type {number} */ (territories.apl[territory]));
      share.push((100 * (sum + held[zones[i]])) / total);
    }
  });
  return { apl, share, start: total ? (100 * held[0]) / total : 0, missing };
}

/** Return the APL at which a curve reaches a share. @param {{ apl: number[], share: number[] }} curve @param {number} at */
export function aplAt({ apl, share }, at) {
  let [low, high] = [0, share.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (share[middle] < at) low = middle + 1;
    else high = middle;
  }
  return apl[low];
}

/** Return the share that a curve has reached at an APL. @param {{ apl: number[], share: number[], start: number }} curve @param {number} apl */
export function shareAt(curve, apl) {
  let [low, high] = [0, curve.apl.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (curve.apl[middle] <= apl) low = middle + 1;
    else high = middle;
  }
  return low ? curve.share[low - 1] : curve.start;
}
