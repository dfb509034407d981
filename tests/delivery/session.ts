import type { RealtimeChannel } from "@supabase/supabase-js";
import { type Address, dataOf } from "../support/clients.ts";
import { connect } from "../support/connection.ts";
import type { User } from "../support/users.ts";
import { adopt, type Announced, apply, forget, readAfresh, type Replica, type Row } from "./replica.ts";
import type { Name } from "./world.ts";

/**
 * One of a user's apps: it reads everything once, and from then on relies on events. It never unsubscribes, so that it
 * would notice events no longer meant for it.
 */
export class Session {
  /** The events received, with their topics. */
  heard: (Announced & { on: string })[] = [];
  /** The changes that `sync` returned when a room moved to another topic. */
  synced: Announced[] = [];
  /** How often each mark was received; a mark shows that everything sent before it has arrived. */
  readonly marks = new Map<string, number>();
  readonly listening = new Map<string, RealtimeChannel>();
  replica!: Replica;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(readonly name: Name, readonly person: User, readonly connection: ReturnType<typeof connect>) {}

  static async open(place: Address, name: Name, person: User): Promise<Session> {
    const session = new Session(name, person, connect(place, person.token));
    await session.connection.supabase.realtime.setAuth();
    session.replica = await session.readAfresh();
    await session.listen(`user:${person.id}`);
    return session;
  }

  readAfresh = () => readAfresh(this.connection, this.person.id);

  /** Subscribes to a topic; false when that is refused. */
  async listen(topic: string): Promise<boolean> {
    if (this.listening.has(topic)) return true;
    const { supabase } = this.connection;
    const channel = supabase.channel(topic, { config: { private: true } })
      .on("broadcast", { event: "*" }, ({ event, payload }) => this.#hear({ ...payload, event }, topic));
    const status = await new Promise((resolve) => channel.subscribe(resolve));
    if (status === "SUBSCRIBED") this.listening.set(topic, channel);
    else await supabase.removeChannel(channel);
    return status === "SUBSCRIBED";
  }

  /** The names of the events received on topics with this prefix. */
  heardOn = (kind: string) => this.heard.flatMap(({ on, event }) => on.startsWith(kind) ? [event] : []);

  /** Resolves once all events have been handled. */
  async idle(): Promise<void> {
    for (let work; work !== this.#work;) await (work = this.#work);
  }

  #hear(change: Announced, on: string): void {
    if (change.event === "mark") return void this.marks.set(change.mark, (this.marks.get(change.mark) ?? 0) + 1);
    this.heard.push({ ...change, on });
    apply(this.replica, change);
    if (change.event === "room.added") this.#later(() => this.#enter(change.room_id));
    if (change.event === "room.moved") this.#later(() => this.#move(change));
    if (change.event === "room.removed") forget(this.replica, change.room_id);
  }

  #later(work: () => Promise<void>): void {
    this.#work = this.#work.then(work);
  }

  async #enter(room: number): Promise<void> {
    adopt(this.replica, await this.readAfresh(), room);
    const topic = this.replica.rooms.get(room)?.topic;
    if (topic) await this.listen(topic);
  }

  /** Follows a room to its new topic; `sync` returns what was announced there before. */
  async #move({ room_id, topic, version }: Announced): Promise<void> {
    if (!await this.listen(topic)) return;
    const page = await dataOf(this.connection.supabase.rpc("sync", { room_id, since_version: version })) as Row;
    for (const change of page.changes) apply(this.replica, change);
    this.synced.push(...page.changes);
  }
}
