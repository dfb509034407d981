import { Hono } from "hono";
import type postgres from "postgres";
import { z } from "zod";
import { readUserBody } from "./admin_body.ts";
import { createUser, updateUser } from "./admin_writes.ts";
import { readObject } from "./body.ts";
import { AuthError, errorResponse, unexpectedFailure, userNotFound, validationFailed } from "./errors.ts";
import { generateLink } from "./links.ts";
import type { AuthSettings } from "./settings.ts";
import { describeUser, endSessions, findUser, type UserRow } from "./users.ts";

type Env = { Bindings: { sql: postgres.Sql; settings: AuthSettings } };

/** `auth/v1/admin/` as `supabase.auth.admin` calls it. The caller has already been checked. */
export const admin = new Hono<Env>().basePath("/auth/v1/admin")
  .get("/users", async (c) => {
    const page = number(c.req.query("page"), 1);
    const perPage = Math.min(number(c.req.query("per_page"), 50), 1000);
    const { sql } = c.env;
    const [{ total }] = await sql<[{ total: number }]>`select count(*)::int as total from auth.users`;
    const rows = await sql<UserRow[]>`select * from auth.users order by created_at desc, id
      limit ${perPage} offset ${(page - 1) * perPage}`;
    const users = await Promise.all(rows.map((row) => describeUser(sql, row)));
    return c.json({ users, aud: "authenticated" }, 200, pages(page, perPage, total));
  })
  .post("/generate_link", async (c) => c.json(await generateLink(c.env.sql, c.env.settings, c.req.raw)))
  .post("/users", async (c) => c.json(await createUser(c.env.sql, await readUserBody(c.req.raw))))
  .get("/users/:id", async (c) => c.json(await describeUser(c.env.sql, await existing(c.env.sql, c.req.param("id")))))
  .put("/users/:id", async (c) => {
    const user = await existing(c.env.sql, c.req.param("id"));
    const body = await readUserBody(c.req.raw);
    // Only on updates: a new account may have any password.
    requireStrong(body.password, c.env.settings.minimumPasswordLength);
    return c.json(await updateUser(c.env.sql, user, body));
  })
  .delete("/users/:id", async (c) => {
    const user = await existing(c.env.sql, c.req.param("id"));
    const { should_soft_delete } = await readObject(c.req.raw) as { should_soft_delete?: boolean };
    await c.env.sql.begin((sql) => should_soft_delete ? hide(sql, user) : remove(sql, user));
    return c.json({});
  })
  .notFound((c) => errorResponse(c.req.raw, new AuthError(404, "not_found", "There is no such admin endpoint here")))
  .onError((error, c) => {
    if (error instanceof AuthError) return errorResponse(c.req.raw, error);
    console.error(error);
    return errorResponse(
      c.req.raw,
      unexpectedFailure("Unexpected failure, please check server logs for more information"),
    );
  });

async function existing(sql: postgres.Sql, id: string): Promise<UserRow> {
  if (!z.uuid().safeParse(id).success) throw validationFailed("user_id must be an UUID", 404);
  const row = await findUser(sql, id);
  if (!row) throw userNotFound();
  return row;
}

function requireStrong(password: string | null | undefined, least: number): void {
  if (!password || password.length >= least) return;
  const details = { weak_password: { reasons: ["length"] } };
  throw new AuthError(422, "weak_password", `Password should be at least ${least} characters.`, details);
}

async function remove(sql: postgres.TransactionSql, { id }: UserRow): Promise<void> {
  await endSessions(sql, id);
  await sql`delete from auth.users where id = ${id}`;
}

/** Keeps the row for references to it, but nobody can sign in with it or find the user by it. */
async function hide(sql: postgres.TransactionSql, { id }: UserRow): Promise<void> {
  await endSessions(sql, id);
  await sql`delete from auth.identities where user_id = ${id}`;
  await sql`update auth.users set email = encode(sha256(email::bytea), 'hex'), phone = null, encrypted_password = '',
    raw_user_meta_data = '{}', raw_app_meta_data = '{}', deleted_at = now(), updated_at = now() where id = ${id}`;
}

function number(text: string | undefined, otherwise: number): number {
  if (!text) return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text) || otherwise;
  throw validationFailed(
    `Bad Pagination Parameters: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

function pages(page: number, perPage: number, total: number): Record<string, string> {
  const last = Math.max(1, Math.ceil(total / perPage));
  const link = (number: number, rel: string) => `</admin/users?page=${number}&per_page=${perPage}>; rel="${rel}"`;
  const links = [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")];
  return { "X-Total-Count": String(total), "Link": links.join(", ") };
}
