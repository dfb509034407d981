// Some backends have no table for what follows from others: the rooms of messages from one person to another, the members of
// rooms, the conversations of questions. Each gets a statement that gives its rows.
import type { Found, Recognised } from "./recognise.ts";
import { baseOf, quoted, type Table } from "./sources/source.ts";

type Models = Recognised["models"];

/** Names of the two columns of a room that say whose private chat it is. */
const PAIRS = [
  ["user1", "user2"],
  ["user_1", "user_2"],
  ["user_one", "user_two"],
  ["user_a", "user_b"],
  ["first", "second"],
  ["first_user", "second_user"],
  ["first_person", "second_person"],
  ["participant1", "participant2"],
  ["participant_1", "participant_2"],
  ["member1", "member2"],
  ["sender", "receiver"],
  ["initiator", "receiver"],
  ["from_user", "to_user"],
];
/** One of two people who made or change a room is not one of the two who talk in it. */
const MAKERS = /^(created_by|creator|owner|host|admin|author|updated_by|last_|deleted_by)/;

/** What a derived model has for its columns: those of its statement have the names of what they are. */
const derived = (table: string, title: string, names: string[], rows: string, like?: Found): Found => ({
  table,
  title,
  columns: Object.fromEntries(names.map((name) => [name, name])),
  profiles: like?.profiles.length ? names.filter((name) => ["person", "owner"].includes(name)) : [],
  references: {},
  unused: [],
  rows,
});

/** The two columns of a table that name people, if it has two. */
function pairOf(
  { columns, references }: Pick<Table, "columns" | "references">,
  people: string[],
): string[] | undefined {
  const named = PAIRS.map((pair) => pair.map((name) => columns.find((column) => baseOf(column) === name)));
  const found = named.find((pair) => pair.every((column) => column !== undefined)) as string[] | undefined;
  if (found) return found;
  const referring = columns.filter((column) => people.includes(references[column]!) && !MAKERS.test(column));
  return referring.length === 2 ? referring : undefined;
}

const tablesOfPeople = ({ person, profile }: Models) =>
  [person, profile].flatMap((found) => found ? [found.table] : []);

/** Whether the rows of a table are private chats of two people, whom two of its columns name. */
export const isPairs = (table: Table, models: Models) => pairOf(table, tablesOfPeople(models)) !== undefined;

/** Messages from one person to another: each two who write to each other have a room, with the id of its first message. */
export function roomsOfPairs(message: Found): Models {
  const { id, sender, created_at } = message.columns as Record<string, string>;
  const [from, to] = [`t.${quoted(sender!)}`, `t.${quoted(message.receiver!)}`];
  const low = `case when ${from} < ${to} then ${from} else ${to} end`;
  const high = `case when ${from} < ${to} then ${to} else ${from} end`;
  // An id may be a UUID, of which PostgreSQL knows no lowest.
  const rows =
    `select t.*, ${low} as parley_low, ${high} as parley_high, case when ${from} is not null and ${to} is not null
      then first_value(t.${quoted(id!)}) over (partition by ${low}, ${high} order by t.${
      quoted(id!)
    }) end as parley_room
    from ${quoted(message.table)} as t`;
  const rooms = `select parley_room as id, parley_low as low, parley_high as high,
      ${created_at ? `min(${quoted(created_at)})` : "null"} as created_at
    from (${rows}) as written where parley_room is not null group by parley_room, parley_low, parley_high`;
  return {
    message: { ...message, columns: { ...message.columns, room: "parley_room" }, rows },
    room: {
      ...derived(`${message.table}, one for each two people`, "rooms", ["id", "created_at"], rooms),
      isDirect: true,
    },
    member: derived(
      `${message.table}, who write to each other`,
      "members",
      ["room", "person"],
      `select id as room, low as person from (${rooms}) as r union select id, high from (${rooms}) as r`,
      message,
    ),
  };
}

