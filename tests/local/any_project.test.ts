import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { temporaryStack } from "./run.ts";
import { allMigrations, briefMigrations } from "../support/migrations.ts";

// A stack of its own: each test adds Parley to a project that has something of its own, and undoes it all.
let stack: Awaited<ReturnType<typeof temporaryStack>> | undefined;
let admin: postgres.Sql;
let whole: string;
let brief: string;
beforeAll(async () => {
  [whole, brief] = [await allMigrations(), await briefMigrations()];
});

// The catalogs keep what was undone, which makes each test on the same stack slower than the one before.
const TESTS_A_STACK = 4;
let tests = 0;
beforeEach(async () => {
  if (tests++ % TESTS_A_STACK !== 0) return;
  await close();
  stack = await temporaryStack();
  const { admin_password } = JSON.parse(await readFile(join(stack.data, "keys.json"), "utf8"));
  const url = new URL(stack.status.db_url);
  url.username = "supabase_admin";
  url.password = admin_password;
  admin = postgres(url.href, { max: 1, onnotice: () => {} });
});
afterAll(close);

async function close(): Promise<void> {
  await admin?.end();
  await stack?.stop();
}

type Work = (sql: postgres.TransactionSql, migrate: () => Promise<void>) => Promise<void>;

/** A project without Parley; `migrate` adds it, as role postgres. */
async function project(work: Work, migration = brief): Promise<void> {
  const undo = new Error("undone");
  const done = admin.begin(async (sql) => {
    const as = (role: string) => sql.unsafe(`set local role ${role}`);
    await as("postgres");
    // The background jobs wait, instead of holding what is dropped.
    await sql.unsafe("lock table chat_private.jobs").simple();
    await sql.unsafe("drop schema chat, chat_private cascade; drop extension if exists pg_trgm").simple();
    await as("none");
    await work(sql, async () => {
      await as("postgres");
      await sql.unsafe(migration).simple();
      await as("none");
    });
    throw undo;
  });
  await done.catch((error) => {
    if (error !== undo) throw error;
  });
}

const id = "a0000000-0000-0000-0000-00000000000a";

/** Signs somebody up as Auth does. */
const signUp = (sql: postgres.TransactionSql, email = "ann@example.com") =>
  sql.unsafe(`
    set local role supabase_auth_admin;
    insert into auth.users (id, email, raw_user_meta_data) values ('${id}', '${email}', '{"username": "ann"}');
    set local role none;`).simple();

