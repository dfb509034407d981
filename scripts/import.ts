// npm run import -- FORMAT FILE, or npm run import -- django --from SOURCE --as KIND: see docs/moving/.
import process from "node:process";
import { parseArgs } from "node:util";
import postgres, { type Sql } from "postgres";
import { importDjango } from "./import/django/command.ts";
import { importExport } from "./import/exports/command.ts";
import { FORMATS } from "./import/exports/formats.ts";
import { importHistory } from "./import/history/command.ts";
import { projectOf } from "./import/project.ts";
import { Refusal } from "./import/refusal.ts";
import { runningStack } from "./import/running_stack.ts";
import { readSince } from "./import/since.ts";

const USAGE = `npm run import -- FILE [--skip-bad]
npm run import -- django --from SOURCE --as KIND [--map FILE] [--name NAME] [--report FILE]
  [--media DIR] [--since TIME|last]
  SOURCE: postgres://…, a file of SQLite, or the output of manage.py dumpdata (.json, .jsonl, also with .gz)
  KIND: messenger, mini-chat, social, conversations or chat-sessions; DIR: the old MEDIA_ROOT, with people's pictures.
  It needs Storage: with --db-url also --api-url URL, and the secret key in SECRET_KEY
npm run import -- FORMAT FILE [--name NAME] [--same-people FILE] [--private] [--report FILE] [--since TIME|last]
  FORMAT: ${Object.keys(FORMATS).join(", ")}; FILE: an export, or a folder of it
  [--media DIR | --no-files]
  DIR: a folder of files that messages name. Files need Storage, as pictures do
  of whatsapp also [--dates dmy|mdy|ymd] [--zone ZONE] [--room NAME]
All take [--dry-run] [--db-url URL | --data DIR].`;

function readOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        "skip-bad": { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        "db-url": { type: "string" },
        data: { type: "string", default: ".local" },
        from: { type: "string" },
        as: { type: "string" },
        map: { type: "string" },
        media: { type: "string" },
        "api-url": { type: "string" },
        name: { type: "string" },
        report: { type: "string" },
        since: { type: "string" },
        "same-people": { type: "string" },
        "no-files": { type: "boolean", default: false },
        private: { type: "boolean", default: false },
        dates: { type: "string" },
        zone: { type: "string" },
        room: { type: "string" },
      },
    });
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n${USAGE}`);
  }
}

/** Runs the import; returns the exit code. */
async function run(): Promise<number> {
  const { values, positionals: [what, ...rest] } = readOptions();
  const isDryRun = values["dry-run"];
  const open = async (): Promise<Sql> =>
    postgres(values["db-url"] ?? (await runningStack(values.data)).db_url, { max: 1, onnotice: () => {} });
  if (what === undefined) throw new Refusal(USAGE);
  const since = readSince(values.since);
  if (Object.hasOwn(FORMATS, what)) {
    const [file, ...more] = rest;
    if (file === undefined || more.length > 0) throw new Refusal(USAGE);
    return await importExport(open, {
      ...values,
      format: what,
      file,
      noFiles: values["no-files"],
      project: await projectFor(values),
      samePeople: values["same-people"],
      isPrivate: values.private,
      since,
      dryRun: isDryRun,
    });
  }
  if (rest.length > 0) throw new Refusal(USAGE);
  if (what !== "django") {
    if (since !== undefined) throw new Refusal(USAGE);
    await importHistory(open, { file: what, skipBad: values["skip-bad"], dryRun: isDryRun });
    return 0;
  }
  const { from, as, map, name, report } = values;
  if (!from || !as) throw new Refusal(USAGE);
  const media = values.media === undefined
    ? undefined
    : { folder: values.media, project: await projectOf(values, USAGE) };
  return await importDjango(open, { from, as, map, name, report, media, since, dryRun: isDryRun });
}

/** Where files of an export go. Of a database alone, nobody knows its Storage. */
const projectFor = async (values: ReturnType<typeof readOptions>["values"]) =>
  values["dry-run"] || values["no-files"] || values["db-url"] && !values["api-url"]
    ? undefined
    : await projectOf(values, USAGE);

function reason(error: Error & { code?: string; detail?: string }): string {
  if (error.code === "ECONNREFUSED") return "the database does not answer; is `npm start` still running?";
  return [error.message, error.detail, error.code].filter(Boolean).join(" ");
}

run().then((code) => process.exit(code), (error) => {
  console.error(error instanceof Refusal ? error.message : `The import failed: ${reason(error)}`);
  process.exit(1);
});
