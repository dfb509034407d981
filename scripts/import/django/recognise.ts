import { Refusal } from "../refusal.ts";
import type { Mapping } from "./mapping.ts";
import { type Kind, type Model, type ModelName, MODELS, TARGETS } from "./models.ts";
import type { Table } from "./sources/source.ts";

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
}

export interface Recognised {
  models: Partial<Record<ModelName, Found>>;
  /** Tables that belong neither to Django nor to a known model. */
  unknown: string[];
}

/** Tables of Django and its usual apps that hold nothing of people, rooms or messages. */
const IGNORED =
  /^(django_|sqlite_|auth_(group|permission|user_(groups|user_permissions))|account_emailconfirmation|socialaccount_social(app|token)|token_blacklist_outstandingtoken|authtoken_token|sites_site|admin_logentry|contenttypes_|sessions_session|celery_|django_celery)|_(groups|user_permissions)$/;

/** `user` for the column `user_id` of a database and `user` of a dump. */
const baseOf = (column: string) => column.replace(/_id$/, "") || column;

const plain = (name: string) => name.replaceAll("_", "");

/**
 * Finds the tables of the models by their columns: names of apps differ from project to project.
 * @throws Refusal that says what a mapping file must settle.
 */
export function recognise(kind: Kind, tables: Table[], mapping: Mapping): Recognised {
  const models: Recognised["models"] = {};
  const taken = new Set<string>();
  const candidates = tables.filter(({ name }) => !IGNORED.test(name));
  checkMapping(kind, tables, mapping);
  for (const [name, model] of Object.entries(MODELS[kind]) as [ModelName, Model][]) {
    const wanted = mapping.tables[name];
    if (wanted === null) continue;
    const own = mapping.columns[name] ?? {};
    const found = wanted
      ? [match(tables.find(({ name }) => name === wanted)!, name, model, own, models)]
      : candidates.filter((table) => !taken.has(table.name))
        .map((table) => match(table, name, model, own, models))
        .filter((result) => result.missing.length === 0 && !result.isOther);
    const best = choose(name, model, found);
    if (!best) continue;
    if (best.missing.length > 0) {
      throw new Refusal(`${best.table} is not the table of ${model.title}: it has no ${best.missing.join(", no ")}.`);
    }
    taken.add(best.table);
    models[name] = best;
  }
  return { models, unknown: candidates.map(({ name }) => name).filter((name) => !taken.has(name)) };
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
    const named = given ?? columnNamed(fit, [...names, ...namesOf(field, models)]);
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
    isOther: !isReferredTo(table, name, models) ||
      !isMeant(table, name, models) && others.some((column) => model.never?.includes(baseOf(column))) ||
      Object.keys(columns).some((field) => leadsElsewhere(table, columns[field]!, field, models)),
    score: Object.keys(columns).length + bonusOf(table, name, models),
    references: table.references,
  };
}

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
const FOUND_BY_REFERENCE: ModelName[] = ["post", "message", "room", "member", "turn", "exchange", "conversation"];

/** The only column that refers to what is wanted, whatever it is called. */
function columnReferring(
  columns: string[],
  { references }: Table,
  name: ModelName,
  field: string,
  models: Recognised["models"],
): string | undefined {
  const target = FOUND_BY_REFERENCE.includes(name) && TARGETS[field] ? models[TARGETS[field]]?.table : undefined;
  const referring = columns.filter((column) => target !== undefined && references[column] === target);
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
function bonusOf(table: Table, name: ModelName, models: Recognised["models"]): number {
  const leading = { room: models.message?.columns.room, conversation: models.turn?.columns.conversation };
  const reference = name === "room" || name === "conversation" ? leading[name] : undefined;
  if (reference) return plain(table.name).endsWith(plain(baseOf(reference))) ? 10 : 0;
  if (name === "member" && models.room) {
    // A room may have other relations to people, such as who is online.
    const isUsual = /_(members|participants|users)$/.test(table.name) ? 5 : 0;
    return isUsual + (table.name.startsWith(`${models.room.table}_`) ? 10 : 0);
  }
  if (name === "profile") return /(profile|status)$/.test(table.name) ? 5 : 0;
  if (name === "friend" && models.profile) return table.name.startsWith(`${models.profile.table}_`) ? 10 : 0;
  return 0;
}

function choose(name: ModelName, model: Model, found: Match[]): Match | undefined {
  const most = Math.max(...found.map(({ score }) => score));
  const best = found.filter(({ score }) => score === most);
  if (best.length > 1) {
    const tables = best.map(({ table }) => table).join(" or ");
    throw new Refusal(
      `The ${model.title} may be in ${tables}: say it in a mapping file, as {"tables": {"${name}": "${
        best[0]!.table
      }"}}.`,
    );
  }
  if (best.length === 0 && model.isRequired) {
    const needs = model.needs.map((group) => group.map((field) => model.columns[field]?.[0] ?? field).join(" or "));
    throw new Refusal(
      `No table has the ${model.title}, with the columns ${needs.join(", ")}: name it in a mapping file, as ` +
        `{"tables": {"${name}": "…"}, "columns": {"${name}": {…}}}.`,
    );
  }
  return best[0];
}
