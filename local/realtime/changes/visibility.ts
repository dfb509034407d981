import { become } from "../access/policies.ts";
import { DatabaseError, type Pool } from "../access/pool.ts";
import type { Claims } from "../access/tokens.ts";
import type { Subscription } from "./request.ts";
import type { Values } from "./row.ts";
import type { Table } from "./table.ts";

/** The subscriptions that may see the row: selects it by its key as each of them, once for equal tokens. */
export async function viewersOf(
  pool: Pool,
  table: Table,
  record: Values,
  subscriptions: Subscription[],
): Promise<Subscription[]> {
  const callers = [...new Set(subscriptions.map(({ channel }) => channel.claims))];
  const keys = table.columns.filter(({ isKey }) => isKey);
  const test = keys.map(({ name, cast }, index) => `${quoted(name)} = $${index + 1}::text::${cast}`).join(" and ");
  const values = keys.map(({ name }) => record.get(name)!);
  const results = await pool.attempt((sql) =>
    callers.flatMap((claims) => [
      sql`savepoint caller`,
      become(sql, { claims, headers: {}, topic: "" }),
      sql.unsafe(`select exists(select from ${table.name} where ${test}) as visible`, values),
      sql`rollback to savepoint caller`,
    ])
  );
  const visible = new Set<Claims>(callers.filter((_, index) => {
    const answer = results[index * 4 + 2];
    return !(answer instanceof DatabaseError) && (answer as { visible: boolean }[])[0]!.visible;
  }));
  return subscriptions.filter(({ channel }) => visible.has(channel.claims));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
