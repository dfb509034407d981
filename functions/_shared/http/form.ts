import { z } from "@hono/zod-openapi";
import { ApiError, invalid } from "../base/errors.ts";

/** The names and values of a form, in the order in which they came. */
export type Entries = [name: string, value: string | File][];

/** What a field of a body holds. */
type Kind = "list" | "json" | "boolean" | "number" | "text";

interface Field {
  name: string;
  kind: Kind;
  schema: z.ZodType;
  takesFiles: boolean;
}

const MAX_FIELDS = 2000;
const ANY_FILE = new File([], "");
const TRUE = new Set(["t", "y", "yes", "true", "on", "1"]);
const FALSE = new Set(["f", "n", "no", "false", "off", "0"]);

/** Refuses a form that cannot be read. */
export const malformed = (reason: string) => new ApiError(400, { detail: `Multipart form parse error - ${reason}` });

/**
 * Reads forms as Django REST Framework does: the fields become what they would be in JSON.
 * @param schema of the body: it says which names are lists, which texts are JSON, and which may be empty.
 */
export function formReader(schema: z.ZodType): (entries: Entries) => Record<string, unknown> {
  const fields = fieldsOf(schema);
  return (entries) => {
    if (entries.length > MAX_FIELDS) throw new ApiError(400, { detail: `A form has at most ${MAX_FIELDS} fields.` });
    // A name that comes twice has its last value, as in Django.
    const values: Record<string, unknown> = Object.fromEntries(
      entries.filter(([, value]) => typeof value === "string"),
    );
    for (const field of fields) {
      const value = read(field, entries);
      if (value === undefined) delete values[field.name];
      else values[field.name] = value;
    }
    return values;
  };
}

/** Whether a form may hold a file for a field of the schema. */
export const takesFiles = (schema: z.ZodType) => fieldsOf(schema).some((field) => field.takesFiles);

function read(field: Field, entries: Entries): unknown {
  if (field.takesFiles) {
    const value = named(field.name, entries).at(-1);
    // A browser sends an empty file for an input that nothing was chosen in.
    if (value instanceof File) return value.size === 0 && value.name === "" ? undefined : value;
  }
  const given = (field.kind === "list" ? listed(field.name, entries) : named(field.name, entries)).map((value) => {
    if (typeof value === "string") return value;
    throw invalid(field.name, "This field takes no file.");
  });
  if (field.kind === "list") return readList(field, given);
  const text = given.at(-1);
  if (text === undefined) return field.kind === "boolean" && !takes(field, undefined) ? false : undefined;
  if (text === "" && !takes(field, "")) return takes(field, null) ? null : takes(field, undefined) ? undefined : "";
  return convert(field, text);
}

/** In a form, an empty list is one empty value, or none where the field is required. */
function readList(field: Field, given: string[]): unknown {
  if (given.length === 0) return takes(field, undefined) ? undefined : [];
  if (given.length === 1 && given[0] === "") return [];
  if (given.length === 1 && given[0]!.startsWith("[")) return json(given[0]!) ?? given;
  return given;
}

function convert({ name, kind }: Field, text: string): unknown {
  switch (kind) {
    case "boolean": {
      const word = text.trim().toLowerCase();
      return TRUE.has(word) ? true : FALSE.has(word) ? false : text;
    }
    case "number":
      return /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : text;
    case "json": {
      const value = json(text);
      if (value === undefined) throw invalid(name, "Value must be valid JSON.");
      return value;
    }
    default:
      return text;
  }
}

const named = (name: string, entries: Entries) => entries.flatMap(([key, value]) => key === name ? [value] : []);

/** A list comes as `name` or `name[]` again and again, or as `name[0]`, `name[1]` and so on. */
function listed(name: string, entries: Entries): (string | File)[] {
  const plain = [...named(name, entries), ...named(`${name}[]`, entries)];
  if (plain.length > 0) return plain;
  const numbered = entries.flatMap(([key, value]) => {
    const [, at] = key.startsWith(`${name}[`) ? /\[(\d{1,6})\]$/.exec(key) ?? [] : [];
    return key === `${name}[${at}]` ? [{ at: Number(at), value }] : [];
  });
  return numbered.sort((one, other) => one.at - other.at).map(({ value }) => value);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const takes = ({ schema }: Field, value: unknown) => schema.safeParse(value).success;

function fieldsOf(schema: z.ZodType): Field[] {
  const object = unwrap(schema);
  if (!(object instanceof z.ZodObject)) return [];
  return Object.entries(object.shape as Record<string, z.ZodType>)
    .map(([name, schema]) => ({
      name,
      kind: kindOf(unwrap(schema)),
      schema,
      takesFiles: schema.safeParse(ANY_FILE).data === ANY_FILE,
    }));
}

function kindOf(schema: z.ZodType): Kind {
  if (schema instanceof z.ZodArray) return "list";
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return "json";
  if (schema instanceof z.ZodBoolean) return "boolean";
  return schema instanceof z.ZodNumber ? "number" : "text";
}

/** The inner schema of optional, nullable, default and transformed schemas. */
function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  if (!(schema instanceof z.ZodPipe)) return schema;
  return unwrap((schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType);
}