/** Somebody makes a room, writes, edits, finds and deletes. */
async function chat(sql: postgres.TransactionSql): Promise<void> {
  await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${
    JSON.stringify({ sub: id, role: "authenticated" })
  }, true)`;
  const [room] = await sql`select id from chat.create_group_room('Tea')`;
  const [message] = await sql`select id from chat.send_message(${room!.id}, 'Shall we have tea?')`;
  await sql`select from chat.edit_message(${message!.id}, 'Shall we have some tea?')`;
  const found = await sql`select from chat.search_messages('some tea')`;
  expect(found.length).toBe(1);
  await sql`select from chat.delete_message(${message!.id})`;
  await sql`select from chat.leave_room(${room!.id})`;
  await sql`set local role none`;
}

/** Who is granted what of Parley. */
async function grants(sql: postgres.TransactionSql): Promise<string[]> {
  const rows = await sql`
    with objects as (
      select nspname as name, nspacl as acl, nspowner as owner, 'n' as kind from pg_namespace where nspname like 'chat%'
      union all
      select oid::regclass::text, relacl, relowner, case relkind when 'S' then 's' else 'r' end from pg_class
      where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and relkind in ('r', 'S', 'v')
      union all
      select attrelid::regclass || '.' || attname, attacl, null, 'c' from pg_attribute
      join pg_class on pg_class.oid = attrelid
      where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and attacl is not null
      union all
      select oid::regprocedure::text, proacl, proowner, 'f' from pg_proc
      where pronamespace in ('chat'::regnamespace, 'chat_private'::regnamespace)
    )
    select format('%s %s %s', name, grantee::regrole, privilege_type) as grant
    from objects, aclexplode(coalesce(acl, acldefault(kind::"char", owner)))
    order by 1`;
  return rows.map((row) => row.grant);
}

describe("Parley is added to a project", () => {
  test("that has the extensions in public", async () => {
    await project(async (sql, migrate) => {
      await sql`set local role postgres`;
      for (const name of ["pg_trgm", "unaccent", "citext"]) await sql.unsafe(`create extension ${name} schema public`);
      await migrate();
      await signUp(sql);
      await chat(sql);
    });
  });

  test("that has the extensions in a schema of its own, with an odd name", async () => {
    await project(async (sql, migrate) => {
      await sql.unsafe(`set local role postgres; create schema "My Tools"`).simple();
      await sql.unsafe(`create extension pg_trgm schema "My Tools"`);
      await migrate();
      await signUp(sql);
      await chat(sql);
    });
  });

  test("that has tables of the same names, and its own trigger on new accounts", async () => {
    await project(async (sql, migrate) => {
      await sql.unsafe(`
        set local role postgres;
        create table public.profiles (id uuid primary key references auth.users on delete cascade, username text);
        create table public.messages (id bigint primary key, content text);
        create table public.rooms (id bigint primary key);
        create type public.room_kind as enum ('single', 'double');
        create function public.announce(topic text) returns void language sql as '';
        create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
        begin
          insert into public.profiles (id, username) values (new.id, new.raw_user_meta_data ->> 'username');
          return new;
        end $$;
        create trigger on_auth_user_created after insert on auth.users
          for each row execute function public.handle_new_user();`).simple();
      await migrate();
      await signUp(sql);
      await chat(sql);
      expect([...await sql`select username from public.profiles`]).toEqual([{ username: "ann" }]);
      expect([...await sql`select username from chat.profiles where id = ${id}`]).toEqual([{ username: "ann" }]);
      await sql`delete from auth.users where id = ${id}`;
      expect([...await sql`select from public.profiles`]).toEqual([]);
    });
  });

  test("whose own triggers on accounts fail", async () => {
    await project(async (sql, migrate) => {
      await signUp(sql);
      await sql.unsafe(`
        set local role postgres;
        create function public.refuse() returns trigger language plpgsql as $$ begin raise 'No.'; end $$;
        create trigger refuse before insert or update on auth.users for each row execute function public.refuse();`)
        .simple();
      await migrate();
      expect([...await sql`select username from chat.profiles where id = ${id}`]).toEqual([{ username: "ann" }]);
      await chat(sql);
    });
  });

  test("that grants everything it makes to everybody, in public and anywhere", async () => {
    let plain: string[] = [];
    await project(async (sql, migrate) => {
      await migrate();
      plain = await grants(sql);
    });
    expect(plain.length).toBeGreaterThan(100);
    await project(async (sql, migrate) => {
      await sql.unsafe(`
        set local role postgres;
        create role clerk;
        alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
        alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
        alter default privileges grant all on tables to anon, authenticated, service_role, clerk;
        alter default privileges grant select on tables to public;
        alter default privileges grant all on sequences to anon, authenticated;
        alter default privileges grant execute on functions to anon, authenticated, clerk;
        alter default privileges grant execute on functions to service_role with grant option;
        alter default privileges grant usage on schemas to anon;`).simple();
      const defaults = () =>
        sql`select defaclnamespace, defaclobjtype, defaclacl::text[] from pg_default_acl order by 1, 2`;
      const sorted = async () => (await defaults()).map((row) => ({ ...row, defaclacl: row.defaclacl.sort() }));
      const before = await sorted();
      await migrate();
      expect(await grants(sql)).toEqual(plain);
      expect(await sorted()).toEqual(before);
    }, whole);
  });

  test.each(["''", "public, pg_catalog", "auth", "nowhere"])("whose search_path is %s", async (path) => {
    await project(async (sql, migrate) => {
      await sql.unsafe(`
        set local role postgres;
        create function public.lower(text) returns text language sql immutable as $$ select 'shadow' $$;
        create function public.now() returns timestamptz language sql stable as $$ select '2001-01-01'::timestamptz $$;
        create function public.count(bigint) returns bigint language sql immutable as 'select 7::bigint';
        set local search_path = ${path};`).simple();
      await migrate();
      await sql`set local search_path = public`;
      await signUp(sql);
      await chat(sql);
      const [{ username_available }] = await sql`select chat.username_available('ANN')` as postgres.Row[] as [
        postgres.Row,
      ];
      expect(username_available).toBe(false);
    }, path === "''" ? whole : brief);
  });

  test("that publishes all its tables", async () => {
    await project(async (sql, migrate) => {
      await sql`drop publication supabase_realtime`;
      await sql`create publication supabase_realtime for all tables`;
      await migrate();
      await signUp(sql);
      await chat(sql);
      // Without one, Postgres refuses every update and deletion of what is published.
      const unidentified = await sql`
        select oid::regclass::text from pg_class
        where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and relkind = 'r'
          and not exists (select from pg_index where indrelid = pg_class.oid and indisprimary)`;
      expect([...unidentified]).toEqual([]);
    });
  });

  test("that watches its schema with event triggers", async () => {
    await project(async (sql, migrate) => {
      await sql.unsafe(`
        create function public.secure() returns event_trigger language plpgsql as $$
        declare made record;
        begin
          for made in select * from pg_event_trigger_ddl_commands() where object_type = 'table' loop
            execute format('alter table %s enable row level security', made.object_identity);
          end loop;
        end $$;
        create event trigger secure on ddl_command_end when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
          execute function public.secure();`).simple();
      await migrate();
      await signUp(sql);
      await chat(sql);
    });
  });

  test("that has policies of the same kind on Realtime", async () => {
    await project(async (sql, migrate) => {
      await sql.unsafe(`
        set local role postgres;
        create policy "authenticated can receive" on realtime.messages for select to authenticated using (true);
        create policy "authenticated can send" on realtime.messages for insert to authenticated with check (true);`)
        .simple();
      await migrate();
      await signUp(sql);
      await chat(sql);
    });
  });

  test("from which it is removed again without a trace", async () => {
    await project(async (sql, migrate) => {
      const objects = async () =>
        (await sql`
        select (select count(*) from pg_policy where polrelid in ('realtime.messages'::regclass, 'storage.objects'::regclass)) as policies,
          (select count(*) from pg_trigger where tgrelid = 'auth.users'::regclass and not tgisinternal) as triggers`)[
          0
        ];
      const before = await objects();
      await migrate();
      expect(await objects()).not.toEqual(before);
      await sql`set local role postgres`;
      await sql`drop schema chat, chat_private cascade`;
      expect(await objects()).toEqual(before);
      await migrate();
    });
  });

  test("unless that has a schema chat: then the migration is refused whole", async () => {
    await project(async (sql, migrate) => {
      await sql`set local role postgres`;
      await sql`create schema chat`;
      await expect(sql.savepoint(migrate)).rejects.toMatchObject({ message: 'schema "chat" already exists' });
    });
  });
});
