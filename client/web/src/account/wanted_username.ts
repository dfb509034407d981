let wanted = "";

/** Remembers the username that a new account asks for: the database gives another when it is taken. */
export function wantUsername(username: string): void {
  wanted = username;
}

/** The username asked for, once, when it is not the one that was given. */
export function missedUsername(given: string): string | undefined {
  const missed = wanted && wanted !== given ? wanted : undefined;
  wanted = "";
  return missed;
}
