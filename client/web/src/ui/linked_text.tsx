const addresses = /\bhttps?:\/\/[^\s<>"'`]+/gi;
/** What ends a sentence rather than an address. */
const trailing = /[.,;:!?)\]}»”…]+$/;

/** A text as it was written, with its web addresses made links; it is never taken for HTML. */
export function LinkedText({ text }: { text: string }) {
  return <>{parts(text).map((part, index) => isAddress(part) ? <Link key={index} to={part} /> : part)}</>;
}

function Link({ to }: { to: string }) {
  return <a href={to} target="_blank" rel="noopener noreferrer nofollow">{to}</a>;
}

/** The text cut before and after each address. */
export function parts(text: string): string[] {
  const found: string[] = [];
  let end = 0;
  for (const match of text.matchAll(addresses)) {
    const address = match[0].replace(trailing, "");
    found.push(text.slice(end, match.index), address);
    end = match.index + address.length;
  }
  return [...found, text.slice(end)].filter((part) => part !== "");
}

function isAddress(part: string): boolean {
  return /^https?:\/\//i.test(part) && URL.canParse(part);
}
