import type { Project } from "./project.ts";

/** A migration of Parley that the project does not have. */
export interface Pending {
  /** Its name in the release, and in the project. */
  name: string;
  file: string;
  text: string;
}

const SCHEMAS = ["chat", "chat_private"];
const CREATED = /\bcreate\s+schema\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?/gi;
const RENAMED = /\balter\s+schema\s+"?(\w+)"?\s+rename\b/gi;
const DROPPED = /\bdrop\s+schema\s+(?:if\s+exists\s+)?([\w\s,"]+)/gi;

const withoutComments = (sql: string) => sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, "");

/** Whether migrations, in their order, leave a schema of Parley's name: the last file that creates one. */
export function schemaOwner(migrations: Iterable<[name: string, text: string]>): string | undefined {
  const owners = new Map<string, string>();
  for (const [name, text] of migrations) {
    const sql = withoutComments(text);
    for (const [, schema] of sql.matchAll(CREATED)) if (isOurs(schema!)) owners.set(schema!.toLowerCase(), name);
    for (const [, schema] of sql.matchAll(RENAMED)) owners.delete(schema!.toLowerCase());
    for (const [, list] of sql.matchAll(DROPPED)) for (const schema of words(list!)) owners.delete(schema);
  }
  return owners.values().next().value;
}

const isOurs = (schema: string) => SCHEMAS.includes(schema.toLowerCase());
const words = (list: string): string[] => list.toLowerCase().match(/\w+/g) ?? [];

/** The migrations after the last one that took Parley out, which are those that count. */
export function sinceRemoval(migrations: Map<string, string>): Map<string, string> {
  const names = [...migrations.keys()];
  const removal = names.findLastIndex((name) => dropsChat(migrations.get(name)!));
  return new Map([...migrations].slice(removal + 1));
}

const dropsChat = (text: string) =>
  [...withoutComments(text).matchAll(DROPPED)].some(([, list]) => words(list!).includes("chat"));

/** Where the migrations of a release go that are not there yet: after all others, so that `db push` takes them. */
export function placed(pending: [name: string, text: string][], project: Project, now: Date): Pending[] {
  let last = lastVersion(project);
  return pending.map(([name, text]) => {
    const version = versionOf(name);
    last = version > last ? version : later(last, now);
    return { name, file: `${last}${name.slice(version.length)}`, text };
  });
}

/** A version after all others. */
export const lastName = (project: Project, now: Date, name: string) =>
  `${later(lastVersion(project), now)}_${name}.sql`;

const lastVersion = ({ migrations }: Project) =>
  [...migrations.keys()].map(versionOf).filter((version) => version.length === 14).at(-1) ?? "";

const later = (version: string, now: Date) => stamp(now) > version ? stamp(now) : next(version);

const versionOf = (name: string) => /^\d+/.exec(name)![0];

const stamp = (time: Date) => time.toISOString().replace(/\D/g, "").slice(0, 14);

/** A second later. */
function next(version: string): string {
  const [year = 0, month = 1, day, hour, minute, second = 0] = version.match(/^\d{4}|\d\d/g)?.map(Number) ?? [];
  return stamp(new Date(Date.UTC(year, month - 1, day, hour, minute, second + 1)));
}
