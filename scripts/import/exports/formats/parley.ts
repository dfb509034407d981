import { Refusal } from "../../refusal.ts";
import { besideOf, type Input } from "../input.ts";
import { linesOf } from "../json.ts";
import { detailOf, type ExportRecord, record } from "../records.ts";

/** Reads our own format: a record a line, as docs/moving/parley.md documents them. */
export async function* readParley(input: Input): AsyncGenerator<ExportRecord> {
  const names = input.names.filter((name) => /\.(jsonl|ndjson)$/i.test(name));
  if (names.length === 0) throw new Refusal("An export of the format parley is a file with the ending .jsonl.");
  for (const name of names) {
    for await (const { line, value, problem } of linesOf(await input.open(name))) {
      const parsed = problem === undefined ? record.safeParse(value) : undefined;
      if (parsed?.success) yield placed(parsed.data, name);
      else {yield {
          type: "unread",
          kind: kindOf(value),
          id: `${name}:${line}`,
          reason: "a line that is not a record",
          detail: problem ?? detailOf(parsed!.error!),
        };}
    }
  }
}

/** A path begins at the file that says it. */
function placed(record: ExportRecord, name: string): ExportRecord {
  if (record.type !== "message" || !record.files) return record;
  const files = record.files.map(({ path, ...file }) => ({ ...file, ...(path && { path: besideOf(name, path) }) }));
  return { ...record, files };
}

const kindOf = (value: unknown) => {
  const type = (value as { type?: unknown } | null | undefined)?.type;
  return typeof type === "string" && ["person", "room", "member", "message", "pin"].includes(type) ? type : "line";
};
