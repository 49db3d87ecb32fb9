/** Values of the last seconds, in memory that does not grow. */

/**
 * Pairs of a time and some numbers, the latest `capacity` of them.
 *
 * Times rise from one push to the next.
 */
export class Ring {
  #rows;
  #next = 0;
  #width;

  /**
   * @param {number} capacity
   * @param {number} width numbers that are kept with each time
   */
  constructor(capacity, width = 1) {
    this.capacity = capacity;
    this.length = 0;
    this.#width = width + 1;
    this.#rows = new Float64Array(capacity * this.#width);
  }

  /**
   * @param {number} time
   * @param {...number} values
   */
  push(time, ...values) {
    const at = this.#next * this.#width;
    this.#rows[at] = time;
    for (let column = 1; column < this.#width; column += 1) {
      this.#rows[at + column] = values[column - 1] ?? NaN;
    }
    this.#next = (this.#next + 1) % this.capacity;
    this.length = Math.min(this.length + 1, this.capacity);
  }

  /**
   * A number of a row, counted from the oldest.
   *
   * @param {number} row
   * @param {number} column 0 for the time
   */
  at(row, column) {
    const place = (this.#next - this.length + row + this.capacity) % this.capacity;
    return this.#rows[place * this.#width + column];
  }

  /**
   * The first row whose time is not before `since`; `length` if there is none.
   *
   * @param {number} since
   */
  from(since) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle, 0) < since) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The numbers of a column since a time, in order, without those that are not known.
   *
   * @param {number} column
   * @param {number} since
   */
  values(column, since = -Infinity) {
    const values = [];
    for (let row = this.from(since); row < this.length; row += 1) {
      const value = this.at(row, column);
      if (!Number.isNaN(value)) values.push(value);
    }
    return values;
  }
}

/**
 * The smallest value that at least `share` of the values do not exceed; NaN of none.
 *
 * @param {number[]} values
 * @param {number} share 0 to 1
 */
export function quantile(values, share) {
  if (!values.length) return NaN;
  const ordered = Float64Array.from(values).sort();
  return ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)];
}
