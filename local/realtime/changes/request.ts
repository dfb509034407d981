import type { Channel } from "../channels/channel.ts";
import { changeId } from "../channels/join_payload.ts";
import { type Filter, parseFilters } from "./filters.ts";

export type Action = "INSERT" | "UPDATE" | "DELETE";

/** The changes that a client subscribes to. */
export interface ChangeRequest {
  /** The id that the client receives. */
  id: number;
  action: Action | "*";
  schema: string;
  table: string;
  filters: Filter[];
  /** Undefined for all columns. */
  select: string[] | undefined;
}

/**
 * Parses an entry of `postgres_changes`.
 * @throws Error with the message for the client.
 */
export function readChange(change: Record<string, unknown>): ChangeRequest {
  const { schema, table, filter } = change;
  const select = readSelect(change.select);
  const request = { id: changeId(change), action: actionOf(change.event), filters: [], select };
  if (typeof schema === "string" && typeof table === "string" && typeof filter === "string") {
    return checked({ ...request, schema, table, filters: readFilters(filter) });
  }
  if (filter === undefined && typeof schema === "string" && (typeof table === "string" || table === undefined)) {
    return checked({ ...request, schema, table: table ?? "*" });
  }
  if (filter === undefined && schema === undefined && typeof table === "string") {
    return checked({ ...request, schema: "public", table });
  }
  const given = "user_token" in change || "auth_token" in change ? "<redacted>" : JSON.stringify(change);
  throw new Error(
    "No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: " + given,
  );
}

/** Whether a request covers changes of that kind in that table, by name: the table may be newer than the request. */
export function matches(request: ChangeRequest, table: { schema: string; name: string }, action: Action): boolean {
  const pairs = [[request.schema, table.schema], [request.table, table.name], [request.action, action]];
  return pairs.every(([asked, given]) => asked === "*" || asked === given);
}

/** The request in the format of the platform's messages. */
export function describe({ action, schema, table, filters, select }: ChangeRequest): string {
  const conditions = filters.map(({ column, operator, value, isNegated }) => {
    return `{"${column}", "${operator}", ${JSON.stringify(value)}, ${isNegated}}`;
  });
  const columns = select ? `[${select.map((name) => JSON.stringify(name)).join(", ")}]` : "nil";
  const filter = `[${conditions.join(", ")}]`;
  return `[event: ${action}, schema: ${schema}, table: ${table}, filters: ${filter}, select: ${columns}]`;
}

function actionOf(event: unknown): Action | "*" {
  const action = String(event ?? "*").toUpperCase();
  return action === "INSERT" || action === "UPDATE" || action === "DELETE" ? action : "*";
}

function readFilters(text: string): Filter[] {
  try {
    return parseFilters(text);
  } catch (error) {
    throw new Error(`Error parsing \`filter\` params: ${(error as Error).message}`);
  }
}

function readSelect(select: unknown): string[] | undefined {
  if (typeof select === "string") {
    throw new Error(
      'Error parsing `select` params: expected a list of column name strings, e.g. select: ["col1", "col2"]',
    );
  }
  const columns = Array.isArray(select) ? select.filter((column) => typeof column === "string") : [];
  return columns.length > 0 ? columns : undefined;
}

function checked(request: ChangeRequest): ChangeRequest {
  if (!request.select || (request.schema !== "*" && request.table !== "*")) return request;
  throw new Error(
    "Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.",
  );
}

/** A request of a channel. */
export interface Subscription {
  channel: Channel;
  request: ChangeRequest;
}
