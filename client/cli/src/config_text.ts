import { isDeepStrictEqual } from "node:util";
import { parse, type TomlTable } from "smol-toml";
import type { Exposure } from "./record.ts";
import type { Section, Sections } from "./release.ts";
import { CliError } from "./terminal.ts";

// config.toml is changed as text: comments and order are the project's. What comes out is parsed and compared with what
// was wanted, so a file that is written in an unexpected way is refused instead of damaged.

const SCHEMA = "chat";
/** The CLI's own default, which a list replaces. */
const DEFAULT_SCHEMAS = ["public", "graphql_public"];
const LINE = `schemas = ${JSON.stringify([...DEFAULT_SCHEMAS, SCHEMA]).replaceAll(",", ", ")}`;
const API = `[api]\n${LINE}\n`;
const BEGIN = "# Parley: begin. parley-cli looks for this line and for the one at the end.";
const END = "# Parley: end.";

interface Span {
  start: number;
  end: number;
}

/** The schemas that the Data API shows according to a config. */
export const schemasOf = (config: TomlTable): string[] =>
  ((config.api as TomlTable | undefined)?.schemas as string[] | undefined) ?? DEFAULT_SCHEMAS;

/** Adds `chat` to the exposed schemas. */
export function expose(text: string): { text: string; exposure?: Exposure } {
  const config = parse(text);
  if (schemasOf(config).includes(SCHEMA)) return { text };
  const wanted = { ...config, api: { ...config.api as TomlTable, schemas: [...schemasOf(config), SCHEMA] } };
  const { changed, exposure } = exposed(text, config);
  if (!agrees(changed, wanted)) throw new CliError(byHand(`add "${SCHEMA}" to schemas in [api]`));
  return { text: changed, exposure };
}

function exposed(text: string, config: TomlTable): { changed: string; exposure: Exposure } {
  const list = elements(text);
  if (list) {
    const last = list.at(-1);
    const at = last?.end ?? listStart(text)!;
    return { changed: splice(text, at, at, `${last ? ", " : ""}"${SCHEMA}"`), exposure: "element" };
  }
  const header = apiHeader(text);
  if (header) return { changed: splice(text, header.end, header.end, native(text, `\n${LINE}`)), exposure: "line" };
  if (config.api && "schemas" in (config.api as TomlTable)) return { changed: text, exposure: "section" };
  return { changed: inBlock(text, API), exposure: "section" };
}

/** Takes out what `expose` and `withFunctions` have written. */
export function withoutParley(text: string, functions: Sections, exposure: Exposure | undefined): string {
  return hide(withoutBlock(text, functions, exposure === "section"), exposure);
}

function withoutBlock(text: string, functions: Sections, hasApi: boolean): string {
  const config = parse(text);
  const start = text.indexOf(native(text, `\n${BEGIN}\n`));
  const end = text.indexOf(native(text, `${END}\n`), start);
  const changed = start < 0 || end < 0 ? text : splice(text, start, end + native(text, `${END}\n`).length, "");
  const own = Object.entries(config.functions ?? {}).filter(([name]) => !(name in functions));
  const { schemas: _, ...api } = config.api as TomlTable ?? {};
  const wanted = { ...config, functions: Object.fromEntries(own), ...(hasApi ? { api } : {}) };
  if (!agrees(changed, wanted)) throw new CliError(byHand(`delete ${namesOf(functions)}`));
  return changed;
}

function hide(text: string, exposure: Exposure | undefined): string {
  const config = parse(text);
  if (exposure === "section" || !exposure || !schemasOf(config).includes(SCHEMA)) return text;
  const line = native(text, `\n${LINE}`);
  const isLine = exposure === "line" && text.includes(line);
  const changed = isLine ? text.replace(line, () => "") : withoutElement(text);
  const { schemas: _, ...rest } = config.api as TomlTable;
  const api = isLine ? rest : { ...rest, schemas: schemasOf(config).filter((schema) => schema !== SCHEMA) };
  if (!agrees(changed, { ...config, api })) throw new CliError(byHand(`take "${SCHEMA}" out of schemas in [api]`));
  return changed;
}

