import { Refusal } from "../refusal.ts";
import type { Mapping } from "./mapping.ts";
import { conversationsOfOwners, isPairs, membersOfRooms, namedReferences, roomsOfPairs } from "./derived.ts";
import { type Kind, type Model, type ModelName, MODELS, TARGETS } from "./models.ts";
import { baseOf, type Table } from "./sources/source.ts";

/** A table that was recognised. */
export interface Found {
  table: string;
  title: string;
  /** The columns by what they are. */
  columns: Record<string, string>;
  /** Those of them that name people by their profiles. */
  profiles: string[];
  references: Record<string, string>;
  /** Columns of the table that are not imported. */
  unused: string[];
  /** The statement that gives the rows, where they are not simply those of the table. */
  rows?: string;
  /** Whether a row is new enough to be read, if not all are: a condition on the alias of the table. */
  isNewer?: (alias: string) => string;
  /** Whether rooms are private chats, whatever their columns say. */
  isDirect?: boolean;
  /** What the report says of rows that no table has. */
  note?: string;
  /** The column of messages that says to whom they are, where that makes their rooms. */
  receiver?: string;
  /** Whether the ids are UUIDs. */
  isUuid?: boolean;
  /** Whether the source says what columns refer to: then one that refers to nothing is a text or a number. */
  isTyped?: boolean;
}

export interface Recognised {
  models: Partial<Record<ModelName, Found>>;
  /** Tables that belong neither to Django nor to a known model. */
  unknown: string[];
}

/** Tables of Django and its usual apps that hold nothing of people, rooms or messages. */
const IGNORED =
  /^(django_|sqlite_|auth_(group|permission|user_(groups|user_permissions))|account_emailconfirmation|socialaccount_social(app|token)|token_blacklist_outstandingtoken|authtoken_token|sites_site|admin_logentry|contenttypes_|sessions_session|celery_|django_celery)|_(groups|user_permissions)$/;

const plain = (name: string) => name.replaceAll("_", "");

/**
 * Finds the tables of the models by their columns: names of apps differ from project to project.
 * @throws Refusal that says what a mapping file must settle.
 */
export function recognise(kind: Kind, tables: Table[], mapping: Mapping): Recognised {
  const models: Recognised["models"] = {};
  const taken = new Set<string>();
  const isTyped = tables.some(({ references }) => Object.keys(references).length > 0);
  for (const table of tables) table.isTyped = isTyped;
  const candidates = tables.filter(({ name }) => !IGNORED.test(name));
  checkMapping(kind, tables, mapping);
  for (const [name, model] of Object.entries(MODELS[kind]) as [ModelName, Model][]) {
    const wanted = mapping.tables[name];
    if (wanted === null && name !== "member" || models[name]) continue;
    const own = mapping.columns[name] ?? {};
    const found = wanted === null
      ? []
      : wanted
      ? [match(tables.find(({ name }) => name === wanted)!, name, model, own, models)]
      : candidates.filter((table) => !taken.has(table.name) || name === "mark" && table.name === models.member?.table)
        .map((table) => match(table, name, model, own, models))
        .filter((result) => result.missing.length === 0 && !result.isOther);
    const best = choose(name, model, found);
    if (!best && name === "member") {
      models.member = membersOfRooms(models);
      continue;
    }
    if (!best && name === "room" && models.message?.receiver) {
      Object.assign(models, roomsOfPairs(models.message));
      continue;
    }
    if (!best && model.isRequired) throw new Refusal(missingSentence(name, model, candidates, models));
    if (!best) continue;
    if (best.missing.length > 0) {
      throw new Refusal(`${best.table} is not the table of ${model.title}: it has no ${best.missing.join(", no ")}.`);
    }
    taken.add(best.table);
    models[name] = best;
    derive(name, best, models);
  }
  // Members may have their marks.
  if (models.mark && models.mark.table === models.member?.table) {
    const used = [models.mark, models.member].flatMap(({ columns }) => Object.values(columns));
    for (const found of [models.mark, models.member]) {
      found.unused = found.unused.filter((column) => !used.includes(column));
    }
  }
  return { models, unknown: candidates.map(({ name }) => name).filter((name) => !taken.has(name)) };
}

/** What a table alone does not say: rooms of messages from one to another, members, conversations. */
function derive(name: ModelName, found: Found, models: Recognised["models"]): void {
  if (name === "message") {
    const { receiver, ...columns } = found.columns;
    Object.assign(found, { columns, receiver });
    if (!("room" in columns)) Object.assign(models, roomsOfPairs(found));
  }
  if (name === "room") models.message = namedReferences(models);
  // Their members say who talks in them.
  if (name === "member") delete models.room!.isDirect;
  if (name === "exchange") {
    if ("conversation" in found.columns) delete found.columns.owner;
    else Object.assign(models, conversationsOfOwners(found));
  }
}

