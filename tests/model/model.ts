import {
  type Change,
  type Message,
  type MessageKey,
  type Role,
  type Room,
  type Switches,
  type User,
} from "./things.ts";

/** A refusal of the database, by its stable name. */
export class Refusal extends Error {}

const RANK: Record<Role, number> = { member: 0, admin: 1, owner: 2 };

function refuse(name: string): never {
  throw new Refusal(name);
}

/** How many messages of others, up to a seq, a member has not read and still could. */
export function unread({ messages, members }: Room, user: User, last = messages.length): number {
  const { read } = members.get(user)!;
  return messages.filter(({ seq, sender, deleted }) => seq > read && seq <= last && sender !== user && !deleted).length;
}

/** The messages that mention a member, also by mentioning all. */
export function mentionsOf({ messages, members }: Room, user: User): Message[] {
  const { since } = members.get(user)!;
  return messages.filter(({ seq, sender, all, mentioned }) =>
    mentioned.has(user) || all && sender !== user && seq > since
  );
}

/** What rooms do, in memory: the rules of the database once more, as briefly as possible. */
export class Model {
  readonly rooms: Room[] = [];
  #made = 0;
  #time = 0;

  find = (key: number): Room | undefined => this.rooms.find((room) => room.key === key);

  createDirect(user: User, other: User): number {
    if (user === other) refuse("invalid_members");
    const present = this.rooms.find(({ kind, members }) =>
      kind === "direct" && members.has(user) && members.has(other)
    );
    if (present) return present.key;
    const room = this.#make("direct", "", false);
    this.#enter(room, [user, other], "member");
    return room.key;
  }

  createGroup(user: User, name: string, others: User[], isPublic: boolean): number {
    if (!name.trim()) refuse("rooms_name_check");
    const room = this.#make("group", name, isPublic);
    this.#enter(room, [user], "owner");
    this.#enter(room, others, "member", this.#time);
    return room.key;
  }

  update(user: User, key: number, change: { name?: string; description?: string; isPublic?: boolean }): void {
    const { room } = this.#require(user, key, "admin");
    if (change.name !== undefined && !change.name.trim()) refuse("rooms_name_check");
    this.#change(room, change);
  }

  switch(user: User, key: number, switches: Switches): void {
    this.#change(this.#require(user, key, "admin").room, { switches });
  }

  deleteRoom(user: User, key: number): void {
    const { room } = this.#require(user, key, this.find(key)?.kind === "direct" ? "member" : "owner");
    this.#drop(room);
  }

  join(user: User, key: number): void {
    const room = this.find(key);
    if (room?.members.has(user)) return;
    if (!room?.isPublic) refuse("room_not_found");
    this.#enter(room, [user], room.members.size === 0 ? "owner" : "member");
  }

  leave(user: User, key: number): void {
    this.#exit(this.#requireGroup(user, key).room, user);
  }

