import { nameToEmoji } from "gemoji";

/** What Stream calls its reactions. */
const KINDS: Record<string, string> = { love: "❤️", like: "👍", haha: "😂", wow: "😮", sad: "😢" };
const TONES: Record<string, string> = { 2: "🏻", 3: "🏼", 4: "🏽", 5: "🏾", 6: "🏿" };
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;

/** The emoji of a reaction, which may be a name such as `:wave::skin-tone-2:`; undefined for one that a team has made. */
export function emojiOf(reaction: string): string | undefined {
  if (EMOJI.test(reaction)) return reaction;
  const [, name = reaction, tone = ""] = /^:([^:\s]+)(?:::skin-tone-(\d))?:$/.exec(reaction) ?? [];
  const emoji = reaction.startsWith(":") ? nameToEmoji[name] : KINDS[name] ?? nameToEmoji[name];
  return emoji && TONES[tone] ? emoji.replace("\ufe0f", "") + TONES[tone] : emoji;
}
