import type { Sql } from "postgres";

/** Lets one person do what many would do elsewhere. Without triggers: nobody has changed a limit, as the audit log would say. */
export async function widenLimits(sql: Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local session_replication_role = replica`;
    await transaction`
      update chat_private.limits set capacity = greatest(capacity, 5000), per_second = greatest(per_second, 20)
      where action <> 'export_data'`;
  });
}
