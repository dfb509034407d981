import type { Buffer } from "node:buffer";

/** A table, as the stream describes it before its first row. */
export interface Relation {
  id: number;
  schema: string;
  name: string;
  /** `f` when whole old rows are sent. */
  identity: string;
  columns: Column[];
}

export interface Column {
  name: string;
  type: number;
  modifier: number;
}

/** The values of a row as text; null for NULL, undefined for a large value that did not change. */
export type Tuple = (Buffer | null | undefined)[];

export type Change =
  | { kind: "begin"; committedAt: number; xid: number }
  | { kind: "commit" }
  | { kind: "relation"; relation: Relation }
  | { kind: "insert"; relation: number; after: Tuple }
  | { kind: "update"; relation: number; before: Tuple | undefined; after: Tuple }
  | { kind: "delete"; relation: number; before: Tuple }
  | { kind: "other" };

/** Milliseconds from the Unix epoch to that of Postgres. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const LETTERS = { B: 66, C: 67, D: 68, I: 73, N: 78, R: 82, U: 85, n: 110, u: 117 };

/** Decodes a message of the pgoutput plugin, protocol version 1, with values as text. */
export function decode(data: Buffer): Change {
  const reader = new Reader(data);
  switch (reader.byte()) {
    case LETTERS.I:
      return { kind: "insert", relation: reader.int32(), after: reader.skip(1).tuple() };
    case LETTERS.U:
      return update(reader);
    case LETTERS.D:
      return { kind: "delete", relation: reader.int32(), before: reader.skip(1).tuple() };
    case LETTERS.B:
      return {
        kind: "begin",
        committedAt: EPOCH_MS + Number(data.readBigInt64BE(9) / 1000n),
        xid: data.readUInt32BE(17),
      };
    case LETTERS.C:
      return { kind: "commit" };
    case LETTERS.R:
      return { kind: "relation", relation: relation(reader) };
    default:
      return { kind: "other" };
  }
}

function update(reader: Reader): Change {
  const relation = reader.int32();
  const before = reader.byte() === LETTERS.N ? undefined : reader.tuple();
  return { kind: "update", relation, before, after: (before ? reader.skip(1) : reader).tuple() };
}

function relation(reader: Reader): Relation {
  const [id, schema, name] = [reader.int32(), reader.string() || "pg_catalog", reader.string()];
  const identity = String.fromCharCode(reader.byte());
  const columns = Array.from({ length: reader.int16() }, () => {
    return { name: reader.skip(1).string(), type: reader.int32(), modifier: reader.int32() | 0 };
  });
  return { id, schema, name, identity, columns };
}

class Reader {
  #offset = 0;

  constructor(readonly data: Buffer) {}

  skip(bytes: number): this {
    this.#offset += bytes;
    return this;
  }

  byte(): number {
    return this.data[this.#offset++]!;
  }

  int16(): number {
    return this.data.readUInt16BE(this.skip(2).#offset - 2);
  }

  int32(): number {
    return this.data.readUInt32BE(this.skip(4).#offset - 4);
  }

  string(): string {
    const start = this.#offset;
    this.#offset = this.data.indexOf(0, start) + 1;
    return this.data.toString("utf8", start, this.#offset - 1);
  }

  tuple(): Tuple {
    const values: Tuple = [];
    for (let left = this.int16(); left > 0; left--) values.push(this.#value());
    return values;
  }

  #value(): Buffer | null | undefined {
    const kind = this.byte();
    if (kind === LETTERS.n) return null;
    if (kind === LETTERS.u) return undefined;
    const length = this.int32();
    return this.data.subarray(this.#offset, this.skip(length).#offset);
  }
}
