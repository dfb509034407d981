import { isCounted, type RoomEvent } from "../../../client/sdk/src/contract/events.ts";
import { Change } from "./change.ts";
import { CLOSE, type Close } from "./close_codes.ts";
import type { Connection } from "./connection.ts";
import { KnownMessages } from "./known_messages.ts";
import { Members } from "./members.ts";
import { type Online, OnlineMembers, readOnline } from "./online_members.ts";
import { closeOf, Refusal } from "./refusal.ts";
import { ReorderBuffer } from "./reorder_buffer.ts";
import { ReplayBuffer } from "./replay_buffer.ts";
import { RoomSubscription } from "./room_subscription.ts";
import { type Page, readPage } from "./sync.ts";
import { Typists } from "./typing.ts";

const MAX_PAUSES = 5;

/** A room with its sockets in this worker. It receives each event once, and passes it on in order of version. */
export class Room {
  readonly connections = new Set<Connection>();
  readonly subscription = new RoomSubscription({
    received: (event) => this.#receive(event),
    receivedTyping: (payload) => void this.#typists.received(payload),
    receivedUnknown: (version) => this.#reorder.expect(version),
    present: (keys) => this.#online.present(keys),
    joined: () => this.#catchUp(),
    cut: () => {
      this.#online.cut();
      void this.#reorder.catchUp();
    },
  });
  readonly #members: Members;
  readonly #online: OnlineMembers;
  readonly #typists: Typists;
  readonly #reorder: ReorderBuffer;
  readonly #known = new KnownMessages();
  #replay: ReplayBuffer;
  #isDeleted = false;

