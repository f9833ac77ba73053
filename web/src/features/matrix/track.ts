// Where lines stand along one direction, and which of them a window shows. Pure.

/** Half open: `end` is not shown any more. */
export interface Span {
  readonly first: number;
  readonly end: number;
}

/** Lines one after the other, each with a size. */
export class Track {
  readonly #starts: Float64Array;
  readonly count: number;

  constructor(sizes: readonly number[]) {
    this.count = sizes.length;
    this.#starts = new Float64Array(sizes.length + 1);
    sizes.forEach((size, index) => {
      this.#starts[index + 1] = this.start(index) + size;
    });
  }

  get total(): number {
    return this.start(this.count);
  }

  /** Where a line begins; the one behind the last begins where all end. */
  start(index: number): number {
    return this.#starts[Math.max(0, Math.min(index, this.count))] ?? 0;
  }

  size(index: number): number {
    return this.start(index + 1) - this.start(index);
  }

  /** The line at a place, the first or the last outside of all. */
  at(place: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.start(middle) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * The lines that a window shows, and about `extra` more on both sides. In whole blocks, so that a little
   * scrolling changes nothing.
   */
  span(from: number, length: number, extra: number, block: number): Span {
    if (this.count === 0 || length <= 0) return { first: 0, end: 0 };
    const first = Math.floor(Math.max(0, this.at(from) - extra) / block) * block;
    const end = Math.ceil((this.at(from + length) + 1 + extra) / block) * block;
    return { first, end: Math.min(this.count, end) };
  }

  /** Where to scroll so that a line is seen whole, moving as little as possible. */
  reveal(index: number, from: number, length: number): number {
    const [start, end] = [this.start(index), this.start(index + 1)];
    if (start < from || end - start > length) return start;
    return end > from + length ? end - length : from;
  }
}
