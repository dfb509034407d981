import { createHash } from "node:crypto";

/** The number by which the writer knows a row that has a name instead: positive, and the same in every import. */
export function numberOf(...name: string[]): string {
  const hash = createHash("sha1").update(name.join("\0")).digest();
  return (hash.readBigUInt64BE() >> 2n | 1n).toString();
}
