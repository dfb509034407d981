import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, inject } from "vitest";
import { database } from "../../support/clients.ts";

interface Result {
  code: number;
  output: string;
  errors: string;
}

interface RunSettings {
  /** Kills it. */
  signal?: AbortSignal;
  env?: Record<string, string>;
}

/** A room as it is here; people are named by their ids there. */
export interface Room {
  id: number;
  name: string;
  kind: string;
  is_public: boolean;
  members: string[];
  messages: Record<string, unknown>[];
}

/** Imports exports under a name of its own: test files run in parallel on one database. */
export async function exported(name: string) {
  const sql = database();
  const folder = await mkdtemp(join(tmpdir(), "parley-exports-"));
  afterAll(async () => {
    const rooms = await sql`
      select target_id as id from chat_private.imported_rows as imported join chat_private.imports on imports.id = import_id
      where imported.kind = 'room' and imports.name like ${`${name}%`} order by 1`;
    const people = await sql`select id from auth.users where raw_app_meta_data ->> 'imported_from' like ${`${name}%`}`;
    // One by one: the jobs lock rows of several rooms, in an order of their own, and so does the deletion of several people.
    for (const { id } of rooms) await sql`delete from chat.rooms where id = ${id}`;
    for (const { id } of people) await sql`delete from auth.users where id = ${id}`;
    await sql`delete from chat_private.imports where imports.name like ${`${name}%`}`;
    await sql.end();
    await rm(folder, { recursive: true });
  });

  const rooms = (as: string): Promise<Room[]> =>
    sql`
      select rooms.id::integer, rooms.name, rooms.kind, is_public, description,
        (select ${source(sql)} from auth.users where id = created_by) as owner,
        (
          select jsonb_agg(${
      source(sql)
    } || case when room_members.role = 'member' then '' else ' ' || room_members.role::text end order by ${source(sql)})
          from chat.room_members join auth.users on users.id = user_id where room_id = rooms.id
        ) as members,
        (
          select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'seq', messages.seq, 'sender', ${
      source(sql)
    }, 'at', messages.created_at at time zone 'UTC', 'text', messages.content,
            'answers', original.content, 'edited', messages.edited_at at time zone 'UTC',
            'deleted', messages.deleted_at at time zone 'UTC',
            'imported', messages.metadata -> 'imported', 'reactions', nullif(messages.reactions, '{}'), 'pinned', (select true from chat.pins where message_id = messages.id)
          )) order by messages.seq), '[]')
          from chat.messages left join chat.messages as original on original.id = messages.reply_to_id
          left join auth.users on users.id = messages.sender_id
          where messages.room_id = rooms.id
        ) as messages
      from chat.rooms join chat_private.imported_rows as imported on imported.target_id = rooms.id and imported.kind = 'room'
      join chat_private.imports on imports.id = import_id and imports.name = ${as}
      order by rooms.created_at, rooms.kind` as unknown as Promise<Room[]>;

  return {
    sql,
    folder,
    write: async (file: string, content: string) => {
      await writeFile(join(folder, file), content);
      return join(folder, file);
    },
    /** Runs the import; waits for one of another file. */
    async run(format: string, file: string, ...rest: (string | RunSettings)[]): Promise<Result> {
      const options = rest.filter((option) => typeof option === "string");
      const settings = rest.find((option) => typeof option === "object");
      const named = options.includes("--name") ? options : ["--name", name, ...options];
      for (;;) {
        const result = await runImport([format, file, ...named], settings);
        if (!result.errors.includes("Another import into this database is running")) return result;
        await sleep(100);
      }
    },
    /** The imported rooms with everything in them, in order. */
    rooms: (as = name) => rooms(as),
    /** The same without the ids here. */
    shown: async (as = name) => (await rooms(as)).map(({ id: _, ...room }) => room),
    /** The imported people, by their ids there. */
    people: async (as = name): Promise<Record<string, Record<string, unknown>>> => {
      const found = await sql`
        select ${source(sql)} as id, first_name, last_name, addresses.email
        from auth.users join chat.profiles using (id)
        left join chat_private.imported_addresses as addresses on addresses.user_id = users.id where raw_app_meta_data ->> 'imported_from' = ${as}`;
      return Object.fromEntries(found.map(({ id, ...person }) => [id, person]));
    },
  };
}

const source = (sql: ReturnType<typeof database>) => sql`(users.raw_app_meta_data ->> 'source_id')`;

function runImport(options: string[], { signal, env }: RunSettings = {}): Promise<Result> {
  const command = ["run", "-A", "scripts/import.ts", "--db-url", inject("status").db_url, ...options];
  return new Promise((resolve) => {
    const settings = { env: { ...process.env, NO_COLOR: "1", ...env }, signal, killSignal: "SIGKILL" as const };
    execFile("node_modules/.bin/deno", command, settings, (error, output, errors) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors });
    });
  });
}
