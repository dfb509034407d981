/** A part of a text: what was searched for, or what stands between. */
export interface Part {
  text: string;
  isMatch: boolean;
}

/** How much of the text stands before the first match. */
const LEAD = 24;
/** Forms of a word begin with so many same letters, and end with at most so many others. */
const STEM = 3;
const SHORT_ENDING = 2;
const LONG_ENDING = 4;

/**
 * Finds in a message what a search has found it by: the query as it is, or its words in any form. The server decides what
 * is found; this only shows where.
 * @returns the text from shortly before the first match on; whole and without a match if there is none
 */
export function partsOf(text: string, query: string): Part[] {
  const { folded, places } = fold(text);
  const ranges = rangesOf(folded, fold(query.trim()).folded).map(([from, to]) => [places[from]!, places[to]!] as const);
  const [first] = ranges;
  if (!first) return [{ text, isMatch: false }];
  const start = startBefore(text, first[0]);
  const parts: Part[] = [];
  let at = start;
  for (const [from, to] of ranges) {
    if (from > at) parts.push({ text: text.slice(at, from), isMatch: false });
    parts.push({ text: text.slice(from, to), isMatch: true });
    at = to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), isMatch: false });
  if (start > 0) parts.unshift({ text: "…", isMatch: false });
  return parts;
}

/** The text without case and accents, and where in the text each of its characters is; at last its end. */
function fold(text: string): { folded: string; places: number[] } {
  let folded = "";
  const places: number[] = [];
  let place = 0;
  for (const character of text) {
    const letters = character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    for (let index = 0; index < letters.length; index++) places.push(place);
    folded += letters;
    place += character.length;
  }
  places.push(text.length);
  return { folded, places };
}

/** Ranges of a folded text, in order, that do not overlap. */
function rangesOf(text: string, query: string): [number, number][] {
  if (query === "") return [];
  const literal = occurrences(text, query);
  if (literal.length > 0) return literal;
  const wanted = words(query).map(([word]) => word);
  return words(text).filter(([word]) => wanted.some((each) => areForms(each, word)))
    .map(([word, from]) => [from, from + word.length]);
}

function occurrences(text: string, part: string): [number, number][] {
  const found: [number, number][] = [];
  for (let from = text.indexOf(part); from >= 0; from = text.indexOf(part, from + part.length)) {
    found.push([from, from + part.length]);
  }
  return found;
}

const words = (text: string): [string, number][] =>
  [...text.matchAll(/[\p{L}\p{N}]+/gu)].map(({ 0: word, index }) => [word, index]);

/** Whether two words seem to be forms of one: "cats" and "cat", "running" and "runs". */
function areForms(one: string, other: string): boolean {
  let common = 0;
  while (common < one.length && one[common] === other[common]) common++;
  const [short, long] = [one.length - common, other.length - common].sort((a, b) => a - b);
  return long === 0 || common >= STEM && short! <= SHORT_ENDING && long! <= LONG_ENDING;
}

/** The beginning of a word, shortly before a place. */
function startBefore(text: string, place: number): number {
  if (place <= LEAD) return 0;
  const space = text.slice(place - LEAD, place).search(/\s\S/);
  return space < 0 ? place : place - LEAD + space + 1;
}
