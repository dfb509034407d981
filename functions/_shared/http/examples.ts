/** A JSON schema, as the OpenAPI documents have them. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  example?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

interface Definitions {
  components?: { schemas?: Record<string, Schema> };
}

const UUID = "3f0e3c1a-7a7b-4f43-9d0e-2b1f6c5d8e90";

const FORMATS: Record<string, string> = {
  "date-time": "2026-01-02T03:04:05.678900Z",
  email: "ann@example.com",
  uri: "https://example.com/ann.png",
  url: "https://example.com/ann.png",
  uuid: UUID,
  guid: UUID,
};

/** What fields of these names hold. */
const WORDS: Record<string, string> = {
  access_token: "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIzZjBlM2MxYSJ9.c2ln",
  access: "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIzZjBlM2MxYSJ9.c2ln",
  code: "4/0AX4XfWh",
  content: "Hello!",
  description: "About tea",
  detail: "Not found.",
  email: "ann@example.com",
  first_name: "Ann",
  full_name: "Ann Lee",
  image: "/media/user_images/default.jpg",
  last_name: "Lee",
  message: "Hello!",
  name: "Tea",
  next: "https://example.com/?page=2",
  old_password: "a long secret",
  recipient: "bob",
  refresh_token: "v1.MjAyNi0wMS0wMg",
  refresh: "v1.MjAyNi0wMS0wMg",
  response: "Hello to you!",
  role: "user",
  room_name: "ann_bob",
  sender_username: "ann",
  text: "Hello!",
  title: "New Chat",
  username: "ann",
};

/** A value that fits a schema, such as an answer could hold. */
export function exampleOf(schema: Schema, definitions: Definitions, name = ""): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.$ref) {
    return exampleOf(definitions.components?.schemas?.[schema.$ref.split("/").at(-1)!] ?? {}, definitions, name);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return exampleOf(choices.find(({ type }) => type !== "null") ?? choices[0]!, definitions, name);
  if (schema.allOf) {
    return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, definitions, name) as object));
  }
  return simple(schema, definitions, name);
}

function simple(schema: Schema, definitions: Definitions, name: string): unknown {
  const types = [schema.type ?? (schema.properties ? "object" : "string")].flat();
  switch (types.find((type) => type !== "null")) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, inner]) => [key, exampleOf(inner, definitions, key)]),
      );
    case "array":
      return schema.items ? [exampleOf(schema.items, definitions, name)] : [];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return schema.default ?? 1;
    case "string":
      return FORMATS[schema.format ?? ""] ?? WORDS[name] ?? (/password/.test(name) ? "a long secret" : "text");
    default:
      return null;
  }
}
