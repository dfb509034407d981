import type { Found, Recognised } from "./recognise.ts";
import type { ModelName } from "./models.ts";
import { literal, quoted, type Source } from "./sources/source.ts";

/** A column of a model as a text, under the name of what it is; null where the model has none. */
function text(model: Found | undefined, alias: string, field: string, as = field): string {
  const column = model?.columns[field];
  return column === undefined ? `null as ${quoted(as)}` : `cast(${alias}.${quoted(column)} as text) as ${quoted(as)}`;
}

/** The same for a person, whose id may be that of the profile. */
function person(models: Recognised["models"], model: Found, alias: string, field: string, as = field): string {
  const profile = models.profile;
  // A profile without an id of its own has that of the person.
  if (!model.profiles.includes(field) || !profile?.columns.id) return text(model, alias, field, as);
  return `cast((select ${raw(profile, "via", "person")} ${from(profile, "via")}
    where ${raw(profile, "via", "id")} = ${raw(model, alias, field)}) as text) as ${quoted(as)}`;
}

/** A column as it is, to compare and to order by. */
const raw = (model: Found, alias: string, field: string) => `${alias}.${quoted(model.columns[field]!)}`;

type Rows = Pick<Found, "table" | "rows" | "isNewer">;

const allRowsOf = ({ table, rows }: Rows) => rows ? `(${rows})` : quoted(table);

/** The rows, or those of them that are new enough. */
const rowsOf = (model: Rows) =>
  model.isNewer ? `(select n.* from ${allRowsOf(model)} as n where ${model.isNewer("n")})` : allRowsOf(model);

const from = (model: Rows, alias: string) => `from ${rowsOf(model)} as ${alias}`;

const fromAll = (model: Rows, alias: string) => `from ${allRowsOf(model)} as ${alias}`;

/** True in both dialects: booleans of PostgreSQL, the numbers of SQLite, and times of what has happened. */
const holds = (model: Found, alias: string, field: string) =>
  model.columns[field]!.endsWith("_at")
    ? `${raw(model, alias, field)} is not null`
    : `cast(${raw(model, alias, field)} as text) in ('1', 'true', 't')`;

/** How many rows a model has. */
export const countOf = (model: Rows) => `select cast(count(*) as text) as count ${from(model, "t")}`;

/**
 * Reads of the models that have times only what is new or was changed since, and what has no time. Of messages it reads those, too,
 * that nobody has read: their flags are the only read marks of some backends.
 */
export function onlySince(models: Recognised["models"], source: Source, since: Date): Recognised["models"] {
  const limited = (model: Found, more: (alias: string) => string[] = () => []): Found =>
    "created_at" in model.columns
      ? {
        ...model,
        isNewer: (alias) => {
          const changed = ["edited_at", "deleted_at"].filter((field) => field in model.columns);
          const isSince = (field: string, isOtherwise: boolean) =>
            `coalesce(${source.notBefore(raw(model, alias, field), since)}, ${isOtherwise})`;
          const conditions = [isSince("created_at", true), ...changed.map((field) => isSince(field, false))];
          return `(${[...conditions, ...more(alias)].join(" or ")})`;
        },
      }
      : model;
  const { message, turn, exchange, post } = models;
  const unread = (alias: string) =>
    marksKindOf(models) === "flags" ? [`not coalesce(${holds(message!, alias, "is_read")}, false)`] : [];
  return {
    ...models,
    ...(message && { message: limited(message, unread) }),
    ...(turn && { turn: limited(turn) }),
    ...(exchange && { exchange: limited(exchange) }),
    ...(post && { post: limited(post) }),
  };
}

/** What says how far people have read: marks of theirs, flags of messages, or nothing. */
export const marksKindOf = ({ mark, status, message }: Recognised["models"]): "kept" | "flags" | "all" =>
  mark || status ? "kept" : "is_read" in message!.columns ? "flags" : "all";

/** The time of the newest row. */
export const newestOf = (model: Found) =>
  `select cast(max(${raw(model, "t", "created_at")}) as text) as newest ${fromAll(model, "t")}`;

/** Whether a table has no rows. */
export const isEmptyOf = (name: string) =>
  `select case when exists (select 1 from ${quoted(name)}) then '0' else '1' end as is_empty`;

/** How many people have more than one row of profiles. */
export const doubledProfilesOf = (profile: Found) => `
  select cast(count(*) as text) as count from (
    select 1 as one ${from(profile, "t")} group by ${raw(profile, "t", "person")} having count(*) > 1
  ) as doubled`;

