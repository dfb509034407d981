const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The access token of a request for a socket: of `?token=`, an `Authorization` header or a subprotocol, in this order. */
export function bearer({ headers }: Request, url: URL): string | undefined {
  return url.searchParams.get("token") ?? /^Bearer\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ??
    subprotocols(headers).find((name) => JWT.test(name));
}

/** The subprotocols that a client offers. Browsers can put a token nowhere else but in the address. */
export const subprotocols = (headers: Headers): string[] =>
  (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim()).filter(Boolean);
