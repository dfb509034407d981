import { Refusal } from "./refusal.ts";

/** From when on an import reads: a time, or `last`, the time until which the last one has read. */
export type Since = Date | "last";

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?( ?(Z|[+-]\d\d:?\d\d))?$/i;
const HAS_ZONE = /(Z|[+-]\d\d:?\d\d)$/i;

/**
 * Reads the option `--since`.
 * @throws Refusal when it is no time, has no zone, or is in the future.
 */
export function readSince(text: string | undefined): Since | undefined {
  if (text === undefined || text === "last") return text;
  const isDate = /^\d{4}-\d\d-\d\d$/.test(text);
  if (!isDate && !TIME.test(text)) {
    throw new Refusal(`--since ${text} is not a time: write \`last\`, or a time such as 2024-01-31T09:00:00Z.`);
  }
  if (isDate || !HAS_ZONE.test(text)) {
    throw new Refusal(
      `--since ${text} has no time zone: write it with one, such as ${text.slice(0, 10)}T09:00:00Z or ` +
        `${text.slice(0, 10)}T09:00:00+02:00.`,
    );
  }
  const time = new Date(text.replace(/^(\S+) (?=\d)/, "$1T").replace(" ", "").replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  if (Number.isNaN(time.getTime())) throw new Refusal(`--since ${text} is a time that does not exist.`);
  if (time.getTime() > Date.now()) throw new Refusal(`--since ${text} is in the future.`);
  return time;
}
