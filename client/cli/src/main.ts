#!/usr/bin/env node
import process from "node:process";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { addition } from "./add.ts";
import { carryOut } from "./plan.ts";
import { readProject } from "./project.ts";
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
  remove: {
    options: { ...PLANNED, "not-pushed": { type: "boolean", default: false } },
    run: async (values, release) => {
      const project = await added(String(values.dir));
      const notPushed = values["not-pushed"] === true;
      const plan = await removal(project, release, { force: values.force === true, notPushed });
      if (plan.problems.length === 0 && !notPushed) print(`${BEFORE_REMOVAL}\n`);
      if (await carryOut(plan, project, planOptions(values))) print(afterRemoval(project.record, notPushed));
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
