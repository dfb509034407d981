const UTC = /^(\S{10})[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|\+00(?::00)?)$/;

/**
 * A time in UTC as the old backends wrote it: six digits after the second, or none when they are zero.
 * @param time as Postgres or JavaScript write it, with zone; what is no such time stays as it is.
 */
export function djangoTime(time: string): string {
  const [, date, clock, fraction = ""] = UTC.exec(time) ?? [];
  if (!date) return time;
  return `${date}T${clock}${/[1-9]/.test(fraction) ? `.${fraction.padEnd(6, "0")}` : ""}Z`;
}
