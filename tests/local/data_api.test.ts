import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appClient, database } from "../support/clients.ts";
import { temporaryStack } from "./run.ts";

let stack: Awaited<ReturnType<typeof temporaryStack>>;
let member: ReturnType<typeof appClient>;
let userId: string;

beforeAll(async () => {
  stack = await temporaryStack();
  const sql = database(stack.status);
  await sql.unsafe(`
    create table public.things (
      id bigint generated always as identity primary key,
      owner_id uuid not null default auth.uid(),
      data jsonb,
      stamped timestamptz,
      plain timestamp,
      amount numeric check (amount < 1000000)
    );
    alter table public.things enable row level security;
    grant select, insert (data, stamped, plain, amount), update (data) on public.things to authenticated;
    create policy "owners can read things" on public.things for select to authenticated
      using (owner_id = (select auth.uid()));
    create policy "owners can add things" on public.things for insert to authenticated
      with check (owner_id = (select auth.uid()));
    create policy "owners can change things" on public.things for update to authenticated
      using (owner_id = (select auth.uid()));
    create function public.echo(value jsonb) returns jsonb language sql as 'select value';
    create function public.texts(one text, several text[]) returns jsonb language sql as 'select jsonb_build_array(one, several)';
    create function public.whoami() returns jsonb language sql as $$
      select jsonb_build_object('role', current_user, 'uid', auth.uid(), 'email', auth.email(),
        'claim', auth.jwt() ->> 'session_id' is not null, 'timeout', current_setting('statement_timeout'))
    $$;
    create function public.request() returns jsonb language plpgsql stable as $$
    begin
      perform set_config('response.status', '207', true);
      return jsonb_build_object('method', current_setting('request.method'), 'path', current_setting('request.path'),
        'agent', current_setting('request.headers')::jsonb ->> 'x-agent', 'writes', current_setting('transaction_read_only'));
    end $$;
    create function public.prepared() returns setof text language sql as 'select statement from pg_prepared_statements';
    create function public.missing() returns void language plpgsql as $$
    begin
      raise sqlstate 'PT404' using message = 'thing_not_found', detail = 'No such thing.', hint = 'Look again.';
    end $$;`);
  await sql.end();
  member = appClient({ stack: stack.status });
  const { data } = await member.auth.signUp({ email: "ann@example.com", password: "secret-123" });
  userId = data.user!.id;
});
afterAll(() => stack.stop());

test.each([
  [{ a: 1, b: ["x", null, { c: true }] }],
  [[1, "two", [3]]],
  ["a string"],
  ['{"looks": "like json"}'],
  [42],
  [true],
  [null],
])("jsonb is returned as sent: %j", async (value) => {
  const inserted = await member.from("things").insert({ data: value }).select("data").single();
  expect(inserted.error).toBeNull();
  expect(inserted.data).toEqual({ data: value });
  const called = await member.rpc("echo", { value });
  expect(called.data).toEqual(value);
});

test("timestamps and numbers have PostgREST's form", async () => {
  const row = { stamped: "2026-11-21T02:30:00.123456+00:00", plain: "2026-11-21T02:30:00.5", amount: 12.75 };
  const { data } = await member.from("things").insert(row).select("id, stamped, plain, amount").single();
  expect(data).toEqual({ id: expect.any(Number), ...row });
  const found = await member.from("things").select("id").eq("stamped", row.stamped);
  expect(found.data).toEqual([{ id: data!.id }]);
});

test("rows are counted and paged", async () => {
  const { count, status } = await member.from("things").select("*", { count: "exact", head: true });
  expect([status, count]).toEqual([200, expect.any(Number)]);
  const { data } = await member.from("things").select("id").order("id").range(1, 2);
  expect(data).toHaveLength(2);
});

