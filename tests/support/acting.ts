import type { Sql, TransactionSql } from "postgres";

/** Runs statements in a transaction as a signed-in user, under the policies, as the Data API does. */
export async function actingAs<T>(
  sql: Sql,
  person: string,
  run: (sql: TransactionSql) => Promise<T>,
  others: object = {},
): Promise<T> {
  const claims = JSON.stringify({ sub: person, role: "authenticated", ...others });
  const result = await sql.begin(async (transaction) => {
    await transaction`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
    return await run(transaction);
  });
  return result as T;
}
