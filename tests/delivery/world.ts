import type { Sql } from "postgres";
import { dataOf } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { newUser, type Service, type User } from "../support/users.ts";
import type { Row } from "./replica.ts";
import { Session } from "./session.ts";

export const names = ["owner", "member", "other", "gone", "stranger"] as const;
export type Name = (typeof names)[number];
/** Where something happens. */
export type Scene = "group" | "elsewhere" | "direct";

/** Users with their sessions, and the rooms in which things happen. */
export class World {
  readonly people = {} as Record<Name, User>;
  /** Two for the owner, and two for the user who joins and leaves. */
  readonly sessions: Session[] = [];
  readonly rooms = {} as Record<Scene, number>;
  /** The result of an action, for a later one. */
  readonly made: Row = {};

  constructor(readonly sql: Sql) {}

  static async open(place: Service, sql: Sql): Promise<World> {
    const world = new World(sql);
    await Promise.all(names.map(async (name) => {
      world.people[name] = await newUser(name, place);
      const open = async () => world.sessions.push(await Session.open(place, name, world.people[name]));
      await open();
      if (name === "owner" || name === "other") await open();
    }));
    return world;
  }

  id = (name: Name) => this.people[name].id;

  #client = (name: Name) => this.of(name)[0]!.connection.supabase;

  /** Calls a function as a user. */
  call = (name: Name, what: string, options: Row): Promise<Row> =>
    dataOf(
      this.#client(name).rpc(what as never, options as never) as unknown as PromiseLike<{ data: Row; error: null }>,
    );

  /** Uploads an announced file as a user. */
  async upload(name: Name, { path, mime_type }: Row, content: string): Promise<void> {
    const { error } = await this.#client(name).storage.from("chat-files").upload(
      path,
      new Blob([content], { type: mime_type }),
      { contentType: mime_type },
    );
    if (error) throw error;
  }

  /** A table of the Data API, as a user. */
  // deno-lint-ignore no-explicit-any
  table = (name: Name, what: string): any => this.#client(name).from(what as "rooms");

  of = (name: Name) => this.sessions.filter((session) => session.name === name);

  /** What a user can read now. */
  readAfresh = (name: Name) => this.of(name)[0]!.readAfresh();

  /** Subscribes every session that may read a topic; returns their users. */
  async listen(topic: string): Promise<Set<Name>> {
    const may = new Set<Name>();
    await Promise.all(this.sessions.map(async (session) => {
      if (await session.listen(topic)) may.add(session.name);
    }));
    return may;
  }

  /** The members of a room. */
  async members(room: number): Promise<Set<Name>> {
    const rows = await this.sql`select user_id from chat.room_members where room_id = ${room}`;
    return new Set(names.filter((name) => rows.some(({ user_id }) => user_id === this.id(name))));
  }

  /** Resolves when every session has received all events sent so far, on every topic, and has handled them. */
  async settled(): Promise<void> {
    const before = this.#listening();
    const awaited = this.sessions.map((session) => ({ ...session, count: session.listening.size }));
    const mark = crypto.randomUUID();
    await this.sql`
      select realtime.send(${this.sql.json({ mark })}, 'mark', topic, true)
      from unnest(${[...new Set(before)]}::text[]) as topic`;
    const late = () => awaited.filter(({ marks, count }) => (marks.get(mark) ?? 0) < count);
    await until(() => Promise.resolve(late().map(({ name }) => name)), (names) => names.length === 0);
    await Promise.all(this.sessions.map((session) => session.idle()));
    if (this.#listening().length > before.length) await this.settled();
  }

  #listening = () => this.sessions.flatMap(({ listening }) => [...listening.keys()]);

  async close(): Promise<void> {
    await Promise.all(this.sessions.map(({ connection }) => connection.close()));
  }
}
