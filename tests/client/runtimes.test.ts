import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = await mkdtemp(`${root}tests/client/.runtimes-`);
const run = promisify(execFile);
const { api_url, publishable_key } = inject("status");

beforeAll(() =>
  run("node", [`${root}node_modules/typescript/bin/tsc`, "-p", "client/sdk", "--outDir", `${folder}/dist`], {
    cwd: root,
  })
);
afterAll(() => rm(folder, { recursive: true }));

const program = (options: string) => `
  const supabase = createClient("${api_url}", "${publishable_key}"${options});
  await supabase.auth.signUp({ email: \`\${crypto.randomUUID()}@example.com\`, password: crypto.randomUUID() });
  const chat = createChat(supabase);
  const { id } = await chat.rooms.createGroup({ name: "Tea" });
  const room = chat.rooms.open(id);
  room.subscribe(() => {
    const { status, messages: [message] } = room.getSnapshot();
    if (status !== "live" || message?.state !== "sent") return;
    console.log(message.content, message.seq);
    chat.close();
    supabase.auth.stopAutoRefresh();
    supabase.removeAllChannels().then(() => process.exit());
  });
  room.send("Hello!");`;

const imports = `
  import process from "node:process";
  import { createClient } from "@supabase/supabase-js";
  import { createChat } from "./dist/index.js";`;

test("the built package works in Node 20, which has no WebSocket", async () => {
  const path = `${folder}/node.js`;
  await writeFile(path, `${imports}\nimport ws from "ws";${program(", { realtime: { transport: ws } }")}`);
  const { stdout } = await run(process.execPath, [path]);
  expect(stdout).toBe("Hello! 1\n");
});

test("the built package works in Deno", async () => {
  const path = `${folder}/deno.js`;
  await writeFile(path, imports + program(""));
  const { stdout } = await run(`${root}node_modules/.bin/deno`, ["run", "-A", path], { cwd: root });
  expect(stdout).toBe("Hello! 1\n");
});
