import type { Context } from "hono";
import { hopsOf } from "./hops.ts";

/** Where a client finds an API. */
export interface Address {
  /** Such as `https://example.com`. */
  origin: string;
  /** What stands before the API's own paths: on the platform `/functions/v1/<name>`, on a port of its own nothing. */
  prefix: string;
}

/** The address by which the client reached the API, through whatever stands between them. */
export function outerAddress(c: Context): Address {
  const url = new URL(c.req.url);
  const [, name] = url.pathname.split("/");
  const protocol = first(c.req.header("X-Forwarded-Proto")) ?? url.protocol.slice(0, -1);
  const host = first(c.req.header("X-Forwarded-Host")) ?? url.host;
  const prefix = first(c.req.header("X-Forwarded-Prefix"))?.replace(/\/+$/, "");
  const outer = URL.parse(`${protocol}://${host}`) ?? url;
  // A client can send these headers itself, where no proxy does: what it made up must fit into a path and a cookie.
  const holds = prefix !== undefined && /^(\/[\w.-]+)*$/.test(prefix);
  if (holds) return { origin: outer.origin, prefix };
  // Without the function's name in its path, it is served on its own.
  const isAlone = url.pathname.replace(/\/*$/, "/") === c.req.path;
  return { origin: outer.origin, prefix: isAlone ? "" : `/functions/v1/${name}` };
}

/** Each proxy appends its own: the first is the one that the client spoke to. */
const first = (header: string | undefined) => header?.split(",")[0]?.trim();

/**
 * The address of the client, which Auth and the count of wrong passwords go by. A client cannot choose it: without
 * TRUSTED_PROXIES it is the last hop, which the platform itself has seen (`cf-connecting-ip` where it is hosted).
 */
export const clientAddress = (c: Context) => hopsOf(c.req.raw.headers).client;

/**
 * Whether the request came through a proxy that the setting TRUSTED_PROXIES names: as a number of proxies in a row, or
 * as a list of addresses and networks. Only then do `X-Forwarded-Host`, `-Proto` and `-Prefix` say what the client used;
 * in any other request the client may have made them up. Whatever reads these headers asks this first.
 */
export const viaNamedProxy = (c: Context) => hopsOf(c.req.raw.headers).viaNamedProxy;