function withoutElement(text: string): string {
  const list = elements(text) ?? [];
  const index = list.findIndex(({ start, end }) => text.slice(start + 1, end - 1) === SCHEMA);
  if (index < 0) return text;
  const { start, end } = list[index]!;
  if (index > 0) return splice(text, list[index - 1]!.end, end, "");
  return splice(text, start, list[1]?.start ?? end, "");
}

/** Writes the sections of Parley's functions, in place of those of an earlier release. */
export function withFunctions(text: string, wanted: Sections, before: Sections = {}): string {
  const config = parse(text);
  const current = Object.entries(config.functions as Sections ?? {}).filter(([name]) => !(name in before));
  const old = native(text, rendered(before));
  const added = native(text, rendered(wanted));
  const changed = old && text.includes(old) ? text.replace(old, () => added) : inBlock(text, rendered(wanted));
  const expected = { ...config, functions: { ...Object.fromEntries(current), ...wanted } };
  if (!agrees(changed, expected)) throw new CliError(byHand(`write these sections:\n\n${rendered(wanted)}`));
  return changed;
}

/** Whether the sections in the file are still those that were written. */
export const holdsBlock = (text: string, sections: Sections) => text.includes(native(text, rendered(sections)));

/** The sections as text. */
export function rendered(sections: Sections): string {
  const value = (setting: Section[string]) => JSON.stringify(setting).replaceAll('","', '", "');
  return Object.entries(sections).map(([name, section]) =>
    [`[functions.${name}]`, ...Object.entries(section).map(([key, setting]) => `${key} = ${value(setting)}`)]
      .map((line) => `${line}\n`).join("")
  ).join("\n");
}

/** Adds text at the end of Parley's block, which is at the end of the file. */
function inBlock(text: string, added: string): string {
  if (!added) return text;
  const end = text.indexOf(END);
  if (end >= 0) return splice(text, end, end, native(text, `\n${added}`));
  const gap = text === "" || text.endsWith("\n") ? "\n" : "\n\n";
  return `${text}${native(text, `${gap}${BEGIN}\n${added}${END}\n`)}`;
}

/** Text with the ends of line of the file. */
const native = (file: string, text: string) => file.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
const splice = (text: string, start: number, end: number, added: string) =>
  text.slice(0, start) + added + text.slice(end);
/** Without the tables that have become empty. */
const pruned = (config: TomlTable) =>
  Object.fromEntries(
    Object.entries(config).filter(([key, value]) =>
      !["api", "functions"].includes(key) || Object.keys(value).length > 0
    ),
  );
const namesOf = (functions: Sections) => Object.keys(functions).map((name) => `[functions.${name}]`).join(", ");

const byHand = (what: string) =>
  `supabase/config.toml is written in a way that cannot be changed safely: ${what} by hand, then run this again.`;

function agrees(text: string, expected: TomlTable): boolean {
  try {
    return isDeepStrictEqual(plain(pruned(parse(text))), plain(pruned(expected)));
  } catch {
    return false;
  }
}

const plain = (table: TomlTable): unknown => JSON.parse(JSON.stringify(table));

/** The line `[api]`. */
function apiHeader(text: string): Span | undefined {
  const header = /^[ \t]*\[[ \t]*api[ \t]*\][ \t]*(?:#[^\r\n]*)?/m.exec(text);
  return header ? { start: header.index, end: header.index + header[0].length } : undefined;
}

/** Where the list of schemas in `[api]` begins, after its bracket. */
function listStart(text: string): number | undefined {
  const header = apiHeader(text);
  if (!header) return undefined;
  const rest = text.slice(header.end);
  const section = rest.slice(0, /^[ \t]*\[/m.exec(rest)?.index);
  const key = /^[ \t]*schemas[ \t]*=[ \t]*\[/m.exec(section);
  return key ? header.end + key.index + key[0].length : undefined;
}

/** The strings in the list of schemas. */
function elements(text: string): Span[] | undefined {
  const from = listStart(text);
  if (from === undefined) return undefined;
  const spans: Span[] = [];
  for (const { 0: token, index } of text.slice(from).matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|#[^\n]*|\]/g)) {
    if (token === "]") return spans;
    if (!token.startsWith("#")) spans.push({ start: from + index, end: from + index + token.length });
  }
  return undefined;
}