function checkMapping(kind: Kind, tables: Table[], mapping: Mapping): void {
  for (const name of [...Object.keys(mapping.tables), ...Object.keys(mapping.columns)]) {
    if (!(name in MODELS[kind])) {
      throw new Refusal(
        `The mapping names "${name}". Of ${kind} it may name: ${Object.keys(MODELS[kind]).join(", ")}.`,
      );
    }
  }
  for (const name of Object.values(mapping.tables)) {
    if (name !== null && !tables.some((table) => table.name === name)) {
      throw new Refusal(`The mapping names the table ${name}, which does not exist.`);
    }
  }
}

interface Match extends Found {
  missing: string[];
  /** A column says that it is something else. */
  isOther: boolean;
  isEmpty?: boolean;
  score: number;
}

function match(
  table: Table,
  name: ModelName,
  model: Model,
  own: Record<string, string>,
  models: Recognised["models"],
): Match {
  const columns: Record<string, string> = {};
  const known: string[] = [];
  for (const [field, names] of Object.entries(model.columns)) {
    const given = own[field];
    if (given !== undefined && !table.columns.includes(given)) {
      throw new Refusal(`The mapping names the column ${given} of ${table.name}, which has no such column.`);
    }
    const free = table.columns.filter((column) => !Object.values(columns).includes(column));
    const fit = TEXTS.includes(field) || name === "exchange" && field === "message" ? free.filter(isText(table)) : free;
    const key = field === "id" && KEYED.includes(name) && !free.includes("id") ? table.key : undefined;
    const named = given ?? key ?? columnNamed(fit, [...names, ...namesOf(field, models)]);
    const column = named ?? columnReferring(free, table, name, field, models);
    if (column !== undefined) columns[field] = column;
    if (named !== undefined) known.push(named);
  }
  const missing = model.needs.filter((group) => group.every((field) => !(field in columns)))
    .map((group) => group.map((field) => model.columns[field]?.[0] ?? field).join(" or "));
  const others = table.columns.filter((column) => !known.includes(column));
  const unused = table.columns.filter((column) => !Object.values(columns).includes(column));
  return {
    table: table.name,
    title: model.title,
    columns,
    profiles: Object.keys(columns).filter((field) => isOfProfile(table, columns[field]!, field, models)),
    unused: unused.filter((column) => column !== "id"),
    missing,
    isOther: !isReferredTo(table, name, models) || !isNamed(table, model) || name === "member" && isMarks(table) ||
      !isMeant(table, name, models) && others.some((column) => model.never?.includes(baseOf(column))) ||
      Object.keys(columns).some((field) => leadsElsewhere(table, columns[field]!, field, models)),
    score: Object.keys(columns).length + bonusOf(table, name, model, models),
    references: table.references,
    ...(table.isEmpty && { isEmpty: true }),
    ...(table.isTyped && { isTyped: true }),
    ...(name === "room" && isPairs(table, models) && { isDirect: true }),
  };
}

/** Models whose ids matter, whatever they are called. */
const KEYED: ModelName[] = ["person", "post", "room", "message", "pin", "conversation", "turn", "exchange"];

/** Whether the names say what a model needs them to say. */
const isNamed = ({ name, columns }: Table, { named }: Model) =>
  named === undefined || [name, ...columns].some((one) => named.test(one));

/** Members may have a read mark each; a table of marks alone says nothing of who has left. */
const isMarks = ({ name, columns }: Table) =>
  columns.some((column) => /^last_(read|seen)_?(message|id)?/.test(column)) &&
  !/member|participant|subscri/i.test(name);

/** What is a text, and no reference. */
const TEXTS = ["text", "content", "response", "role", "title", "name", "description", "bio", "username", "password"];
const isText = ({ references }: Table) => (column: string) => !(column in references) && !column.endsWith("_id");

const columnNamed = (columns: string[], names: string[]) =>
  names.map((name) =>
    columns.find((column) => baseOf(column) === baseOf(name) && (column === "id") === (name === "id"))
  )
    .find((column) => column !== undefined);

/** A reference is often called like the model that it leads to. */
function namesOf(field: string, models: Recognised["models"]): string[] {
  const target = TARGETS[field] && models[TARGETS[field]];
  if (!target) return [];
  return target.table.split("_").map((_, index, parts) => parts.slice(index).join("_"));
}

/** Models that others are not taken for, when a column is found by what it refers to. */
const FOUND_BY_REFERENCE: ModelName[] = [
  "friend",
  "post",
  "message",
  "room",
  "member",
  "turn",
  "exchange",
  "conversation",
];

