/** Returns a random UUID; `crypto.randomUUID` does not exist on pages without TLS. */
export function uuid(): string {
  const digits = crypto.getRandomValues(new Uint8Array(36));
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (kind, at: number) => {
    const digit = digits[at]! & 15;
    return (kind === "y" ? digit & 3 | 8 : digit).toString(16);
  });
}

/** Returns the user id of an access token, unverified: the server verifies it. */
export function subject(token: string | null | undefined): string | undefined {
  const body = token?.split(".")[1];
  if (!body) return undefined;
  try {
    return (JSON.parse(atob(body.replaceAll("-", "+").replaceAll("_", "/"))) as { sub?: string }).sub;
  } catch {
    return undefined;
  }
}
