import type { Found, Recognised } from "./recognise.ts";
import { literal, quoted } from "./sources/source.ts";

/** A column of a model as a text, under the name of what it is; null where the model has none. */
function text(model: Found | undefined, alias: string, field: string, as = field): string {
  const column = model?.columns[field];
  return column === undefined ? `null as ${quoted(as)}` : `cast(${alias}.${quoted(column)} as text) as ${quoted(as)}`;
}

/** A column as it is, to compare and to order by. */
const raw = (model: Found, alias: string, field: string) => `${alias}.${quoted(model.columns[field]!)}`;

const from = (model: Found, alias: string) => `from ${quoted(model.table)} as ${alias}`;

/** True in both dialects: booleans of PostgreSQL, and the numbers of SQLite. */
const holds = (model: Found, alias: string, field: string) =>
  `cast(${raw(model, alias, field)} as text) in ('1', 'true', 't')`;

/** How many rows a model has. */
export const countOf = (model: Found) => `select cast(count(*) as text) as count ${from(model, "t")}`;

/** Its lowest and its highest id. */
export const idsOf = (model: Found) =>
  `select cast(min(${raw(model, "t", "id")}) as text) as low, cast(max(${raw(model, "t", "id")}) as text) as high ${
    from(model, "t")
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
    ${profile ? `left join ${quoted(profile.table)} as f on ${raw(profile, "f", "person")} = ${id}` : ""}
    order by ${id}`;
}

/** The friendships, as ids of people: some backends join profiles. */
export function friendsOf({ friend, profile }: Recognised["models"]): string {
  const side = (field: "owner" | "friend", alias: string) =>
    profile && /profile/.test(friend!.columns[field]!)
      ? {
        id: text(profile, alias, "person", field),
        join: `join ${quoted(profile.table)} as ${alias} on ${raw(profile, alias, "id")} = ${raw(friend!, "t", field)}`,
      }
      : { id: text(friend, "t", field), join: "" };
  const [owner, other] = [side("owner", "o"), side("friend", "f")];
  return `select ${owner.id}, ${other.id} ${from(friend!, "t")} ${owner.join} ${other.join}`;
}

/** The posts in the order of their ids. */
export function postsOf({ post, profile }: Recognised["models"]): string {
  const p = post!;
  const isOfProfile = profile && /profile/.test(p.columns.author!);
  const author = isOfProfile ? text(profile, "f", "person", "author") : text(p, "p", "author");
  return `
    select ${["id", "title", "content", "created_at"].map((field) => text(p, "p", field)).join()}, ${author}
    ${from(p, "p")}
    ${isOfProfile ? `join ${quoted(profile.table)} as f on ${raw(profile, "f", "id")} = ${raw(p, "p", "author")}` : ""}
    order by ${raw(p, "p", "id")}`;
}

/** The tokens that were ended: simplejwt keeps what they say beside them. */
export const endedTokensOf = ({ endedToken }: Recognised["models"]): string => `
  select cast(o.jti as text) as jti, cast(o.expires_at as text) as expires_at
  ${from(endedToken!, "t")}
  join token_blacklist_outstandingtoken as o on o.id = ${raw(endedToken!, "t", "token")}`;

/** The rooms in the order of their ids, each with the number of its messages. */
export function roomsOf({ room, message }: Recognised["models"]): string {
  const fields = ["id", "type", "is_group", "name", "description", "owner", "created_at"];
  return `
    select ${fields.map((field) => text(room, "r", field)).join()}, (
      select cast(count(*) as text) ${from(message!, "m")} where ${raw(message!, "m", "room")} = ${
    raw(room!, "r", "id")
  }
    ) as messages
    ${from(room!, "r")}
    order by ${raw(room!, "r", "id")}`;
}

/** Which rooms: those whose ids are not outside of these. */
export interface Range {
  first: string;
  last: string;
}

const within = (model: Found, alias: string, field: string, { first, last }: Range) =>
  `${raw(model, alias, field)} between ${first} and ${last}`;

