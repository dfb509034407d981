import { isObject } from "../wire/frames.ts";

/** The payload of a `phx_join`; invalid values count as missing. */
export interface JoinRequest {
  isPrivate: boolean;
  /** Whether broadcasts are acknowledged, and whether the sender receives them too. */
  acknowledges: boolean;
  hearsItself: boolean;
  awaitsReplication: boolean;
  /** Not validated yet. */
  replay: unknown;
  presence: { isEnabled: boolean; key: string };
  changes: Record<string, unknown>[];
  /** Without `config`, the topic names the table, and changes use their operation as event. */
  isLegacy: boolean;
  token: string | undefined;
}

export function readJoinPayload(topic: string, payload: unknown): JoinRequest {
  const join = isObject(payload) ? payload : {};
  const isLegacy = !("config" in join);
  const config = object(join.config);
  const broadcast = object(config.broadcast);
  const presence = object(config.presence);
  return {
    isPrivate: flag(config.private),
    acknowledges: flag(broadcast.ack),
    hearsItself: flag(broadcast.self),
    awaitsReplication: flag(broadcast.replication_ready),
    replay: "replay" in broadcast ? broadcast.replay : undefined,
    presence: { isEnabled: flag(presence.enabled), key: presenceKey(presence.key) },
    changes: isLegacy ? [legacyChange(topic)] : changes(config.postgres_changes),
    isLegacy,
    token: token(join),
  };
}

function object(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function flag(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.toLowerCase() === "true");
}

function presenceKey(key: unknown): string {
  return key === undefined || key === null || key === "" ? crypto.randomUUID() : String(key);
}

function changes(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function legacyChange(topic: string): Record<string, unknown> {
  const [schema, table, ...filter] = topic.split(":");
  return { schema, ...(table !== undefined && { table }), ...(filter.length > 0 && { filter: filter.join(":") }) };
}

/** A key of the project identifies no user; then the key of the connection is used. */
function token({ access_token, user_token }: Record<string, unknown>): string | undefined {
  for (const value of [access_token, user_token]) if (String(value ?? "").startsWith("sb_")) return undefined;
  if (typeof user_token === "string") return user_token;
  return typeof access_token === "string" ? access_token : undefined;
}

/** The id of an entry of `postgres_changes`: equal entries have equal ids. */
export function changeId(change: Record<string, unknown>): number {
  const text = JSON.stringify(Object.entries(change).sort(([a], [b]) => a < b ? -1 : 1));
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 5;
}
