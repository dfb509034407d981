import { LinkifyIt } from "linkify-it";
import { ownFragment } from "../core/route.ts";

const linkify = new LinkifyIt({ fuzzyLink: true, urlAuth: true });

/** A piece of text; `address` is set for links. */
interface Part {
  text: string;
  href?: string;
}

/** A text in which URLs are links; never interpreted as HTML. */
export function LinkedText({ text }: { text: string }) {
  return <>{parts(text).map(({ text, href }, index) => href ? <Link key={index} text={text} href={href} /> : text)}</>;
}

function Link({ text, href }: Required<Part>) {
  const fragment = ownFragment(href);
  return fragment
    ? <a href={fragment}>{text}</a>
    : <a href={href} target="_blank" rel="noopener noreferrer nofollow">{text}</a>;
}

/** Splits a text before and after each URL. */
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

/** Without a scheme, `www.example.com` counts as a URL and `readme.md` does not. */
function isAddress(schema: string, text: string): boolean {
  if (schema === "") return /^www\./i.test(text);
  return schema === "http:" || schema === "https:" || schema === "mailto:";
}
