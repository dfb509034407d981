import { Change, isCounted, type Payload } from "./change.ts";
import { CLOSE, type Close } from "./close_codes.ts";
import type { Connection } from "./connection.ts";
import { Told } from "./known_messages.ts";
import { Members } from "./members.ts";
import { Attendance, readOnline } from "./online_members.ts";
import { Order } from "./reorder_buffer.ts";
import { Recent } from "./replay_buffer.ts";
import { Upstream } from "./room_subscription.ts";
import { isRefusal, type Page, readPage } from "./sync.ts";
import { Typists } from "./typing.ts";

const BREATHS = 5;

/** A room with its sockets in this worker. It hears the room's events once and hands them on, in order of version. */
export class Room {
  readonly connections = new Set<Connection>();
  readonly upstream = new Upstream({
    hear: (event, payload) => this.#hear(event, payload),
    present: (keys) => this.#attendance.present(keys),
    joined: () => this.#catchUp(),
    cut: () => {
      this.#attendance.cut();
      void this.#order.catchUp();
    },
  });
  readonly #tell = (change: Change, but?: Connection) => this.tell(change, but);
  readonly #members: Members;
  readonly #attendance: Attendance;
  readonly #typists: Typists;
  readonly #order: Order;
  readonly #told = new Told();
  #recent: Recent;
  #isDeleted = false;

  constructor(readonly id: number, public topic: string, version: number) {
    this.#recent = new Recent(version);
    this.#members = new Members(id, () => [...this.connections][0]?.claims);
    const member = (user: string) => this.#members.claimed({ user_id: user });
    this.#attendance = new Attendance({ id, read: () => this.#readOnline(), member, connections: this.connections });
    const broadcast = (payload: Payload) => this.upstream.broadcast("typing", payload);
    this.#typists = new Typists({ tell: this.#tell, broadcast }, this.#members);
    this.#order = new Order({
      isEmpty: () => this.connections.size === 0,
      read: (since) => this.#read(since),
      apply: (change) => this.#apply(change),
      breathe: () => this.#breathe(),
      skipTo: (version) => this.#recent = new Recent(version),
    }, version);
    this.upstream.listen(topic);
  }

  /** Sends a socket what it missed, as fast as it takes that, and from then on what happens. */
  async join(connection: Connection): Promise<void> {
    this.expect(connection.admittedAt);
    if (connection.since === undefined) await this.#welcome(connection);
    for (let isLive = false; !isLive && connection.isOpen; await connection.drained()) {
      if (connection.version < this.#recent.since) await this.#sendPage(connection);
      else isLive = this.#sendRecent(connection);
    }
    if (connection.isOpen) await this.#attendance.opened(connection, () => this.#isFirst(connection));
  }

  /** To be said when a socket has gone. */
  left(connection: Connection): void {
    this.connections.delete(connection);
    this.#typists.left(connection);
  }

  /** The person of a socket types, or has stopped. */
  type(connection: Connection, isTyping: boolean): Promise<void> {
    return this.#typists.said(connection, isTyping);
  }

  /** Tells all sockets something that has no version, but for one. */
  tell(change: Change, but?: Connection): void {
    for (const connection of this.connections) {
      if (connection !== but && connection.isLive) connection.tell(change);
    }
  }

  /** Somebody knows that the room has got so far. */
  expect(version: number): void {
    this.#order.expect(version);
  }

  /** Follows the room to a topic, unless it is one that it has left behind. */
  move(topic: string): void {
    if (epochOf(topic) <= epochOf(this.topic)) return;
    this.topic = topic;
    this.upstream.listen(topic);
  }

  stop(): void {
    this.#order.stop();
    this.#attendance.stop();
    this.#typists.stop();
    this.upstream.stop();
  }

  async #welcome(connection: Connection): Promise<void> {
    try {
      connection.version = await connection.protocol.welcome?.(connection) ?? connection.version;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      connection.close(CLOSE.notMember);
    }
  }

  async #sendPage(connection: Connection): Promise<void> {
    const page = await readPage(connection.claims, this.id, connection.version);
    if (!page) return connection.close(CLOSE.notMember);
    while (!connection.deliverSome(page.changes)) await connection.drained();
    connection.version = Math.max(connection.version, page.version);
  }

  /** Says whether the socket has everything, and goes on with what happens. */
  #sendRecent(connection: Connection): boolean {
    const missed = this.#recent.after(connection.version);
    // They may have been removed since they were admitted.
    const end = this.#recent.after(connection.admittedAt).map((change) => endOf(change, connection)).find(Boolean);
    if (end) connection.close(end);
    if (this.#isDeleted) connection.close(CLOSE.roomDeleted);
    return connection.isLive = connection.isOpen && connection.deliverSome(missed);
  }

  /** Gives sockets time to send when one of them is behind, but not for ever. */
  async #breathe(): Promise<void> {
    const isOneBehind = () => [...this.connections].some((connection) => connection.isBehind);
    for (let turn = 0; turn < BREATHS && isOneBehind(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Reads as any of those who are here. */
  async #read(since: number): Promise<Page | undefined> {
    for (;;) {
      const [reader] = this.connections;
      const page = reader && await readPage(reader.claims, this.id, since, { share: `room:${this.id}` });
      if (page) this.move(page.topic);
      if (page || !reader) return page;
      this.#cutOff(reader.claims.sub);
    }
  }

  #catchUp(): void {
    void this.#order.catchUp();
    void this.#attendance.refresh();
  }

  #readOnline(): Promise<Payload[] | null | undefined> {
    const [reader] = this.connections;
    return reader ? readOnline(reader.claims, this.id) : Promise.resolve(undefined);
  }

  #isFirst({ claims }: Connection): boolean {
    return [...this.connections].filter((connection) => connection.claims.sub === claims.sub).length === 1;
  }

  #hear(event: string, payload: Payload): void {
    if (event === "room.moved") return this.move(payload.topic);
    if (event === "room.deleted") return this.#end();
    if (event === "typing") return void this.#typists.heard(payload);
    if (event === "user.status") return this.#attendance.heard(payload);
    const change = new Change(event, payload);
    if (isCounted(event)) this.#order.take(change);
    else this.tell(change);
  }

  #apply(change: Change): void {
    this.#recent.add(change);
    const { message } = change.payload;
    change.isFirst = message !== undefined && this.#told.add(message.seq) && change.event === "message.updated";
    for (const connection of this.connections) {
      const end = endOf(change, connection);
      if (end) connection.close(end);
      else if (connection.isLive) connection.deliver(change);
    }
    if (change.event.startsWith("member.") || change.payload.slug) this.#members.changed();
    if (change.event === "message.created") this.#typists.sent(message.sender_number);
  }

  #end(): void {
    this.#isDeleted = true;
    this.#closeWhere(() => true, CLOSE.roomDeleted);
  }

  #cutOff(user: string): void {
    this.#closeWhere(({ claims }) => claims.sub === user, CLOSE.notMember);
  }

  #closeWhere(isMeant: (connection: Connection) => boolean, close: Close): void {
    for (const connection of this.connections) if (isMeant(connection)) connection.close(close);
  }
}

/** How a change ends a socket that was opened before it. */
function endOf({ event, version, payload }: Change, { claims, protocol, admittedAt }: Connection): Close | undefined {
  if (version <= admittedAt) return undefined;
  if (event === "member.left" && payload.user_id === claims.sub) return CLOSE.notMember;
  return event === "room.updated" && payload.slug && protocol.byName ? CLOSE.renamed : undefined;
}

const epochOf = (topic: string) => Number(topic.split(":")[2]);
