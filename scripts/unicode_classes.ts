// Classes of Unicode characters as regular expressions of Postgres, for the files of sql/ that scripts write.
const WIDTH = 110;

/** The ranges of a character class in the syntax of Postgres. */
export function ranges(isMeant: (character: string) => boolean): string[] {
  const found: [number, number][] = [];
  for (let code = 1; code <= 0x10FFFF; code++) {
    if (code >= 0xD800 && code <= 0xDFFF || !isMeant(String.fromCodePoint(code))) continue;
    const last = found.at(-1);
    if (last?.[1] === code - 1) last[1] = code;
    else found.push([code, code]);
  }
  return found.map(([first, last]) => first === last ? escape(first) : `${escape(first)}-${escape(last)}`);
}

const escape = (code: number) =>
  code > 0xFFFF ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;

/** Splits a literal into lines of at most WIDTH characters. */
export function lines(parts: string[]): string[] {
  const filled = [""];
  for (const part of parts) {
    if (filled.at(-1)!.length + part.length > WIDTH) filled.push("");
    filled[filled.length - 1] += part;
  }
  return filled;
}

/** A regular expression as literals that Postgres concatenates. */
export const expression = (before: string, parts: string[], after: string) =>
  lines([before, ...parts, after]).map((line) => `'${line}'`).join("\n      ");
