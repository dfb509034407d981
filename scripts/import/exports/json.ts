import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parser } from "stream-json/parser.js";
import { Refusal } from "../refusal.ts";

/** The way to a value within a document. */
export type Path = (string | number)[];

/** A line of a JSONL document: its number, and its value or why it has none. */
export interface JsonLine {
  line: number;
  value?: unknown;
  problem?: string;
}

/** Reads the lines of a JSONL document; a byte order mark and empty lines are left out. */
export async function* linesOf(stream: Readable): AsyncGenerator<JsonLine> {
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
    line++;
    const json = text.replace(/^\uFEFF/, "");
    if (json.trim() === "") continue;
    try {
      yield { line, value: JSON.parse(json) };
    } catch (error) {
      yield { line, problem: `not JSON: ${(error as Error).message}` };
    }
  }
}

/** An object or a list that is not closed yet: its value, unless that is not kept, and where the next value goes. */
interface Open {
  value: Record<string, unknown> | unknown[] | undefined;
  isArray: boolean;
  key: string | number;
}

interface Token {
  name: string;
  value?: string;
}

const SCALARS: Record<string, (value: string) => unknown> = {
  stringValue: (value) => value,
  numberValue: Number,
  trueValue: () => true,
  falseValue: () => false,
  nullValue: () => null,
};

/**
 * Reads a JSON document of any size, and yields its values with their paths.
 * @param isOpen says whether the values within an object or a list come one by one, as it would be too large.
 * @throws Refusal when it is not JSON.
 */
export async function* valuesOf(
  stream: Readable,
  title: string,
  isOpen: (path: Path) => boolean,
): AsyncGenerator<{ path: Path; value: unknown }> {
  const tokens = parser.asStream({ packValues: true, streamValues: false });
  // A failure of either ends the second, which is read here.
  pipeline([stream, tokens]).catch(() => {});
  const stack: Open[] = [];
  const path = () => stack.map(({ key }) => key);

  try {
    for await (const { name, value } of tokens as AsyncIterable<Token>) {
      const parent = stack.at(-1);
      if (name === "keyValue") parent!.key = value!;
      else if (name === "startObject" || name === "startArray") {
        const isArray = name === "startArray";
        const isKept = parent?.value !== undefined || !isOpen(path());
        stack.push({ value: isKept ? isArray ? [] : {} : undefined, isArray, key: isArray ? 0 : "" });
      } else {
        const isEnd = name === "endObject" || name === "endArray";
        const whole = isEnd ? stack.pop()!.value : SCALARS[name]!(value!);
        const holder = stack.at(-1);
        if (Array.isArray(holder?.value)) holder.value.push(whole);
        else if (holder?.value) holder.value[holder.key] = whole;
        else if (whole !== undefined) yield { path: path(), value: whole };
        if (holder?.isArray) (holder.key as number)++;
      }
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${title} is not JSON: ${(error as Error).message}`);
  }
}