/** The only column that refers to what is wanted, whatever it is called. */
function columnReferring(
  columns: string[],
  { references }: Table,
  name: ModelName,
  field: string,
  models: Recognised["models"],
): string | undefined {
  const target = FOUND_BY_REFERENCE.includes(name) && field !== "receiver" ? TARGETS[field] : undefined;
  if (!target) return undefined;
  // The two sides of a relation of people to themselves are called after their model.
  const side = name === "friend" ? field === "owner" ? /^from_/ : /^to_/ : /./;
  const wanted = [models[target]?.table, target === "person" ? models.profile?.table : undefined];
  const referring = columns.filter((column) => side.test(column) && wanted.includes(references[column] ?? ""));
  return referring.length === 1 ? referring[0] : undefined;
}

/** Whether people are meant by their profiles: a dump says it by the name alone. */
function isOfProfile(table: Table, column: string, field: string, { profile }: Recognised["models"]): boolean {
  if (!profile || TARGETS[field] !== "person") return false;
  const target = table.references[column];
  return target === undefined ? /profile/.test(column) : target === profile.table;
}

/** Whether a column refers to another table than the one of its model. */
function leadsElsewhere(table: Table, column: string, field: string, models: Recognised["models"]): boolean {
  const wanted = TARGETS[field] && models[TARGETS[field]]?.table;
  const target = table.references[column];
  return wanted !== undefined && target !== undefined && target !== wanted &&
    !isOfProfile(table, column, field, models);
}

/** Whether a table may hold the rooms: if messages refer to a table of rooms, only that one may. */
function isReferredTo(table: Table, name: ModelName, { message, turn, exchange }: Recognised["models"]): boolean {
  const lines = name === "room" ? message : name === "conversation" ? turn ?? exchange : undefined;
  const target = lines?.references[lines.columns[name]!];
  return target === undefined || target === table.name;
}

/** Whether messages refer to a table: then it holds their rooms, whatever other columns it has. */
function isMeant(table: Table, name: ModelName, { message, turn, exchange }: Recognised["models"]): boolean {
  const lines = name === "room" ? message : name === "conversation" ? turn ?? exchange : undefined;
  return lines !== undefined && lines.references[lines.columns[name]!] === table.name;
}

/** What else says that a table is meant. */
function bonusOf(table: Table, name: ModelName, model: Model, models: Recognised["models"]): number {
  const leading = { room: models.message?.columns.room, conversation: models.turn?.columns.conversation };
  const reference = name === "room" || name === "conversation" ? leading[name] : undefined;
  if (reference) return plain(table.name).endsWith(plain(baseOf(reference))) ? 10 : 0;
  if (name === "member" && models.room) {
    // A room may have other relations to people, such as who is online.
    const isUsual = /(member(ship)?s?|participants?|users)$/i.test(table.name) ? 5 : 0;
    return isUsual + (table.name.startsWith(`${models.room.table}_`) ? 10 : 0);
  }
  if (name === "message") {
    // Comments and posts of a group may look like its messages.
    const hasRoom = table.columns.some((column) => model.columns.room!.map(baseOf).includes(baseOf(column)));
    return (hasRoom ? 5 : 0) + (/messages?(model)?$/i.test(table.name) ? 10 : 0);
  }
  if (name === "profile") return /(profile|status)$/.test(table.name) ? 5 : 0;
  if (name === "friend" && models.profile) return table.name.startsWith(`${models.profile.table}_`) ? 10 : 0;
  return 0;
}

function choose(name: ModelName, model: Model, found: Match[]): Match | undefined {
  const most = Math.max(...found.map(({ score }) => score));
  const equal = found.filter(({ score }) => score === most);
  const used = equal.filter(({ isEmpty }) => !isEmpty);
  const best = used.length === 1 ? used : equal;
  if (best.length > 1) {
    const tables = best.map(({ table }) => table).join(" or ");
    throw new Refusal(
      `The ${model.title} may be in ${tables}: say it in a mapping file, as {"tables": {"${name}": "${
        best[0]!.table
      }"}}.`,
    );
  }
  return best[0];
}

/** What a model needs that no table has, and which table has most of it. */
function missingSentence(name: ModelName, model: Model, tables: Table[], models: Recognised["models"]): string {
  const needs = model.needs.map((group) => group.map((field) => model.columns[field]?.[0] ?? field).join(" or "));
  const near = tables.filter(({ name }) => !Object.values(models).some(({ table }) => table === name))
    .map((table) => match(table, name, model, {}, models))
    .filter(({ missing, isOther }) => missing.length === (isOther ? 0 : 1))
    .sort((one, other) => other.score - one.score)[0];
  const hint = near &&
    ` ${near.table} has all but ${near.missing[0] ?? "what they lead to: it has columns of something else"}.`;
  return `No table has the ${model.title}, with the columns ${needs.join(", ")}: name it in a mapping file, as ` +
    `{"tables": {"${name}": "…"}, "columns": {"${name}": {…}}}.${hint ?? ""}`;
}
