import { LinkifyIt } from "linkify-it";
import { ownFragment } from "../core/route.ts";

const linkify = new LinkifyIt({ fuzzyLink: true, urlAuth: true });

/** A piece of a text: with an address, when it is a link. */
interface Part {
  text: string;
  href?: string;
}

/** A text as it was written, with its addresses made links; it is never taken for HTML. */
export function LinkedText({ text }: { text: string }) {
  return <>{parts(text).map(({ text, href }, index) => href ? <Link key={index} text={text} href={href} /> : text)}</>;
}

function Link({ text, href }: Required<Part>) {
  const fragment = ownFragment(href);
  return fragment
    ? <a href={fragment}>{text}</a>
    : <a href={href} target="_blank" rel="noopener noreferrer nofollow">{text}</a>;
}

/** The text cut before and after each address. */
function parts(text: string): Part[] {
  const found: Part[] = [];
  let end = 0;
  for (const match of linkify.match(text) ?? []) {
    if (!isAddress(match.schema, match.text)) continue;
    found.push({ text: text.slice(end, match.index) }, { text: match.text, href: match.url });
    end = match.lastIndex;
  }
  return [...found, { text: text.slice(end) }].filter((part) => part.text !== "");
}

/** Of what only looks like an address, `readme.md` is none and `www.example.com` is one. */
function isAddress(schema: string, text: string): boolean {
  if (schema === "") return /^www\./i.test(text);
  return schema === "http:" || schema === "https:" || schema === "mailto:";
}
