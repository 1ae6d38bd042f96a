import { Varints } from "./blocks.mjs";

/** Levels of detail; level l leaves out points closer than 2^l grid steps to the one before. */
const COARSEST_LEVEL = 8;

/**
 * Numbers of the places where arcs begin and end, so that arcs that meet share a number.
 *
 * @param {Topology} topology
 * @returns {{count: number, first: Int32Array, last: Int32Array}} number of places; that of the
 *   first and of the last point of each arc
 */
function endpoints({ n, x, y, from }) {
  let size = 4;
  while (size < 4 * n) size *= 2;
  const slots = new Int32Array(size).fill(-1);
  const points = new Int32Array(2 * n);
  let count = 0;
  const numberOf = (point) => {
    let slot = (Math.imul(x[point], 73856093) ^ Math.imul(y[point], 19349663)) & (size - 1);
    for (;;) {
      const node = slots[slot];
      if (node < 0) {
        slots[slot] = count;
        points[count] = point;
        return count++;
      }
      if (x[points[node]] === x[point] && y[points[node]] === y[point]) return node;
      slot = (slot + 1) & (size - 1);
    }
  };
  const first = new Int32Array(n);
  const last = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    first[i] = numberOf(from[i]);
    last[i] = numberOf(from[i + 1] - 1);
  }
  return { count, first, last };
}

/** Boxes of arcs: left, top, right, bottom of each. */
function boxesOf({ n, x, y, from }) {
  const boxes = new Float32Array(4 * n);
  for (let i = 0; i < n; i++) {
    let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
    for (let j = from[i]; j < from[i + 1]; j++) {
      if (x[j] < left) left = x[j];
      if (x[j] > right) right = x[j];
      if (y[j] < top) top = y[j];
      if (y[j] > bottom) bottom = y[j];
    }
    boxes[4 * i] = left;
    boxes[4 * i + 1] = top;
    boxes[4 * i + 2] = right;
    boxes[4 * i + 3] = bottom;
  }
  return boxes;
}

/**
 * Arcs of a coverage: every border once, with the unit on its left and on its right (-1: none).
 *
 * Points are grid steps, y growing downwards as on a screen.
 */
export class Topology {
  /** @param {Uint8Array} [bytes] an encoded block of arcs */
  constructor(bytes) {
    this.n = 0;
    this.x = new Float32Array(0);
    this.y = new Float32Array(0);
    /** First point of each arc, and the number of points. */
    this.from = new Int32Array(1);
    this.left = new Int32Array(0);
    this.right = new Int32Array(0);
    this.#forget();
    if (bytes) this.add(bytes);
  }

  /** Returns a topology of arcs given as arrays. */
  static of(x, y, from, left, right) {
    const topology = new Topology();
    Object.assign(topology, { n: left.length, x, y, from, left, right });
    return topology;
  }

  #levels;
  #ends;
  #boxes;

