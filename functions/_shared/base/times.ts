const UTC = /^(\S{10})[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|\+00(?::00)?)$/;

/**
 * A time in UTC as the old backends wrote it: six digits after the second, or none when they are zero.
 * @param time as Postgres or JavaScript write it, with zone; any other text is returned unchanged.
 */
export function djangoTime(time: string): string {
  const [, date, clock, fraction = ""] = UTC.exec(time) ?? [];
  if (!date) return time;
  return `${date}T${clock}${/[1-9]/.test(fraction) ? `.${fraction.padEnd(6, "0")}` : ""}Z`;
}

/** The same for all times of a payload, which are called `…_at` and the like. */
export function withDjangoTimes<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withDjangoTimes) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inPayload(name, inner)])) as T;
}

function inPayload(name: string, value: unknown): unknown {
  // Whatever people keep there is theirs.
  if (name === "metadata") return value;
  return typeof value === "string" && /_(at|until|seen)$/.test(name) ? djangoTime(value) : withDjangoTimes(value);
}
