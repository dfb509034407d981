import fc from "fast-check";

/** JSON or a part of an address, written as it is. */
export class Literal {
  constructor(readonly text: string) {}
}

/** An object whose keys may repeat. */
export class Fields {
  constructor(readonly entries: [string, Node][]) {}
}

/** An id that is looked up when the request is sent. */
export class Id {
  constructor(readonly read: () => string | number) {}
}

/** A value of a body or a query. */
export type Node = string | number | boolean | null | Literal | Fields | Id | Node[];

/** A value as JSON. */
export function json(node: Node): string {
  if (node instanceof Literal) return node.text;
  if (node instanceof Id) return JSON.stringify(node.read());
  if (Array.isArray(node)) return `[${node.map(json).join(",")}]`;
  if (!(node instanceof Fields)) return JSON.stringify(node);
  return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${json(value)}`).join(",")}}`;
}

/** A value as a part of an address. Half a surrogate pair becomes bytes that are invalid in UTF-8. */
export function addressed(node: Node): string {
  if (node instanceof Literal) return node.text;
  const text = node instanceof Id ? `${node.read()}` : typeof node === "string" ? node : json(node);
  return text.replace(/[^\w.~-]/gu, (character) => {
    const bytes = character.isWellFormed() ? Buffer.from(character) : [0xed, 0xa0, 0x80];
    return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  });
}

const literals = (...texts: string[]) => fc.constantFrom(...texts.map((text) => new Literal(text)));
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** Text of the kind that breaks things. */
export const hostileText = fc.oneof(
  fc.constantFrom("", " ", "\0", "a\0b", "\ud800", "x\udc00", "\ufeff", "\u2028", "null", "undefined", "NaN", "true"),
  fc.constantFrom(
    "\u202eevil\u202c",
    "\u200b",
    "\u200f\u200e\u2066",
    "👩‍👩‍👧‍👦".repeat(99),
    "Z͑ͫ̓ͪ̂ͫ̽".repeat(500),
    "ﷺ".repeat(255),
    "ßİı",
  ),
  fc.constantFrom(
    "'; drop table chat.messages; --",
    "%",
    "\\",
    "\\'",
    "$1",
    "{1,2}",
    '"',
    '"a" -b OR (c',
    "a:* & !b",
    "(((",
  ),
  fc.constantFrom("<script>alert(1)</script>", "../../etc/passwd", "x\r\nX-Evil: 1", "${7*7}", "a@b.c", "__proto__"),
  fc.constantFrom("-1", "0", "00", "1.5", "1e3", "0x10", "١٢٣", " 7 ", "+7", "9007199254740993", "9223372036854775808"),
  fc.constantFrom("00000000-0000-0000-0000-000000000000", "2024-02-30T25:61:61Z", "infinity", "epoch"),
  fc.constantFrom("a".repeat(65_536), "я".repeat(65_536), "😀".repeat(16_384), "a ".repeat(5_001), "\n".repeat(65_536)),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
);

/** Numbers at the limits of programs and of Postgres, and values that are not numbers. */
export const hostileNumber = fc.oneof(
  fc.constantFrom<Node>(0, -1, 1, 1.5, 127, 32_768, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 2 ** 53, 1e21),
  literals("9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e400", "-0", "1E-400", "1.0"),
  literals("9".repeat(5_000), "NaN", "Infinity", "0x10", "01", "1_000"),
);

const others = fc.oneof(
  fc.constantFrom<Node>(null, true, false, [], [null], [[]], new Fields([]), Array(1_001).fill(1), Array(5).fill("")),
  literals(nested(100), nested(5_000), nested(100_000), `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`),
  literals(
    '{"toString":null,"valueOf":null}',
    '{"__proto__":{"a":1}}',
    '[{"toString":1}]',
    '{"length":-1}',
    '{"then":1}',
  ),
);

/** Anything in the wrong place. */
export const hostile: fc.Arbitrary<Node> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: hostileNumber },
  { weight: 2, arbitrary: others },
);

/** A valid value most of the time; failures shrink to it. */
export const mostly = <T>(valid: fc.Arbitrary<T>, weight: number, otherwise: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ withCrossShrink: true }, { weight, arbitrary: valid }, { weight: 1, arbitrary: otherwise });