  #forget() {
    this.#levels = [];
    this.#ends = null;
    this.#boxes = null;
  }

  /**
   * Adds the arcs of a block; those there before keep their numbers.
   *
   * @param {Uint8Array} bytes
   */
  add(bytes) {
    const n = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const varints = new Varints(bytes, 4);
    const lengths = varints.take(n);
    const firstX = varints.take(n);
    const firstY = varints.take(n);
    let points = 0;
    for (let i = 0; i < n; i++) points += lengths[i];
    const dx = varints.take(points - n);
    const dy = varints.take(points - n);
    const left = varints.take(n);
    const right = varints.take(n);
    const before = this.x.length;
    const x = new Float32Array(before + points);
    const y = new Float32Array(before + points);
    const from = new Int32Array(this.n + n + 1);
    x.set(this.x);
    y.set(this.y);
    from.set(this.from);
    let startX = 0, startY = 0, unit = 0, at = before, step = 0;
    for (let i = 0; i < n; i++) {
      let px = (startX += firstX[i]);
      let py = (startY += firstY[i]);
      left[i] = unit += left[i];
      right[i] += unit;
      x[at] = px;
      y[at++] = -py;
      for (let j = 1; j < lengths[i]; j++, step++) {
        x[at] = px += dx[step];
        y[at++] = -(py += dy[step]);
      }
      from[this.n + i + 1] = at;
    }
    const joined = (a, b) => {
      const both = new Int32Array(a.length + b.length);
      both.set(a);
      both.set(b, a.length);
      return both;
    };
    this.left = joined(this.left, left);
    this.right = joined(this.right, right);
    Object.assign(this, { n: this.n + n, x, y, from });
    this.#forget();
  }

  /** Boxes of the arcs: left, top, right, bottom of each. */
  get boxes() {
    return (this.#boxes ??= boxesOf(this));
  }

  get ends() {
    return (this.#ends ??= endpoints(this));
  }

  /**
   * The level of detail whose left-out points can't be seen at a scale.
   *
   * @param {number} scale pixels per grid step
   * @returns {number}
   */
  static levelFor(scale) {
    return Math.max(0, Math.min(COARSEST_LEVEL, Math.floor(Math.log2(0.9 / scale))));
  }

  /**
   * The same arcs with fewer points. Ends of arcs are kept, and an arc is thinned once for both of
   * its sides, so that neighbours still share it.
   *
   * @param {number} level 0 is every point
   * @returns {{x: Float32Array, y: Float32Array, from: Int32Array}}
   */
  level(level) {
    if (level === 0) return this;
    if (this.#levels[level]) return this.#levels[level];
    const least = 2 ** level;
    const finer = this.#levels[level - 1] ?? this;
    const thinX = new Float32Array(finer.x.length);
    const thinY = new Float32Array(finer.x.length);
    const thinFrom = new Int32Array(this.n + 1);
    const { x, y, from } = finer;
    let at = 0;
    for (let i = 0; i < this.n; i++) {
      const end = from[i + 1] - 1;
      let lastX = x[from[i]], lastY = y[from[i]];
      thinX[at] = lastX;
      thinY[at++] = lastY;
      for (let j = from[i] + 1; j < end; j++) {
        if (Math.abs(x[j] - lastX) + Math.abs(y[j] - lastY) >= least) {
          thinX[at] = lastX = x[j];
          thinY[at++] = lastY = y[j];
        }
      }
      thinX[at] = x[end];
      thinY[at++] = y[end];
      thinFrom[i + 1] = at;
    }
    const thinned = { x: thinX.slice(0, at), y: thinY.slice(0, at), from: thinFrom };
    return (this.#levels[level] = thinned);
  }

  /**
   * The outlines of groups of units.
   *
   * @param {ArrayLike<number>} group group of each unit, -1 for none
   * @param {number} count number of groups
   * @returns {Outlines}
   */
  rings(group, count) {
    const { n, left, right } = this;
    const { count: nodes, first, last } = this.ends;
    const groupOf = (unit) => (unit < 0 ? -1 : group[unit]);
    const start = new Int32Array(count + 1);
    const onLeft = new Int32Array(n);
    const onRight = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const a = (onLeft[i] = groupOf(left[i]));
      const b = (onRight[i] = groupOf(right[i]));
      if (a === b) onLeft[i] = onRight[i] = -1;
      else {
        if (a >= 0) start[a + 1]++;
        if (b >= 0) start[b + 1]++;
      }
    }
    for (let g = 0; g < count; g++) start[g + 1] += start[g];
    const filled = start.slice(0, count);
    const sides = new Int32Array(start[count]);
    for (let i = 0; i < n; i++) {
      if (onLeft[i] >= 0) sides[filled[onLeft[i]]++] = i;
      if (onRight[i] >= 0) sides[filled[onRight[i]]++] = ~i;
    }
    // Sides that leave a node, as lists; empty again when a group's rings are closed.
    const head = new Int32Array(nodes).fill(-1);
    const next = new Int32Array(sides.length);
    const used = new Uint8Array(sides.length);
    const ordered = new Int32Array(sides.length);
    const ringFrom = [0];
    const groupFrom = new Int32Array(count + 1);
    let at = 0;
    for (let g = 0; g < count; g++) {
      for (let s = start[g]; s < start[g + 1]; s++) {
        const node = sides[s] < 0 ? last[~sides[s]] : first[sides[s]];
        next[s] = head[node];
        head[node] = s;
      }
      for (let begin = start[g]; begin < start[g + 1]; begin++) {
        if (used[begin]) continue;
        let side = begin;
        while (side >= 0) {
          used[side] = 1;
          const arc = sides[side];
          ordered[at++] = arc;
          const node = arc < 0 ? first[~arc] : last[arc];
          side = head[node];
          while (side >= 0 && used[side]) side = next[side];
          head[node] = side < 0 ? -1 : next[side];
        }
        ringFrom.push(at);
      }
      for (let s = start[g]; s < start[g + 1]; s++) {
        head[sides[s] < 0 ? last[~sides[s]] : first[sides[s]]] = -1;
      }
      groupFrom[g + 1] = ringFrom.length - 1;
    }
    return new Outlines(this, ordered, Int32Array.from(ringFrom), groupFrom);
  }

  /**
   * The borders between groups of units, arcs that go on from each other made one; the units of
   * the new topology are the groups.
   *
   * @param {ArrayLike<number>} group group of each unit, -1 for none
   * @returns {Topology}
   */
  dissolve(group) {
    const { n, x, y, from, left, right } = this;
    const { count: nodes, first, last } = this.ends;
    const groupOf = (unit) => (unit < 0 ? -1 : group[unit]);
    const border = new Uint8Array(n);
    const degree = new Uint8Array(nodes);
    // The two borders that meet at a node of degree 2.
    const one = new Int32Array(nodes).fill(-1);
    const other = new Int32Array(nodes).fill(-1);
    let points = 0;
    for (let i = 0; i < n; i++) {
      if (groupOf(left[i]) === groupOf(right[i])) continue;
      border[i] = 1;
      points += from[i + 1] - from[i];
      for (let end = 0; end < 2; end++) {
        const node = end ? last[i] : first[i];
        if (degree[node] < 3) degree[node]++;
        if (one[node] < 0) one[node] = i;
        else other[node] = i;
      }
    }
    const newX = new Float32Array(points);
    const newY = new Float32Array(points);
    const newFrom = [0];
    const newLeft = [];
    const newRight = [];
    const used = new Uint8Array(n);
    let at = 0;
    const walk = (start, backwards) => {
      let arc = start, back = backwards, begun = false;
      const a = groupOf(left[arc]), b = groupOf(right[arc]);
      newLeft.push(back ? b : a);
      newRight.push(back ? a : b);
      for (;;) {
        used[arc] = 1;
        const begin = from[arc], end = from[arc + 1] - 1;
        const skip = begun ? 1 : 0;
        if (back) {
          for (let j = end - skip; j >= begin; j--) (newX[at] = x[j]), (newY[at++] = y[j]);
        } else {
          for (let j = begin + skip; j <= end; j++) (newX[at] = x[j]), (newY[at++] = y[j]);
        }
        begun = true;
        const node = back ? first[arc] : last[arc];
        if (degree[node] !== 2) break;
        const follower = one[node] === arc ? other[node] : one[node];
        if (used[follower]) break;
        back = last[follower] === node && first[follower] !== node;
        arc = follower;
      }
      newFrom.push(at);
    };
    for (let i = 0; i < n; i++) {
      if (!border[i] || used[i]) continue;
      if (degree[first[i]] !== 2) walk(i, false);
      else if (degree[last[i]] !== 2) walk(i, true);
    }
    // What is left are closed loops without a node of more than two borders.
    for (let i = 0; i < n; i++) if (border[i] && !used[i]) walk(i, false);
    return Topology.of(
      newX.slice(0, at), newY.slice(0, at), Int32Array.from(newFrom),
      Int32Array.from(newLeft), Int32Array.from(newRight),
    );
  }

  /**
   * Adds an arc to a path.
   *
   * @param {Path2D | CanvasRenderingContext2D} path
   * @param {number} arc
   * @param {{x: Float32Array, y: Float32Array, from: Int32Array}} points a level of detail
   * @param {{scale: number, x: number, y: number}} view
   */
  traceArc(path, arc, points, view) {
    const { x, y, from } = points;
    const { scale, x: dx, y: dy } = view;
    let j = from[arc];
    path.moveTo(x[j] * scale + dx, y[j] * scale + dy);
    for (j++; j < from[arc + 1]; j++) path.lineTo(x[j] * scale + dx, y[j] * scale + dy);
  }
}

/** Outlines of groups of units: rings of arcs, a backward arc i written ~i. */
export class Outlines {
  constructor(topology, arcs, ringFrom, groupFrom) {
    Object.assign(this, { topology, arcs, ringFrom, groupFrom });
    this.count = groupFrom.length - 1;
    /** Left, top, right, bottom of each group. */
    this.boxes = new Float32Array(4 * this.count);
    const arcBoxes = topology.boxes;
    for (let g = 0; g < this.count; g++) {
      let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
      for (let s = ringFrom[groupFrom[g]]; s < ringFrom[groupFrom[g + 1]]; s++) {
        const at = 4 * (arcs[s] < 0 ? ~arcs[s] : arcs[s]);
        if (arcBoxes[at] < left) left = arcBoxes[at];
        if (arcBoxes[at + 1] < top) top = arcBoxes[at + 1];
        if (arcBoxes[at + 2] > right) right = arcBoxes[at + 2];
        if (arcBoxes[at + 3] > bottom) bottom = arcBoxes[at + 3];
      }
      this.boxes[4 * g] = left;
      this.boxes[4 * g + 1] = top;
      this.boxes[4 * g + 2] = right;
      this.boxes[4 * g + 3] = bottom;
    }
  }

  #grid = null;
  #centres = null;

  /** Box of one group, as an array. */
  box(group) {
    return Array.from(this.boxes.subarray(4 * group, 4 * group + 4));
  }

  /**
   * Adds the rings of a group to a path.
   *
   * @param {Path2D | CanvasRenderingContext2D} path
   * @param {number} group
   * @param {{x: Float32Array, y: Float32Array, from: Int32Array}} points a level of detail
   * @param {{scale: number, x: number, y: number}} view
   */
  trace(path, group, points, view) {
    const { arcs, ringFrom, groupFrom } = this;
    const { x, y, from } = points;
    const { scale, x: dx, y: dy } = view;
    for (let ring = groupFrom[group]; ring < groupFrom[group + 1]; ring++) {
      for (let s = ringFrom[ring]; s < ringFrom[ring + 1]; s++) {
        const arc = arcs[s];
        if (arc < 0) {
          let j = from[~arc + 1] - 1;
          const end = from[~arc];
          if (s === ringFrom[ring]) path.moveTo(x[j] * scale + dx, y[j] * scale + dy);
          for (j--; j >= end; j--) path.lineTo(x[j] * scale + dx, y[j] * scale + dy);
        } else {
          let j = from[arc];
          const end = from[arc + 1];
          if (s === ringFrom[ring]) path.moveTo(x[j] * scale + dx, y[j] * scale + dy);
          for (j++; j < end; j++) path.lineTo(x[j] * scale + dx, y[j] * scale + dy);
        }
      }
      path.closePath();
    }
  }

  /** Whether a point lies in a group: an odd number of its borders to the right of the point. */
  contains(group, px, py) {
    const { arcs, ringFrom, groupFrom } = this;
    const { x, y, from } = this.topology;
    let inside = false;
    for (let s = ringFrom[groupFrom[group]]; s < ringFrom[groupFrom[group + 1]]; s++) {
      const arc = arcs[s] < 0 ? ~arcs[s] : arcs[s];
      for (let j = from[arc] + 1; j < from[arc + 1]; j++) {
        const ax = x[j - 1], ay = y[j - 1], bx = x[j], by = y[j];
        if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) inside = !inside;
      }
    }
    return inside;
  }

  /** The group at a point, or -1. */
  at(x, y) {
    this.#grid ??= new Grid(this.boxes);
    for (const group of this.#grid.near(x, y)) {
      const at = 4 * group, { boxes } = this;
      if (x < boxes[at] || x > boxes[at + 2] || y < boxes[at + 1] || y > boxes[at + 3]) continue;
      if (this.contains(group, x, y)) return group;
    }
    return -1;
  }

  /** Centre of each group's largest ring: x and y of each, in grid steps. */
  get centres() {
    return (this.#centres ??= this.#findCentres());
  }

  #findCentres() {
    const { arcs, ringFrom, groupFrom } = this;
    const { x, y, from } = this.topology;
    const centres = new Float32Array(2 * this.count);
    for (let g = 0; g < this.count; g++) {
      let largest = 0;
      for (let ring = groupFrom[g]; ring < groupFrom[g + 1]; ring++) {
        // Twice the signed area and the moments, about the ring's first point.
        const begin = arcs[ringFrom[ring]];
        const origin = begin < 0 ? from[~begin + 1] - 1 : from[begin];
        let area = 0, sumX = 0, sumY = 0;
        for (let s = ringFrom[ring]; s < ringFrom[ring + 1]; s++) {
          const arc = arcs[s] < 0 ? ~arcs[s] : arcs[s];
          const sign = arcs[s] < 0 ? -1 : 1;
          for (let j = from[arc] + 1; j < from[arc + 1]; j++) {
            const ax = x[j - 1] - x[origin], ay = y[j - 1] - y[origin];
            const bx = x[j] - x[origin], by = y[j] - y[origin];
            const cross = sign * (ax * by - bx * ay);
            area += cross;
            sumX += cross * (ax + bx);
            sumY += cross * (ay + by);
          }
        }
        if (Math.abs(area) > largest) {
          largest = Math.abs(area);
          centres[2 * g] = x[origin] + sumX / (3 * area);
          centres[2 * g + 1] = y[origin] + sumY / (3 * area);
        }
      }
    }
    return centres;
  }
}

/** Squares of a grid, each with the boxes that touch it. */
export class Grid {
  /**
   * @param {Float32Array} boxes left, top, right, bottom of each
   * @param {number} [side] side of a square, grid steps
   */
  constructor(boxes, side = 400) {
    const count = boxes.length / 4;
    let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
    for (let i = 0; i < boxes.length; i += 4) {
      left = Math.min(left, boxes[i]);
      top = Math.min(top, boxes[i + 1]);
      right = Math.max(right, boxes[i + 2]);
      bottom = Math.max(bottom, boxes[i + 3]);
    }
    const empty = !(right >= left);
    Object.assign(this, { left: empty ? 0 : left, top: empty ? 0 : top, side });
    this.columns = empty ? 0 : Math.floor((right - left) / side) + 1;
    this.rows = empty ? 0 : Math.floor((bottom - top) / side) + 1;
    this.start = new Int32Array(this.columns * this.rows + 1);
    const each = (visit) => {
      for (let i = 0; i < count; i++) {
        if (!(boxes[4 * i + 2] >= boxes[4 * i])) continue;
        const first = this.#column(boxes[4 * i]), last = this.#column(boxes[4 * i + 2]);
        const upper = this.#row(boxes[4 * i + 1]), lower = this.#row(boxes[4 * i + 3]);
        for (let r = upper; r <= lower; r++) {
          for (let c = first; c <= last; c++) visit(r * this.columns + c, i);
        }
      }
    };
    each((square) => this.start[square + 1]++);
    for (let s = 0; s < this.start.length - 1; s++) this.start[s + 1] += this.start[s];
    const filled = this.start.slice();
    this.boxes = new Int32Array(this.start[this.start.length - 1]);
    each((square, i) => (this.boxes[filled[square]++] = i));
  }

  #column(x) {
    return Math.floor((x - this.left) / this.side);
  }

  #row(y) {
    return Math.floor((y - this.top) / this.side);
  }

  /** Numbers of the boxes that touch the square of a point. */
  near(x, y) {
    const column = this.#column(x), row = this.#row(y);
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return [];
    const square = row * this.columns + column;
    return this.boxes.subarray(this.start[square], this.start[square + 1]);
  }
}
