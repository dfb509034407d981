import type { ComponentChildren } from "preact";
import { ownFragment } from "../core/route.ts";
import { addressesIn, isAllowed } from "./addresses.ts";

interface LinkProps {
  href: string;
  /** What people read. */
  label: string;
  /** The label with its marks; default as it is. */
  children?: ComponentChildren;
}

/** A link out of a text that somebody wrote. Where it leads stands behind it, unless its label says so. */
export function Link({ href, label, children = label }: LinkProps) {
  const url = parsed(href);
  if (!url) return <>{children}</>;
  const fragment = ownFragment(href);
  if (fragment) return <a href={fragment}>{children}</a>;
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow" data-host={hostToShow(url, label)}>
      {children}
    </a>
  );
}

function parsed(href: string): URL | undefined {
  return isAllowed(href) && URL.canParse(href) ? new URL(href) : undefined;
}

/** Returns the host of a link, or its mailbox, where its label does not begin with it. */
function hostToShow(url: URL, label: string): string | undefined {
  const place = placeOf(url);
  const [address] = addressesIn(label);
  const said = address?.start === 0 ? parsed(address.href) : undefined;
  // `https://bank.example@evil.example` leads to the latter.
  const isSaid = said && placeOf(said) === place && !url.username;
  return isSaid ? undefined : place;
}

const placeOf = ({ protocol, pathname, host }: URL): string => protocol === "mailto:" ? pathname : host;
