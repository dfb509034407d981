import { createHash } from "node:crypto";

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;
/** Numbers from here on stand for UUIDs. The ids of old backends are lower. */
const FIRST = 1n << 60n;
const MAX_KNOWN = 50_000;

export const isUuid = (key: string) => UUID.test(key);

/** A UUID as most write it: SQLite has it without hyphens. */
export const spelled = (key: string) => key.toLowerCase().replace(UUID, "$1-$2-$3-$4-$5");

/** The numbers that stand for keys while they are imported: a number for itself, and for a UUID the same one in each import. */
export class Keys {
  #known = new Map<string, string>();
  #before = new Map<string, string>();

  numberOf(key: string | null | undefined): string | null {
    if (key == null || !isUuid(key)) return key ?? null;
    const uuid = spelled(key);
    const hash = createHash("sha1").update(uuid).digest().readBigUInt64BE();
    const number = String(FIRST + hash % FIRST);
    // Only those of the rows that are being written are asked for.
    if (this.#known.size >= MAX_KNOWN) [this.#before, this.#known] = [this.#known, new Map()];
    this.#known.set(number, uuid);
    return number;
  }

  /** The key for which a number stands. */
  keyOf(number: string): string {
    return this.#known.get(number) ?? this.#before.get(number) ?? number;
  }
}

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?\d*\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** A time, if it is one with a date: SQLite has whatever was written into a column. */
export const timeOf = (time: string | null | undefined) => /^\d{4}-\d\d-\d\d/.test(time ?? "") ? time! : null;

/** Where a row comes in the order of times, where keys have none: microseconds. */
export function placeOf(time: string | null | undefined): number {
  const [, date, clock, fraction = "", zone = "Z"] = TIME.exec(time ?? "") ?? [];
  if (date === undefined) return 0;
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  return Date.parse(`${date}T${clock}${offset}`) * 1000 + Number(fraction.padEnd(6, "0"));
}
