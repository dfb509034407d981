import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { TomlTable } from "smol-toml";
import { expose, holdsBlock, schemasOf, withFunctions } from "./config_text.ts";
import { placed, schemaOwner, sinceRemoval } from "./migrations.ts";
import { emptyPlan, type Plan } from "./plan.ts";
import { bytesIfThere, CONFIG, type Project, readIfThere } from "./project.ts";
import { RECORD, type Record, sha256, writtenRecord } from "./record.ts";
import { filesIn, type Release, type Sections } from "./release.ts";

const NOTHING: Record = { release: "", without: [], migrations: {}, functions: {}, files: {} };

/** What brings a project to a release: the whole of it, or what is new since the one that it has. */
export async function addition(project: Project, release: Release, left: string[], isForced: boolean): Promise<Plan> {
  const plan = emptyPlan();
  const before = project.record ?? NOTHING;
  const after: Record = { release: release.version, without: left, migrations: {}, functions: {}, files: {} };
  addMigrations(plan, project, release, before, after);
  await addFiles(plan, project, release, before, after, isForced);
  if (!project.record) await findNamesakes(plan, project, release);
  if (plan.problems.length === 0) addConfig(plan, project, release, before, after);
  if (!isDeepStrictEqual(after, project.record && known(project.record))) plan.writes.set(RECORD, writtenRecord(after));
  return plan;
}

/** A record without its note. */
const known = ({ release, without, migrations, schema, functions, files }: Record): Record =>
  schema
    ? { release, without, migrations, functions, schema, files }
    : { release, without, migrations, functions, files };

function addMigrations(plan: Plan, project: Project, release: Release, before: Record, after: Record): void {
  const theirs = sinceRemoval(project.migrations);
  const pending: [string, string][] = [];
  for (const [name, text] of release.migrations) {
    const hash = sha256(text);
    const recorded = before.migrations[name];
    const file = recorded?.file ?? name;
    const present = recorded ? project.migrations.get(file) : theirs.get(name);
    if (recorded && recorded.sha256 !== hash) {
      plan.problems.push(
        `Release ${before.release} has another text of the migration ${name} than this package, so this is no upgrade. ` +
          "Use the package of a release that follows yours.",
      );
    } else if (present !== undefined && sha256(present) === hash) {
      after.migrations[name] = { file, sha256: hash };
      theirs.delete(file);
    } else if (recorded) {
      plan.problems.push(
        `migrations/${file} is Parley's, and was ${present === undefined ? "deleted" : "changed"}. ` +
          "Restore it from version control: a database that has it must find it unchanged.",
      );
      theirs.delete(file);
    } else {
      pending.push([name, text]);
    }
  }
  const unknown = Object.keys(before.migrations).find((name) => !release.migrations.has(name));
  if (unknown) {
    plan.problems.push(
      `Your release ${before.release} has ${unknown}, this package ${release.version} does not: use a newer package.`,
    );
  }
  const owner = project.record ? undefined : schemaOwner(theirs);
  if (owner) {
    plan.problems.push(
      `migrations/${owner} creates a schema chat or chat_private, and Parley keeps its tables in these. Rename yours ` +
        "first, in a new migration: alter schema chat rename to …; clients then name the new schema.",
    );
  }
  for (const { name, file, text } of placed(pending, project, new Date())) {
    after.migrations[name] = { file, sha256: sha256(text) };
    plan.writes.set(`migrations/${file}`, text);
  }
}