  constructor(readonly id: number, public topic: string, version: number) {
    this.#replay = new ReplayBuffer(version);
    this.#members = new Members(id, () => [...this.connections][0]?.claims);
    const member = (user: string) => this.#members.claimed({ user_id: user });
    this.#online = new OnlineMembers({ id, read: () => this.#readOnline(), member, connections: this.connections });
    this.#typists = new Typists({
      name: () => this.topic,
      sendHere: (change, except) => this.broadcast(change, except),
      broadcast: (typing) => this.subscription.broadcast(typing),
    }, this.#members);
    this.#reorder = new ReorderBuffer({
      isEmpty: () => this.connections.size === 0,
      read: (since) => this.#read(since),
      apply: (change) => this.#apply(change),
      pause: () => this.#pause(),
      skipTo: (version) => this.#replay = new ReplayBuffer(version),
    }, version);
    this.subscription.listen(topic);
  }

  /** Sends a socket the changes it missed, as fast as it reads them, then live changes. */
  async join(connection: Connection): Promise<void> {
    this.expect(connection.admittedAt);
    if (connection.since === undefined) await this.#welcome(connection);
    for (let isLive = false; !isLive && connection.isOpen; await connection.drained()) {
      if (connection.version < this.#replay.since) await this.#sendPage(connection);
      else isLive = this.#sendReplay(connection);
    }
    if (connection.isOpen) await this.#online.opened(connection, () => this.#isFirst(connection));
  }

  /** Called when a socket has closed. */
  left(connection: Connection): void {
    this.connections.delete(connection);
    this.#typists.left(connection);
  }

  /** The person of a socket types, or has stopped. */
  type(connection: Connection, isTyping: boolean): Promise<void> {
    return this.#typists.setTyping(connection, isTyping);
  }

  /** Broadcasts a change without a version to all sockets, except one. */
  broadcast(change: Change, except?: Connection): void {
    for (const connection of this.connections) {
      if (connection !== except && connection.isLive) connection.sendChange(change);
    }
  }

  /** Notes that the room has reached a version. */
  expect(version: number): void {
    this.#reorder.expect(version);
  }

  /** Follows the room to a topic, unless it is older than the current one. */
  move(topic: string): void {
    if (epochOf(topic) <= epochOf(this.topic)) return;
    this.topic = topic;
    this.subscription.listen(topic);
    // One of a direct room may have blocked the other.
    void this.#online.refresh();
  }

  stop(): void {
    this.#reorder.stop();
    this.#online.stop();
    this.#typists.stop();
    this.subscription.stop();
  }

  async #welcome(connection: Connection): Promise<void> {
    try {
      connection.version = await connection.protocol.welcome?.(connection) ?? connection.version;
    } catch (error) {
      const close = closeOf(error);
      if (!close) throw error;
      connection.close(close);
    }
  }

  async #sendPage(connection: Connection): Promise<void> {
    const page = await this.#readAs(connection);
    if (!page) return;
    while (!connection.deliverSome(page.changes)) await connection.drained();
    connection.version = Math.max(connection.version, page.version);
  }

  /** The next page of a socket; undefined when its person may not read it, and the socket is closed. */
  async #readAs(connection: Connection): Promise<Page | undefined> {
    try {
      return await readPage(connection.claims, this.id, connection.version);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      connection.close(error.close);
    }
  }

  /** Returns whether the socket is up to date, and receives live changes. */
  #sendReplay(connection: Connection): boolean {
    const missed = this.#replay.after(connection.version);
    // The member may have been removed since admission.
    const end = this.#replay.after(connection.admittedAt).map((change) => endOf(change, connection)).find(Boolean);
    if (end) connection.close(end);
    if (this.#isDeleted) connection.close(CLOSE.roomDeleted);
    return connection.isLive = connection.isOpen && connection.deliverSome(missed);
  }

  /** Waits for slow sockets, but only briefly. */
  async #pause(): Promise<void> {
    const isOneBehind = () => [...this.connections].some((connection) => connection.isBehind);
    for (let turn = 0; turn < MAX_PAUSES && isOneBehind(); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Reads as any of the members who are connected. */
  async #read(since: number): Promise<Page | undefined> {
    for (;;) {
      const [reader] = this.connections;
      if (!reader) return undefined;
      try {
        const page = await readPage(reader.claims, this.id, since, { share: `room:${this.id}` });
        this.move(page.topic);
        return page;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.#cutOff(reader, error.close);
      }
    }
  }

  #catchUp(): void {
    void this.#reorder.catchUp();
    void this.#online.refresh();
  }

  #readOnline(): Promise<Online | null | undefined> {
    const [reader] = this.connections;
    return reader ? readOnline(reader.claims, this.id) : Promise.resolve(undefined);
  }

  #isFirst({ claims }: Connection): boolean {
    return [...this.connections].filter((connection) => connection.claims.sub === claims.sub).length === 1;
  }

  #receive(event: RoomEvent): void {
    if (event.event === "room.moved") return this.move(event.topic);
    if (event.event === "room.deleted") return this.#end();
    if (event.event === "user.status") return this.#online.received(event);
    const change = new Change(event);
    if (isCounted(event)) this.#reorder.take(change);
    else this.broadcast(change);
  }

  #apply(change: Change): void {
    this.#replay.add(change);
    const { message, content } = change;
    change.isFirst = message !== undefined && this.#known.add(message.seq) && content.event === "message.updated";
    for (const connection of this.connections) {
      const end = endOf(change, connection);
      if (end) connection.close(end);
      else if (connection.isLive) connection.deliver(change);
    }
    if (content.event.startsWith("member.") || content.event === "room.updated" && content.slug) {
      this.#members.changed();
    }
    if (content.event === "message.created") this.#typists.sent(content.message.sender_number);
  }

  #end(): void {
    this.#isDeleted = true;
    this.#closeWhere(() => true, CLOSE.roomDeleted);
  }

  /** Another session of the person may go on when one has ended. */
  #cutOff(reader: Connection, close: Close): void {
    const isAlone = close === CLOSE.sessionEnded;
    this.#closeWhere((other) => other === reader || !isAlone && other.claims.sub === reader.claims.sub, close);
  }

  #closeWhere(isMeant: (connection: Connection) => boolean, close: Close): void {
    for (const connection of this.connections) if (isMeant(connection)) connection.close(close);
  }
}

/** How a change ends a socket that was opened before it. */
function endOf({ content, version }: Change, { claims, protocol, admittedAt }: Connection): Close | undefined {
  if (version <= admittedAt) return undefined;
  if (content.event === "member.left" && content.user_id === claims.sub) return CLOSE.notMember;
  return content.event === "room.updated" && content.slug && protocol.byName ? CLOSE.renamed : undefined;
}

const epochOf = (topic: string) => Number(topic.split(":")[2]);
