import type { Random } from "./random.ts";
import { english, rare, russian } from "./words.ts";

const RARE = 1 / 10_000;

/** A message: 2 to 25 words, two of three times in Russian, now and then with a number or a rare word. */
export function sentence(random: Random): string {
  const vocabulary = random.next() < 0.65 ? russian : english;
  const words: string[] = [];
  const length = 2 + Math.min(random.exponential(8), 23);
  for (let at = 0; at < length; at++) {
    // Squared: the first words are drawn more often, as in any language.
    words.push(vocabulary[Math.floor(random.next() ** 2 * vocabulary.length)]!);
  }
  if (random.next() < 0.1) words.push(`#${random.below(100_000)}`);
  if (random.next() < RARE * rare.length) words[random.below(words.length)] = random.pick(rare);
  const text = words.join(" ");
  return text[0]!.toUpperCase() + text.slice(1) + random.pick([".", ".", "", "!", "?"]);
}