test("several filters of one request all hold", async () => {
  const rows = [1001, 1002, 1003, 1004].map((amount) => ({ amount }));
  await member.from("things").insert(rows).throwOnError();
  const both = member.from("things").select("amount").or("amount.eq.1001,amount.eq.1002").or(
    "amount.eq.1002,amount.eq.1003",
  );
  expect((await both.throwOnError()).data).toEqual([{ amount: 1002 }]);
  const changed = await member.from("things").update({ data: "found" }).or("amount.eq.1003,amount.eq.1004")
    .or("amount.eq.1004,amount.is.null").select("amount");
  expect(changed).toMatchObject({ error: null, data: [{ amount: 1004 }] });
});

test("a request acts as its caller", async () => {
  const { data } = await member.rpc("whoami");
  expect(data).toEqual({ role: "authenticated", uid: userId, email: "ann@example.com", claim: true, timeout: "8s" });
  const anonymous = appClient({ stack: stack.status });
  expect((await anonymous.rpc("whoami")).data).toMatchObject({ role: "anon", uid: null, timeout: "3s" });
  const service = appClient({ stack: stack.status, key: stack.status.secret_key });
  expect((await service.rpc("whoami")).data).toMatchObject({ role: "service_role", uid: null });
});

test("a function can read the request and choose the status; with GET it cannot write", async () => {
  const headers = { "apikey": stack.status.publishable_key, "x-agent": "a 'quoted' name" };
  for (const [method, readOnly] of [["GET", "on"], ["POST", "off"]]) {
    const answer = await fetch(`${stack.status.api_url}/rest/v1/rpc/request`, { method: method!, headers });
    expect(answer.status).toBe(207);
    expect(await answer.json()).toEqual({ method, path: "/rpc/request", agent: "a 'quoted' name", writes: readOnly });
  }
});

test("HEAD of a function → the count and no body", async () => {
  const { error, count, status } = await member.rpc("prepared", {}, { head: true, count: "exact" });
  expect([error, status, count! > 0]).toEqual([null, 200, true]);
});

test("a table with the name of one of Auth's is another table", async () => {
  const sql = database(stack.status);
  await sql.unsafe(`
    create table public.users (username text primary key, motto text);
    create table public.posts (id int primary key, author text references public.users);
    insert into public.users values ('ann', 'Slowly');
    insert into public.posts values (1, 'ann');
    grant select on public.users, public.posts to authenticated;`);
  await sql.end();
  const posts = () => member.from("posts").select("id, users(*)");
  await expect.poll(async () => (await posts()).data).toEqual([{ id: 1, users: { username: "ann", motto: "Slowly" } }]);
});

test("settings of the role authenticator hold after a reload", async () => {
  const sql = database(stack.status);
  await sql`grant select, insert on public.users to authenticated`;
  const counted = () => member.from("users").select("n:username.count()");
  const added = () => member.from("users").insert({ username: "carl" }).select("username").rollback();
  const names = async () => (await sql`select username from public.users order by 1`).map(({ username }) => username);
  expect((await counted()).error?.code).toBe("PGRST123");
  await sql`alter role authenticator set pgrst.db_aggregates_enabled = 'true'`;
  await sql`alter role authenticator set pgrst.db_tx_end = 'commit-allow-override'`;
  await sql`notify pgrst, 'reload config'`;
  await expect.poll(async () => (await counted()).data).toEqual([{ n: 1 }]);
  expect([(await added()).data, await names()]).toEqual([[{ username: "carl" }], ["ann"]]);
  for (const name of ["db_aggregates_enabled", "db_tx_end"]) {
    await sql.unsafe(`alter role authenticator reset pgrst.${name}`);
  }
  await sql`notify pgrst, 'reload config'`;
  await expect.poll(async () => (await counted()).error?.code).toBe("PGRST123");
  expect([(await added()).data, await names()]).toEqual([[{ username: "carl" }], ["ann", "carl"]]);
  await sql.end();
});