/** One of its ids. */
export const sampleOf = (model: Found) => `select ${text(model, "t", "id")} ${from(model, "t")} limit 1`;

/** Its lowest and its highest id. */
export const idsOf = (model: Found) =>
  `select cast(min(${raw(model, "t", "id")}) as text) as low, cast(max(${raw(model, "t", "id")}) as text) as high ${
    fromAll(model, "t")
  }`;

/** The people in the order of their ids, with what their profiles say. */
export function peopleOf({ person, profile, address, google }: Recognised["models"]): string {
  const p = person!;
  const id = raw(p, "p", "id");
  const own = (field: string) =>
    profile && field in profile.columns && !(field in p.columns) ? text(profile, "f", field) : text(p, "p", field);
  const isVerified = address && "email" in p.columns
    ? `(select cast(count(*) as text) ${from(address, "a")} where ${raw(address, "a", "person")} = ${id}
        and lower(${raw(address, "a", "email")}) = lower(${raw(p, "p", "email")}) and ${
      holds(address, "a", "verified")
    })`
    : "'0'";
  const uid = google
    ? `(select max(cast(${raw(google, "g", "uid")} as text)) ${from(google, "g")}
        where ${raw(google, "g", "person")} = ${id} and ${raw(google, "g", "provider")} = 'google')`
    : "null";
  const fields = [
    "id",
    "password",
    "username",
    "email",
    "first_name",
    "last_name",
    "date_joined",
    "last_login",
    "is_active",
    "is_staff",
    "is_superuser",
  ];
  return `
    select ${fields.map((field) => text(p, "p", field)).join()}, ${["bio", "image", "last_seen"].map(own).join()},
      ${isVerified} as is_verified, ${uid} as google
    ${from(p, "p")}
    ${profile ? `left join ${rowsOf(profile)} as f on ${raw(profile, "f", "person")} = ${id}` : ""}
    order by ${p.isUuid && "date_joined" in p.columns ? `${raw(p, "p", "date_joined")}, ` : ""}${id}`;
}

/** Whether both want a friendship, as most backends say it. */
const isFriend = (friend: Found) =>
  "state" in friend.columns
    ? `lower(cast(${
      raw(friend, "t", "state")
    } as text)) in ('accepted', 'accept', 'approved', 'confirmed', 'friend', 'friends', '1', 'true', 't')`
    : "1 = 1";

/** The friendships. */
export const friendsOf = (models: Recognised["models"]): string => `
  select ${person(models, models.friend!, "t", "owner")}, ${person(models, models.friend!, "t", "friend")}
  ${from(models.friend!, "t")} where ${isFriend(models.friend!)}`;

/** What is asked for or refused. */
export const requestsOf = (models: Recognised["models"]): string => `
  select ${person(models, models.friend!, "t", "owner")}, ${person(models, models.friend!, "t", "friend")},
    ${text(models.friend, "t", "state")}
  ${from(models.friend!, "t")} where not coalesce(${isFriend(models.friend!)}, false)`;

/** The posts in the order of their ids. */
export const postsOf = (models: Recognised["models"]): string => `
  select ${["id", "title", "content", "created_at"].map((field) => text(models.post, "p", field)).join()},
    ${person(models, models.post!, "p", "author")}
  ${from(models.post!, "p")}
  order by ${raw(models.post!, "p", "id")}`;

/** The tokens that were ended: simplejwt keeps what they say beside them. */
export const endedTokensOf = ({ endedToken }: Recognised["models"]): string => `
  select cast(o.jti as text) as jti, cast(o.expires_at as text) as expires_at
  ${from(endedToken!, "t")}
  join token_blacklist_outstandingtoken as o on o.id = ${raw(endedToken!, "t", "token")}`;

/** Which page of rows, in the order of their ids: those after an id. */
export interface Page {
  after?: string;
  limit: number;
}

const idLiteral = (id: string) => /^\d{1,18}$/.test(id) ? id : literal(id);

function page(model: Found, alias: string, { after, limit }: Page): string {
  const id = raw(model, alias, "id");
  return `${after === undefined ? "" : `where ${id} > ${idLiteral(after)}`} order by ${id} limit ${limit}`;
}

