import ipaddr from "ipaddr.js";
import type { Network } from "../settings/proxies.ts";
import { isHosted, settings } from "../settings/settings.ts";

/** The way of a request. */
export interface Hops {
  /** The client's address; undefined when nothing says it. */
  client: string | undefined;
  /** How many proxies that TRUSTED_PROXIES names it came through, up to the platform. */
  proxies: number;
}

/**
 * Finds the client of a request. Everyone on the way appends to `X-Forwarded-For` the address that they were called
 * from, so only the end of it is true: what the platform appended, and before that what a named proxy did.
 */
export function hopsOf(headers: Headers): Hops {
  const chain = chainOf(headers);
  const proxies = settings.trustedProxies();
  let at = chain.length - 1;
  const isNamed = () => "count" in proxies ? chain.length - 1 - at < proxies.count : isIn(proxies.networks, chain[at]!);
  let count = "count" in proxies ? proxies.count : 0;
  for (; at >= 0 && isNamed(); at--) count = Math.max(count, chain.length - at);
  return { client: chain[Math.max(at, 0)], proxies: count };
}

/** The addresses from which the request was passed on, the last hop at the end. */
function chainOf(headers: Headers): string[] {
  const chain = trusted((headers.get("x-forwarded-for") ?? "").split(","));
  // Before a hosted project stands Cloudflare, which names the address that called it, whatever the client sent.
  const peer = isHosted() ? addressOf(headers.get("cf-connecting-ip") ?? "") : undefined;
  if (!peer) return chain;
  const at = chain.lastIndexOf(peer);
  return at < 0 ? [peer] : chain.slice(0, at + 1);
}

/** The addresses at the end of a list, after the last invalid entry: what stands before that may be forged. */
function trusted(entries: string[]): string[] {
  const addresses = entries.map(addressOf);
  return addresses.slice(addresses.lastIndexOf(undefined) + 1) as string[];
}

/** An address in its one spelling: without a port, and as IPv4 where IPv6 merely wraps one. */
function addressOf(entry: string): string | undefined {
  const text = entry.trim().replace(/^\[(.+)\](:\d+)?$/, "$1").replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
  // Such as fe80::1%eth0: a zone has a meaning only on its own machine.
  const isAddress = text.includes(":") ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
  return isAddress && !text.includes("%") ? ipaddr.process(text).toString() : undefined;
}

function isIn(networks: Network[], address: string): boolean {
  const parsed = ipaddr.parse(address);
  return networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
}
