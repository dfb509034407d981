import { tokensOf, type Turn } from "../responder/context.sql.ts";

const REQUEST = "Your last message was cut off. Go on exactly where it ends, and repeat nothing of it.";

/** The turns that ask a responder to go on with a partial reply, of which it is given the end. */
export function continuing(turns: Turn[], partial: string, budget: number): Turn[] {
  const request: Turn = { role: "user", content: REQUEST };
  const question = turns.at(-1)!;
  const room = budget - tokensOf(question.content) - tokensOf(REQUEST);
  const end: Turn = { role: "assistant", content: lastOf(partial, Math.max(room, budget / 4)) };
  let free = room - tokensOf(end.content);
  const before = turns.slice(0, -1).reverse().filter(({ content }) => (free -= tokensOf(content)) >= 0);
  return [...before.reverse(), question, end, request];
}

/** The last characters of a text, of at most so many tokens. */
function lastOf(text: string, tokens: number): string {
  if (tokensOf(text) <= tokens) return text;
  const characters = [...text];
  let bytes = (tokens - 4) * 4;
  let first = characters.length;
  while (first > 0 && (bytes -= new TextEncoder().encode(characters[first - 1]).length) >= 0) first--;
  return characters.slice(first).join("");
}
