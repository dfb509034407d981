import fc from "fast-check";
import type { Sql } from "postgres";
import { expect } from "vitest";
import { compareInboxes, compareRows, compareSync } from "./agree.ts";
import type { Action, EntryPoint, Names } from "./entry_points.ts";
import { type Model, Refusal } from "./model.ts";
import { type MessageKey, type Role, type Room, type User, USERS } from "./things.ts";

/** The database, and the ways into it. */
export interface Real {
  sql: Sql;
  entryPoints: Record<"sql" | "rest", EntryPoint>;
  names: Names;
  /** Stores the id that a key of the model stands for. */
  bind: (room: number | undefined, id: number | void) => void;
  /** A log for readers. */
  log: string[];
  learn: (messages: Map<string, number>) => void;
}

/** A room, a message or a place in a room, chosen when the step runs; now and then one that does not exist. */
class Where {
  constructor(
    readonly kind: "room" | "message" | "seq",
    readonly at: number,
    readonly place: number,
    readonly isLost: boolean,
  ) {}

  room = ({ rooms }: Model): Room | undefined => this.isLost ? undefined : rooms[this.at % rooms.length];

  from(model: Model, room = this.room(model)): number | MessageKey | null {
    const [key, last] = [room?.key ?? 1, room?.messages.length ?? 0];
    const seq = this.isLost || last === 0 ? last + 1 : 1 + this.place % last;
    if (this.kind === "room") return key;
    if (this.kind === "message") return { room: key, seq };
    return this.isLost || last > 0 ? seq : null;
  }
}

/** A user, chosen when the step runs. */
class Who {
  constructor(readonly kind: "owner" | "sender" | "member" | "anyone", readonly turn: number) {}

  from(room: Room | undefined, message: MessageKey | number | null): User {
    const members = [...room?.members ?? []];
    const owner = members.find(([, { role }]) => role === "owner")?.[0];
    const sender = message && typeof message === "object" ? room?.messages[message.seq - 1]?.sender : undefined;
    const chosen = { owner, sender, member: undefined, anyone: USERS[this.turn] }[this.kind];
    return chosen ?? members[this.turn % members.length]?.[0] ?? USERS[this.turn]!;
  }
}

const MOST_ROOMS = 3;
const clientIds = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
const seldom = (times: number) => fc.nat(times).map((turn) => turn === times);
const where = (kind: Where["kind"]) =>
  fc.tuple(fc.nat(MOST_ROOMS - 1), fc.nat(50), seldom(15)).map(([at, place, lost]) => new Where(kind, at, place, lost));
const who = (...kinds: Who["kind"][]) =>
  fc.tuple(fc.constantFrom(...kinds), fc.nat(USERS.length - 1)).map(([kind, turn]) => new Who(kind, turn));

const user = fc.constantFrom(...USERS);
const users = fc.subarray([...USERS]);
const [room, message, seq] = [where("room"), where("message"), fc.option(where("seq"), { freq: 2 })];
const member = who("member", "member", "member", "anyone");
const leader = who("owner", "owner", "member", "anyone");
const writer = who("sender", "sender", "member", "anyone");
const text = fc.constantFrom("Hello", "Again", "Bye", "Hello", "Again", "Bye", "", " \n");
const emoji = fc.constantFrom("👍", "👍", "🎉", "🎉", "ok");
const client = fc.option(fc.constantFrom(...clientIds), { freq: 2 });
const reply = fc.option(where("seq"), { freq: 3 });
const mentions = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: users });
const mentionsLater = fc.option(users, { freq: 1 });
const role = fc.constantFrom<Role>("member", "admin", "owner");
const change = fc.record({ name: text, description: text, isPublic: fc.boolean() }, { requiredKeys: [] });
const whoMay = fc.constantFrom("everyone", "everyone", "admins");
const switches = fc.record({ posting: whoMay, inviting: whoMay, pinning: whoMay, locked: seldom(2) });