  add(user: User, key: number, others: User[]): void {
    const { room } = this.#requireGroup(user, key);
    this.#enter(
      this.#require(user, key, room.switches.inviting === "admins" ? "admin" : "member").room,
      others,
      "member",
    );
  }

  remove(user: User, key: number, other: User): void {
    const { room } = this.#requireGroup(user, key);
    const target = room.members.get(other);
    if (user !== other) {
      const { member } = this.#require(user, key, "admin");
      if (target && target.role !== "member" && member.role !== "owner") refuse("role_required");
      if (!target) refuse("member_not_found");
    }
    this.#exit(room, other);
  }

  setRole(user: User, key: number, other: User, role: Role): void {
    this.#requireGroup(user, key);
    const { room, member } = this.#require(user, key, "owner");
    const target = room.members.get(other) ?? refuse("member_not_found");
    if (user === other && role !== "owner") refuse("owner_required");
    if (target.role === role) return;
    if (role === "owner") this.#record(room, "member.updated", `${user} ${member.role = "admin"}`);
    this.#record(room, "member.updated", `${other} ${target.role = role}`);
  }

  send(
    user: User,
    key: number,
    content: string,
    clientId: string | null,
    reply: number | null,
    mentions: readonly User[] = [],
    isForAll = false,
  ): void {
    const { room } = this.#require(user, key);
    const first = this.#first(user, clientId);
    // A repeated send depends only on what was sent first.
    if (first) {
      if (first.room !== room || said(first.message) !== digest(content, reply, null, mentions, isForAll)) {
        refuse("client_id_reused");
      }
      return;
    }
    this.#permit(room, user, "posting");
    if (reply !== null && reply > room.messages.length) refuse("message_not_found");
    if (!mentions.every((other) => room.members.has(other))) refuse("member_not_found");
    if (!content.trim()) refuse("messages_content_check");
    this.#say(user, room, { content, clientId, reply, mentions, all: isForAll });
  }

  forward(user: User, from: MessageKey, key: number, clientId: string | null): void {
    const first = this.#first(user, clientId);
    // A forwarded message stays so, whatever happens to the original.
    if (first) {
      const { forwarded } = first.message;
      const isSame = first.room.key === key && forwarded?.room === from.room && forwarded.seq === from.seq;
      if (!isSame) refuse("client_id_reused");
      return;
    }
    const { message: original } = this.#visible(user, from);
    if (original.deleted) refuse("message_not_found");
    const { room } = this.#require(user, key);
    this.#permit(room, user, "posting");
    const { content, sender } = original;
    this.#say(user, room, { content, clientId, forwarded: { ...from, content, sender } });
  }

  edit(
    user: User,
    key: MessageKey,
    content: string,
    wanted: readonly User[] | null = null,
    everyone: boolean | null = null,
  ): void {
    const { room, message } = this.#visible(user, key);
    if (message.deleted) refuse("message_not_found");
    if (message.sender !== user) refuse("sender_required");
    const [mentions, all] = [wanted ?? message.mentions, everyone ?? message.all];
    // Who has left stays mentioned.
    if (!mentions.every((other) => room.members.has(other) || message.mentions.includes(other))) {
      refuse("member_not_found");
    }
    const isMentioningOthers = all !== message.all || mentions.join() !== message.mentions.join();
    if (content === message.content && !isMentioningOthers) return;
    this.#permit(room, user, "posting");
    if (!content.trim()) refuse("messages_content_check");
    message.first = said(message);
    Object.assign(message, { content, mentions, all, edited: true, version: ++room.version });
    if (isMentioningOthers) this.#mention(room, message);
  }

  deleteMessage(user: User, key: MessageKey): void {
    const { room, message } = this.#visible(user, key);
    this.#require(user, room.key, message.sender === user ? "member" : "admin");
    if (message.deleted) return;
    message.first = said(message);
    Object.assign(message, { content: "", deleted: true, version: ++room.version });
    if (message.forwarded) message.forwarded = { ...message.forwarded, content: null, sender: null };
    Object.assign(message, { reactions: new Map(), reacted: null, mentions: [], all: false, mentioned: new Set() });
    this.#unpin(room, message.seq);
  }

  react(user: User, key: MessageKey, emoji: string): void {
    const { room, message } = this.#visible(user, key);
    if (!isEmoji(emoji)) refuse("invalid_emoji");
    if (message.deleted) refuse("message_not_found");
    this.#permit(room, user);
    const who = message.reactions.get(emoji) ?? new Set();
    if (who.has(user)) return;
    message.reactions.set(emoji, who.add(user));
    message.reacted = ++room.version;
  }

  unreact(user: User, key: MessageKey, emoji: string): void {
    const { room, message } = this.#visible(user, key);
    if (!isEmoji(emoji)) refuse("invalid_emoji");
    const who = message.reactions.get(emoji);
    if (!who?.delete(user)) return;
    if (who.size === 0) message.reactions.delete(emoji);
    message.reacted = ++room.version;
  }

  pin(user: User, key: MessageKey): void {
    const { room, message } = this.#visible(user, key);
    if (message.deleted) refuse("message_not_found");
    this.#permit(room, user, "pinning");
    if (room.pins.has(message.seq)) return;
    room.pins.set(message.seq, user);
    this.#record(room, "message.pinned", `#${message.seq} ${user}`);
  }

  unpin(user: User, key: MessageKey): void {
    const { room, message } = this.#visible(user, key);
    if (room.pins.has(message.seq)) this.#permit(room, user, "pinning");
    this.#unpin(room, message.seq);
  }

  read(user: User, key: number, seq: number | null): void {
    const { room, member } = this.#require(user, key);
    member.read = Math.max(member.read, Math.min(seq ?? Infinity, room.messages.length));
    member.delivered = Math.max(member.delivered, member.read);
  }

  deliver(user: User, key: number, seq: number | null): void {
    const { room, member } = this.#require(user, key);
    member.delivered = Math.max(member.delivered, Math.min(seq ?? Infinity, room.messages.length));
  }

  /** A stranger's room does not exist; a public one is refused as not joined. */
  #require(user: User, key: number, minimum: Role = "member") {
    const room = this.find(key) ?? refuse("room_not_found");
    const member = room.members.get(user) ?? refuse(room.isPublic ? "not_a_member" : "room_not_found");
    if (RANK[member.role] < RANK[minimum]) refuse("role_required");
    return { room, member };
  }

  /** An admin does everything; a member what the switches permit. */
  #permit({ members, switches }: Room, user: User, what?: "posting" | "pinning"): void {
    if (members.get(user)!.role !== "member") return;
    if (switches.locked) refuse("room_locked");
    if (what && switches[what] === "admins") refuse("role_required");
  }

  #requireGroup(user: User, key: number) {
    const found = this.#require(user, key);
    return found.room.kind === "group" ? found : refuse("direct_room_fixed");
  }

  #visible(user: User, { room: key, seq }: MessageKey) {
    const room = this.find(key);
    const message = room?.members.has(user) ? room.messages[seq - 1] : undefined;
    return room && message ? { room, message } : refuse("message_not_found");
  }

  /** Each of a user's client ids stands for one message forever. */
  #first(user: User, id: string | null): { room: Room; message: Message } | undefined {
    if (id === null) return undefined;
    for (const room of this.rooms) {
      const message = room.messages.find(({ sender, clientId }) => sender === user && clientId === id);
      if (message) return { room, message };
    }
  }

  #change(room: Room, change: Partial<Room>): void {
    const shown = () => {
      const { posting, inviting, pinning, locked } = room.switches;
      return [room.name, room.description, room.isPublic, posting, inviting, pinning, locked].join(", ");
    };
    const before = shown();
    Object.assign(room, change);
    if (shown() !== before) this.#record(room, "room.updated", shown());
  }

  #make(kind: Room["kind"], name: string, isPublic: boolean): Room {
    const room: Room = {
      key: ++this.#made,
      kind,
      name,
      isPublic,
      description: "",
      switches: { posting: "everyone", inviting: "admins", pinning: "everyone", locked: false },
      version: 0,
      members: new Map(),
      messages: [],
      pins: new Map(),
      changes: [],
    };
    this.rooms.push(room);
    return room;
  }

  #enter(room: Room, users: User[], role: Role, joined = ++this.#time): void {
    const read = room.messages.length;
    for (const user of users.filter((user) => !room.members.has(user))) {
      room.members.set(user, { role, joined, read, delivered: read, since: read });
      this.#record(room, "member.joined", `${user} ${role}`);
    }
  }

  #exit(room: Room, user: User): void {
    const { role } = room.members.get(user)!;
    room.members.delete(user);
    for (const { mentioned } of room.messages) mentioned.delete(user);
    this.#record(room, "member.left", `${user} ${room.members.size}`);
    if (room.members.size === 0 && !room.isPublic) this.#drop(room);
    if (role === "owner") this.#succeed(room);
  }

  /** The longest-standing admin, or else member, succeeds an owner. */
  #succeed(room: Room): void {
    const [next] = [...room.members].sort(([name, one], [otherName, other]) =>
      RANK[other.role] - RANK[one.role] || one.joined - other.joined || name.localeCompare(otherName)
    );
    if (next) this.#record(room, "member.updated", `${next[0]} ${next[1].role = "owner"}`);
  }

  #drop(room: Room): void {
    this.rooms.splice(this.rooms.indexOf(room), 1);
    for (const message of this.rooms.flatMap(({ messages }) => messages)) {
      if (message.forwarded?.room === room.key) message.forwarded = { ...message.forwarded, room: 0 };
    }
  }

  #say(sender: User, room: Room, said: Pick<Message, "content" | "clientId"> & Partial<Message>): void {
    const [seq, version] = [room.messages.length + 1, ++room.version];
    const message: Message = {
      seq,
      version,
      sender,
      reply: null,
      forwarded: null,
      edited: false,
      deleted: false,
      reactions: new Map(),
      reacted: null,
      mentions: [],
      all: false,
      mentioned: new Set(),
      ...said,
    };
    room.messages.push(message);
    this.#mention(room, message);
    const member = room.members.get(sender)!;
    // A member without unread messages has read what they send themselves.
    const isUpToDate = unread(room, sender, seq - 1) === 0;
    if (isUpToDate || member.delivered === seq - 1) member.delivered = seq;
    if (isUpToDate) member.read = seq;
  }

  #mention({ members }: Room, message: Message): void {
    const { mentions, all, sender } = message;
    message.mentioned = new Set(all ? [] : mentions.filter((user) => user !== sender && members.has(user)));
  }

  #unpin(room: Room, seq: number): void {
    if (room.pins.delete(seq)) this.#record(room, "message.unpinned", `#${seq}`);
  }

  #record(room: Room, event: Change["event"], about: string): void {
    room.changes.push({ version: ++room.version, event, about });
  }
}

const isEmoji = (text: string) => /^\p{Emoji_Presentation}$/u.test(text);

/** What a key was first used for. */
const digest = (
  content: string,
  reply: number | null,
  from: MessageKey | null,
  mentions: readonly User[],
  isForAll: boolean,
) =>
  JSON.stringify([content, reply, from && from.room > 0 ? [from.room, from.seq] : null, mentions.toSorted(), isForAll]);

const said = ({ first, content, reply, forwarded, mentions, all }: Message) =>
  first ?? digest(content, reply, forwarded, mentions, all);
