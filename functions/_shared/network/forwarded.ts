import { hopsOf } from "./hops.ts";
import { isListedHost } from "./hosts.ts";

/** What a proxy says of the address that the client used. */
export interface Forwarded {
  host?: string;
  protocol?: string;
  prefix?: string;
}

/**
 * Reads `X-Forwarded-Host`, `-Proto` and `-Prefix`, or `Forwarded`, of a request that came through a proxy which the
 * setting TRUSTED_PROXIES names; in any other the client may have made them up. A host that ALLOWED_HOSTS lists is one
 * of the operator's own, so it is believed from anybody.
 */
export function forwardedOf(headers: Headers, url: URL): Forwarded {
  const { proxies } = hopsOf(headers);
  const host = valueOf(headers, "X-Forwarded-Host", proxies) ?? partOf(headers, "host", proxies);
  const protocol = valueOf(headers, "X-Forwarded-Proto", proxies) ?? partOf(headers, "proto", proxies);
  const known = {
    host: host ?? url.host,
    protocol: /^https?$/i.test(protocol ?? "") ? protocol!.toLowerCase() : url.protocol.slice(0, -1),
  };
  if (proxies > 0) return { ...known, prefix: valueOf(headers, "X-Forwarded-Prefix", proxies) };
  return host !== undefined && isListedHost(host) ? known : {};
}

/** Each proxy appends its own value, or replaces what there was: the outermost one that is named has seen the client. */
function valueOf(headers: Headers, name: string, proxies: number): string | undefined {
  const values = headers.get(name)?.split(",").map((value) => value.trim());
  return values?.at(-Math.min(values.length, Math.max(proxies, 1)));
}

/** A part of the header `Forwarded`, such as `proto=https;host=example.com`. */
function partOf(headers: Headers, part: string, proxies: number): string | undefined {
  const element = valueOf(headers, "Forwarded", proxies);
  const [, value] = new RegExp(`(?:^|;)\\s*${part}="?([^";]+)`, "i").exec(element ?? "") ?? [];
  return value;
}
