/** What a message holds at the most, in characters. */
export const MAX_LENGTH = 100_000;

/** The text of a reply as it grows, always such that Postgres can hold it. */
export class ReplyText {
  /** All of it so far. */
  whole = "";
  #left = MAX_LENGTH;
  #half = "";

  /** Whether more does not fit in. */
  get isFull(): boolean {
    return this.#left === 0;
  }

  /** Takes the next part, and returns what of it is new: the first half of a pair waits for the second. */
  add(part: string): string {
    const text = (this.#half + part).replaceAll("\0", "");
    this.#half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : "";
    const characters = [...text.slice(0, text.length - this.#half.length).toWellFormed()].slice(0, this.#left);
    const fresh = characters.join("");
    this.#left -= characters.length;
    this.whole += fresh;
    return fresh;
  }
}