/** A page of the rooms, each with the number of its messages. */
export function roomsOf(models: Recognised["models"], wanted: Page): string {
  const { room, message } = models;
  const fields = ["id", "is_group", "is_private", "name", "description", "created_at"];
  const [place, id] = [raw(message!, "m", "room"), raw(room!, "r", "id")];
  // What is derived has no index: it is counted once.
  const isDerived = message!.rows !== undefined || message!.isNewer !== undefined;
  const counted = isDerived
    ? `left join (select ${place} as room, count(*) as messages ${
      from(message!, "m")
    } group by ${place}) as c on c.room = ${id}`
    : "";
  const count = isDerived
    ? "coalesce(c.messages, 0)"
    : `(select count(*) ${from(message!, "m")} where ${place} = ${id})`;
  return `
    select ${fields.map((field) => text(room, "r", field)).join()}, ${person(models, room!, "r", "owner")},
      ${room!.isDirect ? "'private' as type" : text(room, "r", "type")}, cast(${count} as text) as messages
    ${from(room!, "r")} ${counted}
    ${page(room!, "r", wanted)}`;
}

/** Which rooms: those whose ids are not outside of these. */
export interface Range {
  first: string;
  last: string;
}

const within = (model: Found, alias: string, field: string, { first, last }: Range) =>
  `${raw(model, alias, field)} between ${idLiteral(first)} and ${idLiteral(last)}`;

/** The members of rooms. Rows of a dump have no id. */
export function membersOf(models: Recognised["models"], range: Range): string {
  const m = models.member!;
  const fields = ["id", "room", "role", "is_admin", "joined_at"];
  return `
    select ${fields.map((field) => text(m, "m", field)).join()}, ${person(models, m, "m", "person")}
    ${from(m, "m")}
    where ${within(m, "m", "room", range)}${"id" in m.columns ? ` order by ${raw(m, "m", "id")}` : ""}`;
}

/**
 * The messages of rooms, in the order of their ids, with what they forward. If only newer ones are read, those that marks and pins
 * name come with them, and all of the rooms that are new here.
 */
export function messagesOf(models: Recognised["models"], range: Range, newRooms: string[] = []): string {
  const m = models.message!;
  const fields = [
    "id",
    "room",
    "text",
    "forwarded",
    "reply",
    "is_edited",
    "edited_at",
    "is_deleted",
    "deleted_at",
    "is_read",
    "created_at",
  ];
  const isForwarding = "forwarded" in m.columns;
  return `
    select ${fields.map((field) => text(m, "m", field)).join()}, ${person(models, m, "m", "sender")},
      ${isForwarding ? person(models, m, "o", "sender", "forwarded_sender") : "null as forwarded_sender"},
      ${isForwarding ? text(m, "o", "text", "forwarded_text") : "null as forwarded_text"}
    ${fromAll(m, "m")}
    ${isForwarding ? `left join ${allRowsOf(m)} as o on ${raw(m, "o", "id")} = ${raw(m, "m", "forwarded")}` : ""}
    where ${within(m, "m", "room", range)}${isRead(models, range, newRooms)}
    order by ${raw(m, "m", "room")}, ${raw(m, "m", "id")}`;
}

/** Where a message comes in its room: its id, or its time where the ids have no order. */
const placed = (message: Found) => message.isUuid && "created_at" in message.columns ? "created_at" : "id";

function isRead(models: Recognised["models"], range: Range, newRooms: string[]): string {
  const { mark, status, pin } = models;
  const m = models.message!;
  if (!m.isNewer) return "";
  const conditions = [m.isNewer("m")];
  if (newRooms.length > 0) conditions.push(`${raw(m, "m", "room")} in (${newRooms.map(idLiteral).join()})`);
  const isNamed = (model: Found, where = "") =>
    `cast(${raw(m, "m", "id")} as text) in (select cast(${raw(model, "t", "message")} as text) ${
      from(model, "t")
    } ${where})`;
  if (mark) conditions.push(isNamed(mark, `where ${within(mark, "t", "room", range)}`));
  if (pin) conditions.push(isNamed(pin));
  for (const field of status ? ["read", "delivered"].filter((field) => field in status.columns) : []) {
    conditions.push(`(${raw(m, "m", "room")}, ${raw(m, "m", placed(m))}) in (
      select ${raw(m, "x", "room")}, max(${raw(m, "x", placed(m))})
      ${fromAll(m, "x")} join ${rowsOf(status!)} as s on ${raw(status!, "s", "message")} = ${raw(m, "x", "id")}
      where ${within(m, "x", "room", range)} and ${holds(status!, "s", field)}
      group by ${raw(m, "x", "room")}, ${raw(status!, "s", "person")})`);
  }
  return ` and (${conditions.join(" or ")})`;
}

