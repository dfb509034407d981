import process from "node:process";
import fc from "fast-check";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { database } from "../support/clients.ts";
import { type EntryPoint, type Names, restEntryPoint, sqlEntryPoint } from "./entry_points.ts";
import { Refusal } from "./model.ts";
import { fivePeople, forget, notebook } from "./people.ts";
import { plainWrites } from "./plain_writes.ts";
import { type Role, type User, USERS } from "./things.ts";

const { functions_url, db_url } = inject("status");
const { CROWD_RUNS = "20", MODEL_SEED = "7" } = process.env;
const numRuns = Number(CROWD_RUNS);
/** The room that all are in, and one to forward to; both start with that many messages. */
const [ROOM, OTHER, SEQS] = [1, 2, 6];

const sql = database();
const connections = postgres(db_url, { max: 12, onnotice: () => {} });
let people: Names["people"];
beforeAll(async () => void (people = await fivePeople(sql)));
afterAll(async () => {
  await forget(sql, people);
  await Promise.all([sql.end(), connections.end()]);
});

type Way = "sql" | "rest" | "plain";
/** What one of the crowd does; `at` chooses a message or another user, and makes texts differ. */
type Deed = (entry: EntryPoint, user: User, at: number) => Promise<number | void>;

const KINDS = ["👍", "🎉"];
const place = (at: number) => ({ room: ROOM, seq: 1 + at % SEQS });
const someone = (at: number) => USERS[at % USERS.length]!;
const clientId = (at: number) => `00000000-0000-4000-8000-0000000000${10 + at % 90}`;
const DEEDS: Record<string, Deed> = {
  send: (entry, user, at) => entry.send(user, ROOM, `Said ${at}`, null, null),
  repeat: (entry, user, at) => entry.send(user, ROOM, `Repeated ${at}`, clientId(at % 2), null),
  reply: (entry, user, at) => entry.send(user, ROOM, `Answered ${at}`, null, place(at).seq),
  forward: (entry, user, at) => entry.forward(user, place(at), at % 2 ? ROOM : OTHER, null),
  mention: (entry, user, at) => entry.send(user, ROOM, `Mentioned ${at}`, null, null, [someone(at)], at % 4 === 0),
  mentionLater: (entry, user, at) => entry.edit(user, place(at), `Mentioned ${at}`, [someone(at)], at % 4 === 0),
  edit: (entry, user, at) => entry.edit(user, place(at), `Edited ${at}`),
  delete: (entry, user, at) => entry.deleteMessage(user, place(at)),
  react: (entry, user, at) => entry.react(user, place(at), KINDS[at % 2]!),
  unreact: (entry, user, at) => entry.unreact(user, place(at), KINDS[at % 2]!),
  pin: (entry, user, at) => entry.pin(user, place(at)),
  unpin: (entry, user, at) => entry.unpin(user, place(at)),
  read: (entry, user, at) => entry.read(user, ROOM, at % SEQS),
  readAll: (entry, user) => entry.read(user, ROOM, null),
  join: (entry, user) => entry.join(user, ROOM),
  leave: (entry, user) => entry.leave(user, ROOM),
  add: (entry, user, at) => entry.add(user, ROOM, [someone(at), someone(at + 2)]),
  remove: (entry, user, at) => entry.remove(user, ROOM, someone(at)),
  setRole: (entry, user, at) =>
    entry.setRole(user, ROOM, someone(at), (["member", "admin", "owner"] as Role[])[at % 3]!),
  update: (entry, user, at) => entry.update(user, ROOM, { name: `Named ${at}` }),
  deleteRoom: (entry, user) => entry.deleteRoom(user, ROOM),
};

/** All deeds in parallel: each is done or refused by name. Returns the names of those done. */
async function crowd(deeds: [string, User, number, Way][]): Promise<string[]> {
  const { names, bind, learn } = notebook(people);
  const direct = sqlEntryPoint(connections, names);
  const entryPoints: Record<Way, EntryPoint> = {
    sql: direct,
    rest: restEntryPoint(functions_url, direct, names),
    plain: plainWrites(connections, direct, names),
  };
  for (const key of [ROOM, OTHER]) bind(key, await direct.createGroup("ann", `Room ${key}`, [...USERS], true));
  for (let seq = 1; seq <= SEQS; seq++) await direct.send(someone(seq), ROOM, `Message ${seq}`, null, null);
  const rows = await sql`select seq, id from chat.messages where room_id = ${names.room(ROOM)}`;
  learn(new Map(rows.map(({ seq, id }) => [`${ROOM}#${seq}`, Number(id)])));

  const results = await Promise.allSettled(
    deeds.map(([deed, user, at, through], index) => DEEDS[deed]!(entryPoints[through], user, at + 100 * index)),
  );
  const outcomes = results.map((result, index) => {
    const [deed, user, at] = deeds[index]!;
    return [deed, user, at, result.status === "fulfilled" ? "done" : result.reason] as const;
  });
  const faults = outcomes.filter(([, , , end]) =>
    end !== "done" && !(end instanceof Refusal && !/^5/.test(end.message))
  );
  expect(faults, "what is neither done nor refused").toEqual([]);
  const done = outcomes.filter(([, , , end]) => end === "done").map(([deed]) => deed);
  await inspect(names.room(ROOM), done.filter((deed) => /^edit|Later$/.test(deed)).length);
  return done;
}

