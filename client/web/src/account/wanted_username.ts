let wanted = "";

/** Remembers the username requested for a new account: if it is taken, the database assigns another. */
export function wantUsername(username: string): void {
  wanted = username;
}

/** Returns the requested username, once, if a different one was assigned. */
export function missedUsername(given: string): string | undefined {
  const missed = wanted && wanted !== given ? wanted : undefined;
  wanted = "";
  return missed;
}
