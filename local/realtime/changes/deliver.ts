import type { Channel } from "../channels/channel.ts";
import type { Server } from "../channels/server.ts";
import type { Change, Relation } from "../stream/pgoutput.ts";
import { encodeJson } from "../wire/frames.ts";
import { dataOf, errorData, sizeOf } from "./payload.ts";
import type { Subscription } from "./request.ts";
import { asJson, matchingFilters, type RowChange, rowChange } from "./row.ts";
import { selectable, type Table } from "./table.ts";
import { viewersOf } from "./visibility.ts";

/** Sends a change of a row to the subscribers that may see it. */
export async function deliverChange(
  server: Server,
  streamed: Change,
  relation: Relation,
  table: Table,
  subscriptions: Subscription[],
  committedAt: number,
): Promise<void> {
  const change = rowChange(streamed, relation, table, committedAt);
  if (!change) return;
  const { sql } = server.pool;
  const { schema, name, id } = relation;
  const roles = [...new Set(subscriptions.map(({ channel }) => channel.claims.role))];
  const columns = await selectable(sql, id, table, roles);
  const able: Subscription[] = [];
  for (const role of roles) {
    const group = subscriptions.filter(({ channel }) => channel.claims.role === role);
    const error = keyError(table, change, columns.get(role) ?? new Set());
    if (error) send(server, group, errorData(schema, name, change, error), change);
    else able.push(...group);
  }
  const passed = await matchingFilters(sql, table, change, able);
  const isOpen = !table.hasRowSecurity || !change.record;
  const viewers = isOpen ? passed : await viewersOf(server.pool, table, change.record!, passed);
  if (viewers.length > 0) await sendRows(server, change, relation, table, viewers, columns);
}

/** Sends the row to all viewers, each with the columns that it may see. */
async function sendRows(
  server: Server,
  change: RowChange,
  { schema, name }: Relation,
  table: Table,
  viewers: Subscription[],
  columns: Map<string, Set<string>>,
): Promise<void> {
  const { sql } = server.pool;
  const isTooLarge = sizeOf(change.record, change.old) > server.settings.maxChangeBytes;
  const json = {
    record: change.record && await asJson(sql, table, change.record),
    old: change.old && await asJson(sql, table, change.old),
  };
  for (const group of Map.groupBy(viewers, shapeOf).values()) {
    const { channel, request } = group[0]!;
    const seen = columns.get(channel.claims.role)!;
    send(server, group, dataOf(schema, name, table, change, json, seen, request.select, isTooLarge), change);
  }
}

/** Subscriptions with the same shape receive the same data. */
function shapeOf({ channel, request }: Subscription): string {
  return JSON.stringify([channel.claims.role, request.select]);
}

/** A row is identified by its key: roles that cannot select the key receive an error. */
function keyError(table: Table, { action }: RowChange, selectable: Set<string>): string | undefined {
  if (action === "DELETE") return undefined;
  const keys = table.columns.filter(({ isKey }) => isKey);
  if (keys.length === 0) return "Error 400: Bad Request, no primary key";
  return keys.every(({ name }) => selectable.has(name)) ? undefined : "Error 401: Unauthorized";
}

function send(server: Server, subscriptions: Subscription[], data: string, { action }: RowChange): void {
  const byChannel = Map.groupBy(subscriptions, ({ channel }) => channel);
  for (const [channel, own] of byChannel) {
    if (!channel.isClosed) channel.socket.send(messageTo(channel, own.map(({ request }) => request.id), data, action));
  }
  server.topics.events.add(byChannel.size);
}

function messageTo({ name, request, socket }: Channel, ids: number[], data: string, action: string): string {
  const topic = `realtime:${name}`;
  const [event, payload] = request.isLegacy
    ? [action, data]
    : ["postgres_changes", `{"ids":${JSON.stringify(ids)},"data":${data}}`];
  return encodeJson(socket.handshake.version, { joinRef: null, ref: null, topic, event, payload });
}
