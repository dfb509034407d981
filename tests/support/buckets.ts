import type { Sql } from "postgres";

/** Leaves a person so many tokens for an action, and gives them no more for an hour. */
export async function leaveTokens(sql: Sql, person: string, action: string, tokens: number): Promise<void> {
  await sql`
    insert into chat_private.buckets (person_id, action, tokens, filled_at)
    values (${person}, ${action}, ${tokens}, now() + interval '1 hour')
    on conflict (person_id, action) do update set tokens = excluded.tokens, filled_at = excluded.filled_at`;
}

/** Fills all buckets of a person. */
export async function fillBuckets(sql: Sql, person: string): Promise<void> {
  await sql`delete from chat_private.buckets where person_id = ${person}`;
}