/** The members of rooms that have no table of them: the two whom a room names, or those who have written. */
export function membersOfRooms(models: Models): Found {
  const { room, message } = models as { room: Found; message: Found };
  const columns = [...Object.values(room.columns), ...room.unused];
  const pair = room.isDirect ? pairOf({ columns, references: room.references }, tablesOfPeople(models)) : undefined;
  const id = quoted(room.columns.id!);
  const from = (found: Found) => found.rows ? `(${found.rows})` : quoted(found.table);
  if (pair) {
    const rows = pair.map((column) =>
      `select ${id} as room, ${quoted(column)} as person from ${from(room)} as r where ${quoted(column)} is not null`
    );
    room.unused = room.unused.filter((column) => !pair.includes(column));
    const isOfProfile = pair.some((column) => room.references[column] === models.profile?.table);
    return derived(
      `${pair.join(" and ")} of ${room.table}`,
      "members",
      ["room", "person"],
      rows.join(" union "),
      isOfProfile ? { ...room, profiles: pair } : undefined,
    );
  }
  const [place, sender] = [quoted(message.columns.room!), quoted(message.columns.sender!)];
  const written = `select ${place} as room, ${sender} as person from ${from(message)} as m
    where ${sender} is not null and ${place} is not null`;
  const isSame = room.columns.owner && message.profiles.includes("sender") === room.profiles.includes("owner");
  const owned = `select ${id}, ${quoted(room.columns.owner ?? "")} from ${from(room)} as r
    where ${quoted(room.columns.owner ?? "")} is not null`;
  return {
    ...derived(
      `${message.table}: those who have written`,
      "members",
      ["room", "person"],
      isSame ? `${written} union ${owned}` : written.replace("select", "select distinct"),
      message,
    ),
    note: "no table has the members of rooms: those are members who have written",
  };
}

/** Messages that name people and rooms by their names and not by their ids. */
export function namedReferences(models: Models): Found {
  const { person, room, message } = models as { person: Found; room: Found; message: Found };
  const isName = (field: string) => {
    const column = message.columns[field]!;
    return message.isTyped === true && !(column in message.references) && !/_id$|^parley_/.test(column);
  };
  const [isRoomNamed, isSenderNamed] = [isName("room"), isName("sender") && "username" in person.columns];
  if (!isRoomNamed && !isSenderNamed) return message;
  const [id, table] = [quoted(room.columns.id!), quoted(room.table)];
  const ids = `select cast(${id} as text) as name, ${id} as id from ${table}`;
  const named = [room.columns.name, room.unused.find((column) => column === "slug")].filter((column) =>
    column !== undefined
  );
  // A room may be called like the id of another.
  const names = named.map(quoted).map((column) =>
    `select ${column}, ${id} from ${table} where ${column} not in (select cast(${id} as text) from ${table})`
  );
  const rooms = `select name, min(id) as id from (${[ids, ...names].join(" union all ")}) as named group by name`;
  const people = `select ${quoted(person.columns.username!)} as name, ${quoted(person.columns.id!)} as id
    from ${quoted(person.table)}`;
  const join = (isNamed: boolean, field: string, rows: string) =>
    isNamed ? `left join (${rows}) as ${field} on ${field}.name = t.${quoted(message.columns[field]!)}` : "";
  const columns = {
    ...message.columns,
    ...(isRoomNamed && { room: "parley_room" }),
    ...(isSenderNamed && { sender: "parley_sender", sender_name: message.columns.sender! }),
  };
  return {
    ...message,
    columns,
    rows: `select t.*${isRoomNamed ? ", room.id as parley_room" : ""}${
      isSenderNamed ? ", sender.id as parley_sender" : ""
    }
      from ${quoted(message.table)} as t ${join(isRoomNamed, "room", rooms)} ${join(isSenderNamed, "sender", people)}`,
  };
}

/** Questions of a person without a conversation: each person has one. */
export function conversationsOfOwners(exchange: Found): Models {
  const { owner, ...columns } = exchange.columns as Record<string, string>;
  const { created_at } = columns;
  const time = (which: string) => created_at ? `${which}(t.${quoted(created_at)})` : "null";
  const rows = `select t.${quoted(owner!)} as id, t.${quoted(owner!)} as owner, ${time("min")} as created_at,
    ${time("max")} as updated_at from ${quoted(exchange.table)} as t where t.${quoted(owner!)} is not null
    group by t.${quoted(owner!)}`;
  return {
    exchange: { ...exchange, columns: { ...columns, conversation: owner! } },
    conversation: derived(
      `${exchange.table}, one for each person`,
      "conversations",
      ["id", "owner", "created_at", "updated_at"],
      rows,
      exchange.profiles.length ? exchange : undefined,
    ),
  };
}