/** Invariants of a room, whatever was done in parallel. `edits` is how often messages were changed. */
async function inspect(room: number, edits: number): Promise<void> {
  const [found] = await sql`
    select version::integer, last_seq::integer, member_count,
      array(select seq::integer from chat.messages where room_id = rooms.id order by seq) as seqs,
      array(select version::integer from chat.messages where room_id = rooms.id) as said,
      array(select version::integer from chat.room_changes where room_id = rooms.id) as changed,
      (select seq::integer from chat.messages where id = last_message_id) as last,
      (select count(*)::integer from chat.messages where room_id = rooms.id and deleted_at is not null) as deletions,
      (select count(*)::integer from chat.room_members where room_id = rooms.id) as members,
      (select count(*)::integer from chat.room_members where room_id = rooms.id and role = 'owner') as owners,
      (
        select count(*)::integer from chat.room_members where room_id = rooms.id
          and not (0 <= last_read_seq and last_read_seq <= last_delivered_seq and last_delivered_seq <= last_seq)
      ) as wrong_marks,
      (
        select count(*)::integer from chat.room_members as members where room_id = rooms.id
          and own_after_read <> (
            select count(*) from chat.messages where room_id = rooms.id and sender_id = members.user_id
              and seq > members.last_read_seq and deleted_at is null
          )
      ) as wrong_counts,
      (select coalesce(sum(count), 0)::integer from chat_private.tombstones where room_id = rooms.id) as tombstones,
      (
        select count(*)::integer from (
          select created_at < lag(created_at) over (order by seq) as is_early from chat.messages where room_id = rooms.id
        ) as times where is_early
      ) as early,
      (
        select count(*)::integer from chat.pins as pins join chat.messages as messages on messages.id = message_id
        where pins.room_id = rooms.id and deleted_at is not null
      ) as pinned_tombstones,
      array(
        select reactions_version::integer from chat.messages where room_id = rooms.id and reactions_version is not null
      ) as reacted,
      (
        select count(*)::integer from realtime.messages
        where topic like 'room:' || rooms.id || ':%' and event = 'message.reactions'
      ) as reactions,
      (
        select count(*)::integer from chat.messages as messages where room_id = rooms.id and reactions <> (
          select coalesce(jsonb_object_agg(emoji, count), '{}')
          from (select emoji, count(*) from chat.reactions where message_id = messages.id group by emoji) as kinds
        )
      ) as wrong_reactions,
      (
        select count(*)::integer from chat.mentions as mentions
        left join chat.messages as messages on messages.id = message_id and messages.seq = mentions.seq and not mentions_all
          and messages.mentions @> jsonb_build_array(jsonb_build_object('user_id', mentions.user_id))
        where mentions.room_id = rooms.id and (messages.id is null or messages.sender_id = mentions.user_id)
      ) as wrong_mentions
    from chat.rooms as rooms where id = ${room}`;
  if (!found) return;
  const { version, seqs, said, changed, deletions, members } = found;
  expect(seqs, "seq without holes").toEqual(seqs.map((_: number, index: number) => index + 1));
  expect([found.last_seq, found.last], "the last message").toEqual([seqs.length, seqs.length]);
  const versions = [...said, ...changed, ...found.reacted];
  expect(new Set(versions).size, "versions that differ").toBe(versions.length);
  expect(Math.max(...versions), "the version of the last change").toBe(version);
  expect(said.length + edits + deletions + changed.length + found.reactions, "all that was counted").toBe(version);
  expect([found.member_count, found.owners], "members and owners").toEqual([members, Math.min(members, 1)]);
  expect([found.wrong_counts, found.tombstones, found.early], "counts behind unread, and times against the order")
    .toEqual([0, deletions, 0]);
  expect([found.wrong_marks, found.pinned_tombstones], "wrong marks and pinned tombstones").toEqual([0, 0]);
  expect(found.wrong_reactions, "counts that differ from the reactions").toBe(0);
  expect(found.wrong_mentions, "mentions that their messages do not have").toBe(0);
}

const through = fc.constantFrom<Way>("sql", "plain", "rest");
const deeds = (...names: string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...USERS), fc.nat(99), through), {
    minLength: 30,
    maxLength: 60,
  });
const { deleteRoom: _, ...harmless } = DEEDS;
// Parallel runs differ, so there is nothing to shrink.
const options = { seed: Number(MODEL_SEED), numRuns, endOnFailure: true };
const timeout = 60_000 + numRuns * 5_000;

test(`a room stays consistent when all act in parallel (seed ${MODEL_SEED})`, { timeout }, async () => {
  const done = new Set<string>();
  const property = fc.asyncProperty(deeds(...Object.keys(harmless)), async (deeds) => {
    for (const deed of await crowd(deeds)) done.add(deed);
  });
  await fc.assert(property, options);
  expect([...done].sort(), "deeds that were done").toEqual(Object.keys(harmless).sort());
});

test(`a room can be deleted while all act in it (seed ${MODEL_SEED})`, { timeout }, async () => {
  const property = fc.asyncProperty(deeds(...Object.keys(DEEDS)), fc.nat(20), through, async (deeds, at, through) => {
    await crowd(deeds.toSpliced(at, 0, ["deleteRoom", "ann", 0, through]));
  });
  await fc.assert(property, options);
});
