import { createHash } from "node:crypto";

// RFC 9562's namespace for URLs; the names are `gitter:user:…` and `gitter:message:…`.
const NAMESPACE = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** The uuid (version 5) of an imported row: the same in every import, so that nothing is imported twice. */
export function importedId(kind: "user" | "message", id: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(`gitter:${kind}:${id}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