const ARGUMENTS: Record<Action, [weight: number, arguments: fc.Arbitrary<unknown[]>]> = {
  createDirect: [2, fc.tuple(user, user)],
  createGroup: [4, fc.tuple(user, text, users, fc.boolean())],
  update: [3, fc.tuple(leader, room, change)],
  switch: [4, fc.tuple(leader, room, switches)],
  deleteRoom: [1, fc.tuple(leader, room)],
  join: [4, fc.tuple(user, room)],
  leave: [2, fc.tuple(member, room)],
  add: [3, fc.tuple(leader, room, users)],
  remove: [3, fc.tuple(leader, room, member)],
  setRole: [5, fc.tuple(leader, room, member, role)],
  send: [12, fc.tuple(member, room, text, client, reply, mentions, seldom(5))],
  forward: [5, fc.tuple(member, message, room, client)],
  edit: [5, fc.tuple(writer, message, text, mentionsLater, fc.option(seldom(2), { freq: 1 }))],
  deleteMessage: [4, fc.tuple(who("sender", "owner", "member", "anyone"), message)],
  react: [6, fc.tuple(member, message, emoji)],
  unreact: [4, fc.tuple(member, message, emoji)],
  pin: [5, fc.tuple(member, message)],
  unpin: [3, fc.tuple(member, message)],
  read: [3, fc.tuple(member, room, seq)],
  deliver: [2, fc.tuple(member, room, seq)],
};

/** One thing that a user does, or is refused. */
export class Step implements fc.AsyncCommand<Model, Real> {
  constructor(readonly action: Action, readonly args: unknown[], readonly through: "sql" | "rest") {}

  check = (model: Readonly<Model>): boolean =>
    model.rooms.length > 0
      ? !this.action.startsWith("create") || model.rooms.length < MOST_ROOMS
      : /^create/.test(this.action);

  async run(model: Model, real: Real): Promise<void> {
    const args = this.#resolved(model);
    const called = `${this.action}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`;
    const wanted = await outcome(() => call(model, this.action, args));
    const got = await outcome(() => call(real.entryPoints[this.through], this.action, args));
    real.log.push(`${called} through ${this.through}: ${got.refusal ?? "done"}`);
    expect(got.refusal, `the answer to ${called}`).toSatisfy((refusal) => agrees(refusal, wanted.refusal, args));
    if (wanted.refusal === undefined) real.bind(wanted.id, got.id);
    await this.#compare(model, real);
  }

  /** The place comes first, then the user. */
  #resolved(model: Model): unknown[] {
    const place = this.args.find((arg) => arg instanceof Where);
    const [room, key] = [place?.room(model), place?.from(model) ?? 0];
    return this.args.map((arg) => {
      if (arg instanceof Who) return arg.from(room, key);
      if (!(arg instanceof Where)) return arg;
      return arg.kind === "seq" ? arg.from(model, room) : arg.from(model);
    });
  }

  async #compare(model: Model, { sql, names, learn }: Real): Promise<void> {
    learn(await compareRows(sql, model, names));
    await compareInboxes(sql, model, names);
    for (const room of model.rooms) await compareSync(sql, room, names);
  }

  toString = (): string => this.action;
}

// deno-lint-ignore no-explicit-any
const call = (entry: any, action: Action, args: unknown[]) => entry[action](...args);

async function outcome(act: () => unknown): Promise<{ id?: number; refusal?: string }> {
  try {
    return { id: await act() as number | undefined };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error.message };
    throw error;
  }
}

/** Over REST a 400 names a field instead of what SQL raises, and a blank text is refused before any lookup. */
const agrees = (got: string | undefined, wanted: string | undefined, args: unknown[]): boolean =>
  got === wanted ||
  /^400 \{"(text|name)"/.test(got ?? "") && wanted !== undefined && (/_check$/.test(wanted) || args.some(isBlank));

const isBlank = (arg: unknown): boolean =>
  typeof arg === "string" ? !arg.trim() : isBlankName((arg as { name?: unknown } | null)?.name);

const isBlankName = (name: unknown): boolean => typeof name === "string" && !name.trim();

/** Sequences of steps. */
export const steps = (most: number) =>
  fc.commands([
    fc.oneof(
      ...Object.entries(ARGUMENTS).map(([action, [weight, args]]) => ({
        weight,
        arbitrary: fc.tuple(args, fc.constantFrom<"sql" | "rest">("sql", "sql", "sql", "rest"))
          .map(([args, through]) => new Step(action as Action, args, through)),
      })),
    ),
  ], { maxCommands: most, size: "max" });
