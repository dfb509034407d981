import ipaddr from "ipaddr.js";

export type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** The proxies that an operator named: how many there are in a row, or their addresses and networks. */
export type NamedProxies = { count: number } | { networks: Network[] };

/** Parses a number, or a list of addresses and networks; undefined for anything else. */
export function parseProxies(text: string): NamedProxies | undefined {
  if (/^\d+$/.test(text)) return { count: Number(text) };
  const entries = text.split(/[\s,]+/).filter(Boolean);
  try {
    return { networks: entries.map((entry) => entry.includes("/") ? ipaddr.parseCIDR(entry) : single(entry)) };
  } catch {
    return undefined;
  }
}

function single(entry: string): Network {
  const address = ipaddr.process(entry);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}
