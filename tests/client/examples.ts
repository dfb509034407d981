import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sdk = `${root}client/sdk`;

/** What examples use without creating it, and its types. */
const given = {
  url: "string",
  key: "string",
  name: "string",
  password: "string",
  supabase: "SupabaseClient",
  chat: "parley.Chat",
  friendId: "string",
  clientId: "string",
  room: "parley.LiveRoom",
  roomId: "number",
  otherRoomId: "number",
  message: "parley.SentMessage",
  group: "{ id: number }",
  input: "{ addEventListener(event: string, listener: () => void): void }",
  conversation: "parley.Conversation",
  live: "parley.LiveConversation",
  question: "{ id: number }",
  picture: "Blob",
  fileId: "string",
  myStorage: "parley.ChatStorage",
  linkId: "number",
  token: "string",
};

const context = `
  import type * as parley from "parley-client";
  import type { SupabaseClient } from "@supabase/supabase-js";
  export interface Context { ${Object.entries(given).map(([name, type]) => `${name}: ${type};`).join(" ")} }`;

export interface Example {
  /** Its place: the heading, or the file. */
  title: string;
  language: string;
  code: string;
}

/** The code blocks of the client's README, each with its heading and its position under it. */
export async function readmeExamples(): Promise<Example[]> {
  const readme = await readFile(`${sdk}/README.md`, "utf8");
  return readme.split(/^#+ /m).flatMap((section) => {
    const heading = section.split("\n")[0]!;
    const blocks = [...section.matchAll(/^```(tsx?)\n(.*?)^```/gms)];
    return blocks.map(([, language, code], index) => ({
      title: `${heading} ${index + 1}`,
      language: language!,
      code: code!,
    }));
  });
}

/** The `@example` blocks of the sources. */
export async function sourceExamples(): Promise<Example[]> {
  const files = (await readdir(`${sdk}/src`, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const lists = await Promise.all(files.map(async (file) => {
    const source = await readFile(`${sdk}/src/${file}`, "utf8");
    const blocks = [...source.matchAll(/ \* ```ts\n(.*?) \* ```/gms)];
    return blocks.map(([, code], index) => ({
      title: `${file} ${index + 1}`,
      language: "ts",
      code: code!.replace(/^ *\* ?/gm, ""),
    }));
  }));
  return lists.flat();
}

/**
 * Writes examples as modules: their imports, and a function of the values that they do not create.
 * @returns the path of each module
 */
export async function writeModules(folder: string, examples: readonly Example[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const index = `${sdk}/src/index.ts`;
  await writeFile(`${folder}/context.ts`, context.replaceAll("parley-client", index));
  return await Promise.all(examples.map(async ({ language, code }, number) => {
    const path = `${folder}/${number}.${language}`;
    await writeFile(path, module(language, code).replaceAll("parley-client", index));
    return path;
  }));
}

function module(language: string, code: string): string {
  if (language === "tsx") return code;
  const imports = code.match(/^import .*\n/gm) ?? [];
  const common = ["ChatError", "createChat"].filter((name) => !imports.some((line) => line.includes(name)));
  return `
    import type { Readable } from "parley-client";
    import { ${common.join(", ")} } from "parley-client";
    import type { Context } from "./context.ts";
    ${imports.join("")}
    export default async function ({ ${Object.keys(given).join(", ")} }: Context) {{
      ${code.replace(/^import .*\n/gm, "")}
    }}`;
}

/** Compiles modules; throws their errors. */
export async function check(paths: readonly string[]): Promise<void> {
  const options = ["--noEmit", "--skipLibCheck", "--strict", "--jsx", "react-jsx", "--allowImportingTsExtensions"];
  const target = ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2023", "--lib", "es2023,dom"];
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  try {
    await promisify(execFile)("node", [tsc, ...options, ...target, "--types", "node", "--ignoreConfig", ...paths]);
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  }
}
