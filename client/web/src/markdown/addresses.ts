import { LinkifyIt } from "linkify-it";

const linkify = new LinkifyIt({ fuzzyLink: true, urlAuth: true });

/** A web or email address in a text. */
export interface Address {
  start: number;
  end: number;
  href: string;
}

/** Finds the addresses in a text, in order. */
export function addressesIn(text: string): Address[] {
  return (linkify.match(text) ?? [])
    .filter(({ schema, text }) => isAddress(schema, text))
    .map(({ index, lastIndex, url }) => ({ start: index, end: lastIndex, href: url }));
}

/** Without a scheme, `www.example.com` counts as an address and `readme.md` does not. */
function isAddress(schema: string, text: string): boolean {
  if (schema === "") return /^www\./i.test(text);
  return isAllowed(schema);
}

/** Whether a link may lead to an address: to the web or to a mailbox, and nowhere else. */
export const isAllowed = (href: string): boolean => /^(?:https?|mailto):/i.test(href);
