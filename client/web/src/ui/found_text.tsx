import { partsOf } from "../core/matches.ts";

/** The part of a text that a search has found, with what was found marked. */
export function FoundText({ text, query }: { text: string; query: string }) {
  return <>{partsOf(text, query).map(({ text, isMatch }, index) => isMatch ? <mark key={index}>{text}</mark> : text)}
  </>;
}