test("a function that returns more rows than the request allows changes nothing", async () => {
  const sql = database(stack.status);
  await sql.unsafe(`
    create table public.counters (id int primary key, n int not null);
    insert into public.counters values (1, 0), (2, 0), (3, 0);
    grant select, update on public.counters to authenticated;
    create function public.bump(most int) returns setof public.counters language sql
      as 'update public.counters set n = n + 1 where id <= most returning *'`);
  const atMostTwo = "handling=strict, max-affected=2";
  const bump = async (most: number) => (await member.rpc("bump", { most }).setHeader("Prefer", atMostTwo)).error?.code;
  await expect.poll(() => bump(2)).toBeUndefined();
  expect(await bump(3)).toBe("PGRST124");
  const [row] = await sql`select max(n) from public.counters`;
  await sql.end();
  expect(row).toEqual({ max: 1 });
});

test("statements common to all requests are prepared, those of clients are not", async () => {
  await member.from("things").select("id").eq("id", 1);
  const statements = (await member.rpc("prepared")).data as unknown as string[];
  expect(statements.filter((text) => text.includes("set_config"))).not.toEqual([]);
  expect(statements.filter((text) => text.includes("things"))).toEqual([]);
});

test("rows of another table are embedded as in PostgREST", async () => {
  const chat = member.schema("chat");
  const { data: room } = await chat.rpc("create_group_room", { name: "Tea" });
  await chat.from("messages").insert({ room_id: room.id, content: "Hello" });
  // A partial unique index on room_id makes no relation one-to-one, and realtime.messages is another table.
  const found = await chat.from("rooms").select("room_members(user_id), messages(content)").eq("id", room.id);
  expect(found.data).toEqual([{ room_members: [{ user_id: userId }], messages: [{ content: "Hello" }] }]);
  const back = await chat.from("messages").select("rooms(name)").eq("room_id", room.id);
  expect(back.data).toEqual([{ rooms: { name: "Tea" } }]);
});

test("row-level security, grants and column grants hold", async () => {
  const anonymous = appClient({ stack: stack.status });
  expect((await anonymous.from("things").select()).error?.code).toBe("42501");
  const other = appClient({ stack: stack.status });
  await other.auth.signUp({ email: "bob@example.com", password: "secret-123" });
  expect((await other.from("things").select()).data).toEqual([]);
  const forged = await other.from("things").insert({ owner_id: userId, data: {} });
  expect(forged.error?.code).toBe("42501");
  expect((await other.from("things").delete().gt("id", 0)).error?.code).toBe("42501");
  expect((await other.schema("chat_private" as "public").from("settings").select()).error).not.toBeNull();
  const sql = database(stack.status);
  const grants = await sql`select grantee, privilege_type from information_schema.table_privileges
    where table_name = 'things' and grantee in ('anon', 'authenticated', 'service_role')`;
  expect(grants).toEqual([{ grantee: "authenticated", privilege_type: "SELECT" }]);
  await sql.end();
});

test("an error raised in SQL is an HTTP response", async () => {
  const { error, status } = await member.rpc("missing");
  expect([status, error]).toEqual([
    404,
    expect.objectContaining({
      code: "PT404",
      message: "thing_not_found",
      details: "No such thing.",
      hint: "Look again.",
    }),
  ]);
});

test("a violated check → 400", async () => {
  const { error, status } = await member.from("things").insert({ amount: 2000000 });
  expect([status, error]).toMatchObject([400, {
    code: "23514",
    message: 'new row for relation "things" violates check constraint "things_amount_check"',
  }]);
});

test("an update or delete without a filter is refused", async () => {
  const { error } = await member.from("things").update({ data: null });
  expect(error?.code).toBe("21000");
});