/** How far people have read, by marks. */
export function marksOf(models: Recognised["models"], range: Range): string {
  const [t, m] = [models.mark!, models.message!];
  const place = placed(m) === "id"
    ? text(t, "t", "message")
    : `(select ${text(m, "m", "created_at", "place")} ${fromAll(m, "m")}
      where ${raw(m, "m", "id")} = ${raw(t, "t", "message")}) as message`;
  return `
    select ${text(t, "t", "room")}, ${place}, ${person(models, t, "t", "person")}
    ${from(t, "t")}
    where ${within(t, "t", "room", range)}`;
}

/** How far people have read and received, by the states of single messages. */
export function statusesOf(models: Recognised["models"], range: Range): string {
  const [s, m] = [models.status!, models.message!];
  const last = (field: string) =>
    field in s.columns
      ? `cast(max(case when ${holds(s, "s", field)} then ${raw(m, "m", placed(m))} end) as text) as ${quoted(field)}`
      : `null as ${quoted(field)}`;
  return `
    select ${text(m, "m", "room")}, ${person(models, s, "s", "person")}, ${last("read")}, ${last("delivered")}
    ${fromAll(m, "m")} join ${rowsOf(s)} as s on ${raw(s, "s", "message")} = ${raw(m, "m", "id")}
    where ${within(m, "m", "room", range)}
    group by ${raw(m, "m", "room")}, ${raw(s, "s", "person")}`;
}

/** The pins of rooms. */
export function pinsOf(models: Recognised["models"], range: Range): string {
  const [p, m] = [models.pin!, models.message!];
  const fields = ["id", "message", "pinned_at"];
  return `
    select ${fields.map((field) => text(p, "p", field)).join()}, ${person(models, p, "p", "person")},
      ${text(m, "m", "room")}
    ${from(p, "p")} join ${allRowsOf(m)} as m on ${raw(m, "m", "id")} = ${raw(p, "p", "message")}
    where ${within(m, "m", "room", range)}
    order by ${raw(p, "p", "id")}`;
}

/** All forwards: the ids of the messages and of their originals. */
export const forwardsOf = ({ message }: Recognised["models"]): string => `
  select ${text(message, "m", "id")}, ${text(message, "m", "forwarded")} ${from(message!, "m")}
  where ${raw(message!, "m", "forwarded")} is not null`;

/** Rows of a model that lead to a row of another one which does not exist: their ids, or where they are, and what they name. */
export function lostRowsOf(models: Recognised["models"], name: ModelName, field: string, other: ModelName): string {
  const [model, target] = [models[name]!, models[other]!];
  const [column, id] = [raw(model, "t", field), raw(target, "x", "id")];
  return `
    select ${text(model, "t", "id" in model.columns ? "id" : "room", "id")}, ${text(model, "t", field, "named")}
    ${from(model, "t")} where not exists (select 1 ${from(target, "x")} where ${id} = ${column})`;
}

/** Messages whose senders have no account, by whose names they are. */
export const namelessOf = ({ message }: Recognised["models"]): string => `
  select ${text(message, "m", "id")}, ${text(message, "m", "sender_name", "named")} ${from(message!, "m")}
  where ${raw(message!, "m", "sender")} is null and ${raw(message!, "m", "sender_name")} is not null`;

/** A page of the conversations. */
export const conversationsOf = (models: Recognised["models"], wanted: Page): string => `
  select ${
  ["id", "title", "archived", "created_at", "updated_at"].map((field) => text(models.conversation, "c", field)).join()
}, ${person(models, models.conversation!, "c", "owner")}
  ${from(models.conversation!, "c")}
  ${page(models.conversation!, "c", wanted)}`;

/** The messages of some conversations, or their questions and answers, in order: all of them, or of those that are not new the newer. */
export function turnsOf({ turn, exchange }: Recognised["models"], ids: string[], newOnes: string[] = []): string {
  const model = (turn ?? exchange)!;
  const fields = turn
    ? ["id", "conversation", "role", "content", "metadata", "created_at"]
    : ["id", "conversation", "message", "response", "created_at"];
  const isIn = (some: string[]) => `${raw(model, "t", "conversation")} in (${some.map(idLiteral).join()})`;
  const isNew = newOnes.length > 0 ? ` or ${isIn(newOnes)}` : "";
  return `select ${fields.map((field) => text(model, "t", field)).join()} ${fromAll(model, "t")}
    where ${isIn(ids)}${model.isNewer ? ` and (${model.isNewer("t")}${isNew})` : ""}
    order by ${raw(model, "t", "id")}`;
}
