import fc from "fast-check";
import { Fields, hostile, hostileText, Id, Literal, mostly, type Node } from "./values.ts";
import type { Fixture } from "./fixture.ts";

/** The part of JSON Schema that the documents use. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: Node[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

const UNASKED: [string, Node][] = [
  ["id", 1],
  ["__proto__", new Literal('{"role":"service_role"}')],
  ["constructor", new Literal('{"prototype":{}}')],
  ["role", "owner"],
  ["sender", 1],
  ["is_public", true],
  ["deleted_at", null],
  ["\0", "\ud800"],
];

const OWNERS = [...Array(6).fill("mine"), "theirs", "theirs", "absent"];

/** Values for the schemas of one document: valid ones most of the time. */
export class Values {
  constructor(readonly fixture: Fixture, readonly components: Record<string, Schema>) {}

  /** Any value for a schema; its name says what an integer is the id of. */
  of(schema: Schema, name: string): fc.Arbitrary<Node> {
    return mostly(this.#valid(schema, name), 15, hostile);
  }

  /** A user's id, an old one, or one that does not exist. */
  id(name: string): fc.Arbitrary<Node> {
    const right = fc.record({ kind: fc.constant(this.fixture.kindOf(name)), whose: fc.constantFrom(...OWNERS) });
    const any = fc.record({ kind: fc.constantFrom(...this.fixture.kinds), whose: fc.constantFrom(...OWNERS) });
    return fc.tuple(mostly(right, 8, any), fc.nat(7))
      .map(([{ kind, whose }, turn]) => new Id(() => this.fixture.id(name, kind, whose, turn)));
  }

  #valid(schema: Schema, name: string): fc.Arbitrary<Node> {
    if (schema.$ref) return this.#valid(this.components[schema.$ref.split("/").at(-1)!]!, name);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return fc.oneof(...choices.map((choice) => this.#valid(choice, name)));
    if (schema.allOf) return this.#object(merge(schema.allOf.map((part) => this.#resolve(part))));
    return fc.oneof(...[schema.type ?? "object"].flat().map((type) => this.#typed(type, schema, name)));
  }

  #typed(type: string, schema: Schema, name: string): fc.Arbitrary<Node> {
    switch (type) {
      case "integer":
      case "number":
        return schema.format === "int64" ? this.id(name) : fc.integer({ min: schema.minimum, max: schema.maximum });
      case "string":
        return this.#text(schema, name);
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      case "array":
        return fc.array(this.of(schema.items ?? {}, name), { maxLength: 4 });
      default:
        return this.#object(schema);
    }
  }

  #text({ format, maxLength }: Schema, name: string): fc.Arbitrary<Node> {
    if (format === "uuid") return /client/.test(name) ? fc.uuid() : this.id(name);
    const atTheLimit = fc.integer({ min: -1, max: 1 }).map((more) =>
      "x".repeat(Math.max(0, (maxLength ?? 10_000) + more))
    );
    const any = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("A secret word", "secret", "x") },
      ...[fc.string(), hostileText, atTheLimit].map((arbitrary) => ({ weight: 1, arbitrary })),
    );
    const known = this.fixture.text(name);
    return known ? mostly(known, 3, any) : any;
  }

  #object({ properties = {}, required = [] }: Schema): fc.Arbitrary<Fields> {
    const entries = Object.entries(properties).map(([name, schema]) => {
      const entry = this.of(schema, name).map((value): [string, Node][] => [[name, value]]);
      return required.includes(name) ? mostly(entry, 30, fc.constant([])) : fc.oneof(fc.constant([]), entry);
    });
    const unasked = mostly(fc.constant<[string, Node][]>([]), 10, fc.subarray(UNASKED));
    // Given twice, the last one counts.
    const repeated = mostly(fc.constant(false), 20, fc.constant(true));
    return fc.tuple(fc.tuple(...entries), unasked, repeated)
      .map(([own, others, twice]) => new Fields([...own.flat(), ...others, ...(twice ? own.flat().reverse() : [])]));
  }

  #resolve = (schema: Schema): Schema => schema.$ref ? this.components[schema.$ref.split("/").at(-1)!]! : schema;
}

const merge = (parts: Schema[]): Schema => ({
  properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
  required: parts.flatMap(({ required = [] }) => required),
});
