/** Gauges of the margin: inhabitants added and taken out, and the final share. */

import { el, fill } from "./dom.mjs";
import { number, people, percent, signed } from "./format.mjs";
import { NONE } from "./fractions.mjs";
import { shareOf } from "./rules.mjs";
import { t } from "./text.mjs";
import { pointsText } from "./verdict_words.mjs";

/** @typedef {import("./fractions.mjs").Fraction} Fraction */

// What a bar shows beyond its limit, as a share of the limit.
const BEYOND = 0.25;

/**
 * Make the gauges of a region.
 * @param {any} region
 */
export function makeGauges(region) {
  const { limit } = region;
  const points = shareOf(region, limit);
  const bars = { up: makeBar(false), down: makeBar(false), share: makeBar(true) };
  const margin = number(points.toNumber(), 1);
  const element = el("div", { class: "gauges", role: "group", "aria-label": t("workbench.gauges") },
    Object.entries(bars).map(([name, bar]) => el("div", { class: "gauge", id: `gauge-${name}` },
      el("p", { class: "gauge-label" }, t(`workbench.gauge_${name}`)), bar.element, bar.text)));
  const used = (/** @type {Fraction} */ one, /** @type {Fraction} */ whole) =>
    whole.compare(NONE) ? one.over(whole).toNumber() : Number(one.compare(NONE) > 0) * 2;
  const moves = (/** @type {Fraction} */ moved) => {
    const left = limit.minus(moved);
    const share = shareOf(region, moved).toNumber();
    return [
      t("workbench.gauge_moved", { people: number(moved.toNumber()), limit: number(limit.floor()) }),
      t("workbench.gauge_points", {
        points: t("workbench.points", { n: share, n_text: number(share, 2) }), margin,
      }),
      left.compare(NONE) < 0
        ? broken("gauge_over", { people: people(left.absolute().ceiling()) })
        : t("workbench.gauge_left", { people: number(left.floor()) }),
    ];
  };
  return {
    element,
    /** Show what a proposal uses. @param {ReturnType<typeof import("./draft.mjs").usedOf>} use */
    update(use) {
      for (const name of /** @type {const} */ (["up", "down"])) {
        bars[name].set(used(use[name], limit));
        bars[name].say(moves(use[name]));
      }
      bars.share.set(used(use.difference, points));
      const difference = use.difference.toNumber();
      const over = use.difference.absolute().minus(points);
      bars.share.say([
        t("workbench.gauge_final", {
          after: percent(use.after.toNumber(), 2), base: percent(use.base.toNumber(), 2),
        }),
        t("workbench.gauge_difference", { difference: t("workbench.points", {
            n: Math.abs(difference), n_text: signed(difference, 2),
          }), margin }),
        over.compare(NONE) > 0 && broken("gauge_over_points", { points: pointsText(over) }),
      ]);
    },
    /** Show what a move would use, or nothing. @param {ReturnType<typeof import("./draft.mjs").usedOf> | null} use */
    preview(use) {
      bars.up.preview(use && used(use.up, limit));
      bars.down.preview(use && used(use.down, limit));
      bars.share.preview(use && used(use.difference, points));
    },
  };
}

/** @param {string} name @param {Record<string, string>} values */
function broken(name, values) {
  return el("strong", { class: "bench-broken" }, `✗ ${t(`workbench.${name}`, values)}`);
}

/** A bar up to a limit, or from a limit to another with zero between them. */
function makeBar(/** @type {boolean} */ isTwoSided) {
  const full = el("span", { class: "gauge-full" });
  const ghost = el("span", { class: "gauge-ghost", hidden: true });
  const limits = (isTwoSided ? [-1, 0, 1] : [1]).map((one) =>
    el("span", { class: one ? "gauge-limit" : "gauge-zero", style: { left: `${placeOf(one)}%` } }));
  const element = el("div", { class: "gauge-bar", "aria-hidden": "true" }, full, ghost, limits);
  const text = el("p", { class: "gauge-text" });
  let now = 0;
  function placeOf(/** @type {number} */ use) {
    const most = 1 + BEYOND;
    const within = Math.max(isTwoSided ? -most : 0, Math.min(most, use));
    return isTwoSided ? 50 + (50 * within) / most : (100 * within) / most;
  }
  const spread = (/** @type {HTMLElement} */ bar, /** @type {number} */ use) => {
    const [from, to] = [placeOf(0), placeOf(use)].sort((one, two) => one - two);
    bar.style.setProperty("left", `${from}%`);
    bar.style.setProperty("width", `${to - from}%`);
    bar.classList.toggle("gauge-over", Math.abs(use) > 1);
  };
  return {
    element,
    text,
    set(/** @type {number} */ use) {
      now = use;
      spread(full, use);
    },
    say: (/** @type {any[]} */ lines) =>
      fill(text, lines.map((one) => one && el("span", {}, one, " "))),
    preview(/** @type {number | null} */ use) {
      ghost.hidden = use === null || use === now;
      if (use !== null) spread(ghost, use);
    },
  };
}