async function addFiles(
  plan: Plan,
  { folder }: Project,
  release: Release,
  before: Record,
  after: Record,
  isForced: boolean,
): Promise<void> {
  for (const [path, content] of release.files) {
    const hash = sha256(content);
    const present = await bytesIfThere(join(folder, path));
    const found = present && sha256(present);
    const isOurs = found === undefined || found === hash || found === before.files[path];
    after.files[path] = isOurs || isForced ? hash : before.files[path] ?? hash;
    if (found === hash || !isOurs && !isForced && before.files[path] === hash) continue;
    if (isOurs || isForced) plan.writes.set(path, content);
    else if (before.files[path]) plan.notes.push(`${path}: you have changed it. --force replaces it.`);
    else plan.problems.push(`${path} is not Parley's: move it, or replace it with --force.`);
  }
  for (const [path, hash] of Object.entries(before.files)) {
    if (release.files.has(path)) continue;
    const present = await bytesIfThere(join(folder, path));
    if (!present) continue;
    if (isForced || sha256(present) === hash) plan.deletions.push(path);
    else {
      after.files[path] = hash;
      plan.notes.push(`${path}: the release no longer has it, but you have changed it. --force deletes it.`);
    }
  }
}

/** Functions and declared schemas of the project that have Parley's names. */
async function findNamesakes(plan: Plan, { folder, config }: Project, release: Release): Promise<void> {
  const sections = config.functions as Sections | undefined ?? {};
  for (const [name, section] of Object.entries(release.functions)) {
    const isTheirs = name in sections && !isDeepStrictEqual(plainSection(sections[name]), section);
    if (!isTheirs && !existsSync(join(folder, "functions", name))) continue;
    plan.problems.push(
      `Your project has a function ${name}, and so has Parley. Rename yours, or leave Parley's out: --without ${name}.`,
    );
  }
  for (const path of await filesIn(join(folder, "schemas"))) {
    const text = path.endsWith(".sql") ? await readIfThere(join(folder, "schemas", path)) : undefined;
    if (text !== undefined && schemaOwner([[path, text]])) {
      plan.problems.push(`schemas/${path} creates a schema chat or chat_private: rename it, Parley needs these names.`);
    }
  }
}

const plainSection = (section: unknown): unknown => JSON.parse(JSON.stringify(section));

function addConfig(plan: Plan, project: Project, release: Release, before: Record, after: Record): void {
  const { configText, config } = project;
  const { text: exposed, exposure } = before.release ? { text: configText } : expose(configText);
  if (before.schema ?? exposure) after.schema = before.schema ?? exposure;
  after.functions = release.functions;
  const isWhole = !before.release || holdsBlock(configText, before.functions);
  const wanted = isWhole ? undecided(release, config, before) : changedByHand(plan, release, config, before);
  const isSameAsBefore = isWhole && isDeepStrictEqual(release.functions, before.functions);
  const text = isSameAsBefore || Object.keys(wanted).length === 0
    ? exposed
    : withFunctions(exposed, wanted, isWhole ? before.functions : {});
  if (text !== configText) plan.writes.set(CONFIG, text);
  for (const [name, remote] of Object.entries(config.remotes as TomlTable ?? {})) {
    const api = (remote as TomlTable).api as TomlTable | undefined;
    if (api?.schemas && !schemasOf({ api }).includes("chat")) {
      plan.notes.push(`[remotes.${name}.api] has schemas of its own: add "chat" there.`);
    }
  }
  if (before.release && !schemasOf(config).includes("chat")) plan.notes.push(`schemas in [api] lacks "chat".`);
}

/** The sections to write where nobody has changed them; those that are there already stay. */
function undecided(release: Release, config: TomlTable, before: Record): Sections {
  if (before.release) return release.functions;
  const present = config.functions as Sections | undefined ?? {};
  return Object.fromEntries(Object.entries(release.functions).filter(([name]) => !(name in present)));
}

/** The sections to add where somebody has changed Parley's; what differs is reported. */
function changedByHand(plan: Plan, release: Release, config: TomlTable, before: Record): Sections {
  const present = config.functions as Sections | undefined ?? {};
  const added: Sections = {};
  for (const [name, section] of Object.entries(release.functions)) {
    if (!(name in present) && !(name in before.functions)) added[name] = section;
    else if (!(name in present)) plan.notes.push(`[functions.${name}]: you have taken it out.`);
    else if (!isDeepStrictEqual(plainSection(present[name]), section)) {
      plan.notes.push(`[functions.${name}]: you have changed it; the release has ${JSON.stringify(section)}.`);
    }
  }
  return added;
}
