import { z } from "@hono/zod-openapi";
import type { Sql } from "../_shared/db/db.ts";
import { answeredId } from "../_shared/http/fields.ts";

/** A person within another answer. */
export const personField = () => z.object({ id: answeredId(), username: z.string() });

/** The person whose id is in that column, as a column. */
export const personWith = (sql: Sql, column: ReturnType<Sql>) =>
  sql`(select json_build_object('id', number, 'username', username) from chat.profiles where profiles.id = ${column})`;