test("a key is required, and pages of any origin are allowed", async () => {
  const url = `${stack.status.api_url}/rest/v1/things`;
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, { headers: { apikey: "sb_publishable_guessed" } })).status).toBe(401);
  const preflight = await fetch(url, {
    method: "OPTIONS",
    headers: {
      "Origin": "https://app.example",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "apikey,content-profile",
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toBe("apikey,content-profile");
  expect((await fetch(url)).headers.get("access-control-allow-origin")).toBe("*");
});

test("a body of more than 10 MB is refused", async () => {
  const { status } = await fetch(`${stack.status.api_url}/rest/v1/rpc/echo`, {
    method: "POST",
    headers: { "apikey": stack.status.publishable_key, "Content-Type": "application/json" },
    body: JSON.stringify({ value: "x".repeat(11 * 1024 * 1024) }),
  });
  expect(status).toBe(413);
});

/** Reads the member's rows with this token; returns the result. */
async function readWith(authorization: string): Promise<[number, string | undefined]> {
  const headers = { apikey: stack.status.publishable_key, authorization };
  const response = await fetch(`${stack.status.api_url}/rest/v1/things`, { headers });
  const body = await response.json();
  return [response.status, body.code ?? response.headers.get("www-authenticate") ?? undefined];
}

test("an invalid, expired or endless token is refused, and acts as no one", async () => {
  const { data: { session } } = await member.auth.getSession();
  const secret = new TextEncoder().encode(stack.status.jwt_secret);
  const claims = { sub: userId, role: "authenticated", aud: "authenticated" };
  const sign = (jwt: SignJWT) => jwt.setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(secret);
  for (
    const [token, code] of [
      ["garbage", "PGRST301"],
      ["", "PGRST301"],
      ["a.b", "PGRST301"],
      ["a.b.c", "PGRST301"],
      ["a.b.c.d", "PGRST301"],
      ["..", "PGRST301"],
      ["sb_publishable_of_another_project", "PGRST301"],
      [`${session!.access_token.slice(0, -4)}AAAA`, "PGRST301"],
      [await sign(new SignJWT(claims).setExpirationTime("-1 min")), "PGRST303"],
      [await sign(new SignJWT(claims)), "PGRST303"],
    ] as const
  ) expect([token, await readWith(`Bearer ${token}`)]).toEqual([token, [401, code]]);
  for (const scheme of ["Bearer", "bearer", "BEARER"]) {
    expect([scheme, (await readWith(`${scheme} ${session!.access_token}`))[0]]).toEqual([scheme, 200]);
  }
  expect((await readWith(`Bearer ${stack.status.publishable_key}`))[0]).toBe(401);
});

test("an object for an argument that is no JSON is its text", async () => {
  const object = { toString: null, valueOf: null };
  const { data } = await member.rpc("texts", { one: object, several: ["a", object] }).throwOnError();
  expect(data).toEqual([JSON.stringify(object), ["a", JSON.stringify(object)]]);
});

test("too deep nesting → 400", async () => {
  const { data: { session } } = await member.auth.getSession();
  const headers = {
    "apikey": stack.status.publishable_key,
    "authorization": `Bearer ${session!.access_token}`,
    "content-type": "application/json",
  };
  const send = async (path: string, body?: string) => {
    const response = await fetch(`${stack.status.api_url}/${path}`, { method: body ? "POST" : "GET", headers, body });
    await response.text();
    return response.status;
  };
  const list = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const object = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
  for (const nested of [list, object]) {
    expect(await send("rest/v1/rpc/echo", `{"value": ${nested(100)}}`)).toBe(200);
    for (const depth of [1000, 10_000, 200_000]) {
      expect([depth, await send("rest/v1/rpc/echo", `{"value": ${nested(depth)}}`)]).toEqual([depth, 400]);
      expect([depth, await send("rest/v1/things", `{"data": ${nested(depth)}}`)]).toEqual([depth, 400]);
      const signUp = `{"email": "deep@example.com", "password": "a long secret", "data": ${nested(depth)}}`;
      expect([depth, await send("auth/v1/signup", signUp)]).toEqual([depth, 400]);
    }
  }
  expect(await send("rest/v1/rpc/echo", JSON.stringify({ value: list(1000) }))).toBe(200);
  for (const depth of [100, 1000]) {
    const select = "things(".repeat(depth) + "id" + ")".repeat(depth);
    expect([depth, await send(`rest/v1/things?select=${select}`)]).toEqual([depth, 400]);
    const condition = "and(".repeat(depth) + "id.eq.1" + ")".repeat(depth);
    expect([depth, await send(`rest/v1/things?or=(${condition})`)]).toEqual([depth, 400]);
  }
});
