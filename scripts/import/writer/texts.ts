/** What fits into one message; a longer one becomes several. */
export const MAX_LENGTH = 10_000;

/** A text that Postgres can hold. */
export const clean = (value: string | null | undefined) => value?.replaceAll("\0", "").toWellFormed() ?? null;

/** A text as parts that fit, split at white space where there is some. */
export function partsOf(text: string): string[] {
  if (text.length <= MAX_LENGTH) return [text];
  const letters = [...text];
  const parts: string[] = [];
  for (let start = 0; start < letters.length;) {
    let end = Math.min(start + MAX_LENGTH, letters.length);
    if (end < letters.length) {
      const space = letters.slice(start, end).findLastIndex((letter) => /\s/.test(letter));
      if (space > MAX_LENGTH / 2) end = start + space + 1;
    }
    parts.push(letters.slice(start, end).join(""));
    start = end;
  }
  return parts;
}
