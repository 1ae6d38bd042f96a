// Exact fractions, as Python's fractions.Fraction has them.

/** The greatest common divisor of two whole numbers, 0 or more. */
function commonDivisor(/** @type {bigint} */ a, /** @type {bigint} */ b) {
  while (b) [a, b] = [b, a % b];
  return a;
}

/** A fraction in lowest terms; the sign is that of its numerator. */
export class Fraction {
  /** @param {bigint} numerator @param {bigint} denominator positive */
  constructor(numerator, denominator = 1n) {
    const divisor = commonDivisor(numerator < 0n ? -numerator : numerator, denominator);
    this.numerator = numerator / divisor;
    this.denominator = denominator / divisor;
  }

  /** @param {string} text "5/2" or "-3" */
  static parse(text) {
    const [above, below = "1"] = text.split("/");
    return new Fraction(BigInt(above), BigInt(below));
  }

  /** The exact value of a floating-point number. @param {number} value */
  static from(value) {
    let below = 1n;
    while (!Number.isInteger(value)) {
      value *= 2;
      below *= 2n;
    }
    return new Fraction(BigInt(value), below);
  }

  plus(/** @type {Fraction} */ other) {
    return new Fraction(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(/** @type {Fraction} */ other) {
    return this.plus(new Fraction(-other.numerator, other.denominator));
  }

  times(/** @type {Fraction} */ other) {
    return new Fraction(
      this.numerator * other.numerator, this.denominator * other.denominator,
    );
  }

  /** @param {Fraction} other not 0 */
  over(other) {
    const sign = other.numerator < 0n ? -1n : 1n;
    return this.times(new Fraction(sign * other.denominator, sign * other.numerator));
  }

  absolute() {
    return this.numerator < 0n ? new Fraction(-this.numerator, this.denominator) : this;
  }

  /** Negative, 0 or positive, as this is below, equal to or above the other. */
  compare(/** @type {Fraction} */ other) {
    const difference =
      this.numerator * other.denominator - other.numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  /** The largest whole number that is not above it. */
  floor() {
    const whole = this.numerator / this.denominator;
    return Number(this.numerator < 0n && whole * this.denominator !== this.numerator
      ? whole - 1n : whole);
  }

  /** The smallest whole number that is not below it. */
  ceiling() {
    return -new Fraction(-this.numerator, this.denominator).floor() || 0;
  }

  toNumber() {
    const whole = this.numerator / this.denominator;
    const rest = this.numerator - whole * this.denominator;
    // A rest of large terms does not fit into a number; 20 digits of it are more than enough.
    return Number(whole) + Number((rest * 10n ** 20n) / this.denominator) / 1e20;
  }

  toString() {
    return this.denominator === 1n ? `${this.numerator}` : `${this.numerator}/${this.denominator}`;
  }
}

export const NONE = new Fraction(0n);
export const HUNDRED = new Fraction(100n);

/** The smaller of two. */
export function smaller(/** @type {Fraction} */ one, /** @type {Fraction} */ two) {
  return one.compare(two) <= 0 ? one : two;
}
