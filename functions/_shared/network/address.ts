import type { Context } from "hono";
import { isHosted, projectUrl, settings } from "../settings/settings.ts";
import { forwardedOf } from "./forwarded.ts";
import { hopsOf } from "./hops.ts";

/** Where a client finds an API. */
export interface Address {
  /** Such as `https://example.com`. */
  origin: string;
  /** What stands before the API's own paths: on the platform `/functions/v1/<name>`, on a port of its own nothing. */
  prefix: string;
}

/** The host under which the functions of a hosted project see themselves, whatever address a client used. */
const INNER_HOST = /(^|\.)edge-runtime\.supabase\.com$/;

/** The address by which clients reach the API. */
export function outerAddress(c: Context): Address {
  const url = new URL(c.req.url);
  // Without the function's name in its path, it is served on its own.
  const isAlone = url.pathname.replace(/\/*$/, "/") === c.req.path;
  const [, name] = url.pathname.split("/");
  return { origin: publicOrigin(c.req.raw, isAlone), prefix: prefixOf(c.req.raw, isAlone ? undefined : name) };
}

/**
 * The origin by which clients reach the functions: that of PUBLIC_URL; else what a named proxy forwards; else, on the
 * platform, the project's own; else that of the request.
 * @param isAlone the function is served on its own, so not by the platform.
 */
export function publicOrigin(request: Request, isAlone = false): string {
  const configured = settings.publicUrl();
  if (configured) return configured.origin;
  const url = new URL(request.url);
  const forwarded = originOf(forwardedOf(request.headers, url));
  if (forwarded && !INNER_HOST.test(forwarded.hostname)) return forwarded.origin;
  const isInner = INNER_HOST.test(url.hostname) || (isHosted() && !isAlone);
  return isInner ? new URL(projectUrl()).origin : url.origin;
}

/**
 * The origin by which clients reach the project's own services: that of SUPABASE_URL, unless it is the name of a container.
 */
export function projectOrigin(request: Request): string {
  const { origin, hostname } = new URL(projectUrl());
  const isInner = hostname !== "localhost" && !/[.:]/.test(hostname);
  return isInner ? publicOrigin(request) : origin;
}

function originOf({ host, protocol }: { host?: string; protocol?: string }): URL | undefined {
  const url = host === undefined ? undefined : URL.parse(`${protocol}://${host}`) ?? undefined;
  return url?.pathname === "/" && !url.username && !url.search && !url.hash ? url : undefined;
}

/** @param name of the function, if it is in the path. */
function prefixOf(request: Request, name: string | undefined): string {
  const { prefix } = forwardedOf(request.headers, new URL(request.url));
  // It is put into paths and cookies.
  if (prefix !== undefined && /^(\/[\w.-]+)*\/*$/.test(prefix)) return prefix.replace(/\/+$/, "");
  const configured = settings.publicUrl()?.pathname.replace(/\/+$/, "");
  if (name === undefined) return configured ?? "";
  if (configured) return `${configured}/${name}`;
  const header = settings.gatewayPrefixHeader();
  return (header && request.headers.get(header)) ?? `/functions/v1/${name}`;
}

/** Whether a page of an origin belongs to a function that is reached at another; what only ends TLS does not count. */
export function isSameSite(origin: string | undefined | null, own: string): boolean {
  const page = origin ? URL.parse(origin) : null;
  if (!page || !/^https?:$/.test(page.protocol)) return false;
  return page.origin === own || (page.host === new URL(own).host && page.protocol === "https:");
}

/**
 * The address of the client, which Auth and the count of wrong passwords go by. A client cannot choose it: without
 * TRUSTED_PROXIES it is the last hop, which the platform itself has seen (`cf-connecting-ip` where it is hosted).
 */
export const clientAddress = (c: Context) => hopsOf(c.req.raw.headers).client;