/** The members of rooms. Rows of a dump have no id. */
export function membersOf({ member }: Recognised["models"], range: Range): string {
  const m = member!;
  const fields = ["id", "room", "person", "role", "is_admin", "joined_at"];
  return `select ${fields.map((field) => text(m, "m", field)).join()} ${from(m, "m")}
    where ${within(m, "m", "room", range)}${"id" in m.columns ? ` order by ${raw(m, "m", "id")}` : ""}`;
}

/** The messages of rooms, in the order of their ids, with what they forward. */
export function messagesOf({ message }: Recognised["models"], range: Range): string {
  const m = message!;
  const fields = [
    "id",
    "room",
    "sender",
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
    select ${fields.map((field) => text(m, "m", field)).join()},
      ${isForwarding ? text(m, "o", "sender", "forwarded_sender") : "null as forwarded_sender"},
      ${isForwarding ? text(m, "o", "text", "forwarded_text") : "null as forwarded_text"}
    ${from(m, "m")}
    ${isForwarding ? `left join ${quoted(m.table)} as o on ${raw(m, "o", "id")} = ${raw(m, "m", "forwarded")}` : ""}
    where ${within(m, "m", "room", range)}
    order by ${raw(m, "m", "room")}, ${raw(m, "m", "id")}`;
}

/** How far people have read, by marks. */
export const marksOf = ({ mark }: Recognised["models"], range: Range): string => `
  select ${["room", "person", "message"].map((field) => text(mark, "t", field)).join()} ${from(mark!, "t")}
  where ${within(mark!, "t", "room", range)}`;

/** How far people have read and received, by the states of single messages. */
export function statusesOf({ status, message }: Recognised["models"], range: Range): string {
  const [s, m] = [status!, message!];
  const last = (field: string) =>
    field in s.columns
      ? `cast(max(case when ${holds(s, "s", field)} then ${raw(m, "m", "id")} end) as text) as ${quoted(field)}`
      : `null as ${quoted(field)}`;
  return `
    select ${text(m, "m", "room")}, ${text(s, "s", "person")}, ${last("read")}, ${last("delivered")}
    ${from(m, "m")} join ${quoted(s.table)} as s on ${raw(s, "s", "message")} = ${raw(m, "m", "id")}
    where ${within(m, "m", "room", range)}
    group by ${raw(m, "m", "room")}, ${raw(s, "s", "person")}`;
}

/** The pins of rooms. */
export function pinsOf({ pin, message }: Recognised["models"], range: Range): string {
  const [p, m] = [pin!, message!];
  const fields = ["id", "message", "person", "pinned_at"];
  return `
    select ${fields.map((field) => text(p, "p", field)).join()}, ${text(m, "m", "room")}
    ${from(p, "p")} join ${quoted(m.table)} as m on ${raw(m, "m", "id")} = ${raw(p, "p", "message")}
    where ${within(m, "m", "room", range)}
    order by ${raw(p, "p", "id")}`;
}

/** All forwards: the ids of the messages and of their originals. */
export const forwardsOf = ({ message }: Recognised["models"]): string => `
  select ${text(message, "m", "id")}, ${text(message, "m", "forwarded")} ${from(message!, "m")}
  where ${raw(message!, "m", "forwarded")} is not null`;

/** The conversations in the order of their ids. */
export const conversationsOf = ({ conversation }: Recognised["models"]): string => `
  select ${
  ["id", "owner", "title", "archived", "created_at", "updated_at"].map((field) => text(conversation, "c", field)).join()
} ${from(conversation!, "c")} order by ${raw(conversation!, "c", "id")}`;

/** The messages of some conversations, or their questions and answers, in order. */
export function turnsOf({ turn, exchange }: Recognised["models"], ids: string[]): string {
  const model = (turn ?? exchange)!;
  const fields = turn
    ? ["id", "conversation", "role", "content", "metadata", "created_at"]
    : ["id", "conversation", "message", "response", "created_at"];
  return `select ${fields.map((field) => text(model, "t", field)).join()} ${from(model, "t")}
    where ${raw(model, "t", "conversation")} in (${ids.map((id) => /^\d+$/.test(id) ? id : literal(id)).join()})
    order by ${raw(model, "t", "id")}`;
}
