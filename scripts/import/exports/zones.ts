import { Refusal } from "../refusal.ts";

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** @throws Refusal when there is no such time zone. */
export function requireZone(zone: string): void {
  try {
    formatOf(zone);
  } catch {
    throw new Refusal(`There is no time zone ${zone}: say one such as Europe/Berlin, UTC or +02:00.`);
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone) ?? new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  FORMATS.set(zone, known);
  return known;
}

/** The time of a clock in a zone, as an ISO time; `local` is what it showed, as if it were UTC. */
export function inZone(local: number, zone: string): string {
  const near = local - offsetOf(local, zone);
  return new Date(local - offsetOf(near, zone)).toISOString();
}

function offsetOf(time: number, zone: string): number {
  const name = formatOf(zone).formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0"] = /^GMT([+-])(\d\d):?(\d\d)?/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
