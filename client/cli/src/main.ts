#!/usr/bin/env node
import { join } from "node:path";
import process from "node:process";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { addition } from "./add.ts";
import { examine } from "./doctor/doctor.ts";
import type { Platform } from "./doctor/platform.ts";
import { carryOut } from "./plan.ts";
import { readIfThere, readProject } from "./project.ts";
import { RECORD } from "./record.ts";
import { readRelease, type Release, without } from "./release.ts";
import { removal } from "./remove.ts";
import { CliError, EXIT, print } from "./terminal.ts";
import { afterInit, afterRemoval, afterUpgrade, BEFORE_REMOVAL, HELP } from "./texts.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

interface Command {
  options: Options;
  run: (values: Values, release: Release) => Promise<number>;
}

const PLANNED = {
  dir: { type: "string", default: "supabase" },
  "dry-run": { type: "boolean", default: false },
  yes: { type: "boolean", short: "y", default: false },
  force: { type: "boolean", default: false },
} as const satisfies Options;

const planOptions = (values: Values) => ({ dryRun: values["dry-run"] === true, yes: values.yes === true });

const COMMANDS: { [name: string]: Command } = {
  init: {
    options: { ...PLANNED, without: { type: "string", multiple: true, default: [] } },
    run: async (values, release) => {
      const project = await readProject(String(values.dir));
      const { record } = project;
      if (record && record.release !== release.version) {
        throw new CliError(
          `This project has Parley ${record.release}: npx parley-cli upgrade brings ${release.version}.`,
        );
      }
      const left = record?.without ?? functionNames(values.without as string[], release);
      const plan = await addition(project, without(release, left), left, values.force === true);
      if (await carryOut(plan, project, planOptions(values))) print(afterInit(project));
      return EXIT.done;
    },
  },
  upgrade: {
    options: PLANNED,
    run: async (values, release) => {
      const project = await added(String(values.dir));
      const { record } = project;
      const plan = await addition(project, without(release, record.without), record.without, values.force === true);
      if (await carryOut(plan, project, planOptions(values))) {
        print(afterUpgrade(record.release, release.version, plan));
      }
      return EXIT.done;
    },
  },
  doctor: {
    options: {
      dir: PLANNED.dir,
      url: { type: "string" },
      key: { type: "string" },
      "secret-key": { type: "string" },
      "db-url": { type: "string" },
      "project-ref": { type: "string" },
      json: { type: "boolean", default: false },
    },
    run: async (values, { version, functions }) => {
      const given = (option: string, variable: string) =>
        (values[option] as string | undefined) ?? process.env[variable];
      const url = given("url", "SUPABASE_URL");
      const key = given("key", "SUPABASE_PUBLISHABLE_KEY");
      if (!url || !key) {
        throw new CliError("doctor needs --url and --key: the project's URL and publishable key.", EXIT.usage);
      }
      const left = await leftOut(String(values.dir));
      return await examine({
        url,
        key,
        secretKey: given("secret-key", "SUPABASE_SECRET_KEY"),
        databaseUrl: given("db-url", "SUPABASE_DB_URL"),
        platform: platformOf(url, values["project-ref"] as string | undefined),
        functions: Object.keys(functions).filter((name) => !left.includes(name)),
        release: version,
        json: values.json === true,
      });
    },
  },
  remove: {
    options: { ...PLANNED, "not-pushed": { type: "boolean", default: false } },
    run: async (values, release) => {
      const project = await added(String(values.dir));
      const isUnpushed = values["not-pushed"] === true;
      const plan = await removal(project, release, { force: values.force === true, notPushed: isUnpushed });
      if (plan.problems.length === 0 && !isUnpushed) print(`${BEFORE_REMOVAL}\n`);
      if (await carryOut(plan, project, planOptions(values))) print(afterRemoval(project.record, isUnpushed));
      return EXIT.done;
    },
  },
};

/** A project that has Parley. */
async function added(directory: string) {
  const { record, ...project } = await readProject(directory);
  if (record) return { ...project, record };
  throw new CliError(`There is no parley.json in ${project.shown}: npx parley-cli init adds Parley.`);
}

/** The functions that the project in this folder does not want; none where there is no project. */
async function leftOut(directory: string): Promise<string[]> {
  const record = await readIfThere(join(directory, RECORD));
  return record === undefined ? [] : (await readProject(directory)).record?.without ?? [];
}

/** The platform's own API, where the project is on it and there is an access token. */
function platformOf(url: string, ref?: string): Platform | undefined {
  const token = process.env.SUPABASE_ACCESS_TOKEN;
  const found = ref ?? /^https:\/\/([a-z]{20})\.supabase\.co\b/.exec(url)?.[1];
  return token && found
    ? { api: process.env.SUPABASE_API_URL ?? "https://api.supabase.com", ref: found, token }
    : undefined;
}

function functionNames(names: string[], release: Release): string[] {
  const unknown = names.find((name) => !(name in release.functions));
  if (unknown === undefined) return [...new Set(names)].sort();
  const known = Object.keys(release.functions).join(", ");
  throw new CliError(`--without ${unknown}: Parley has no such function. It has ${known}.`, EXIT.usage);
}

async function run([name, ...args]: string[]): Promise<number> {
  if (name === undefined || ["help", "--help", "-h"].includes(name)) {
    print(HELP);
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const release = await readRelease();
  if (["--version", "-v"].includes(name)) {
    print(release.version);
    return EXIT.done;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new CliError(`There is no command ${name}. npx parley-cli --help lists them.`, EXIT.usage);
  const values = parsed(command.options, args);
  if (values.help) {
    print(HELP);
    return EXIT.done;
  }
  return await command.run(values, release);
}

function parsed(options: Options, args: string[]): Values {
  try {
    return parseArgs({ args, options: { ...options, help: { type: "boolean", short: "h" } } }).values as Values;
  } catch (error) {
    throw new CliError(
      `${(error as Error).message.split(". ")[0]}. npx parley-cli --help lists the options.`,
      EXIT.usage,
    );
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
