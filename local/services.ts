// The second process: Auth, unless Supabase's own runs, and the Data API, so that hashing a password never delays a message.
// It reads its settings from standard input and exits when that closes, which happens when the first process is killed.
import { App } from "@supabase/lite";
import { auth } from "./auth/auth.ts";
import { TextLineStream } from "./base/lines.ts";
import { ignoreConsoleErrors } from "./base/terminal.ts";
import { Connection } from "./lite/connection.ts";
import { dataApi } from "./lite/data_api.ts";
import { Mailbox } from "./lite/mailbox.ts";
import { apiKeys, liteConfig, type LiteSettings } from "./lite/settings.ts";

ignoreConsoleErrors();

const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
const settings: LiteSettings = JSON.parse((await input.read()).value!);

const connection = new Connection(settings);
const app = new App({
  ...liteConfig(settings),
  connection,
  options: {
    server: { apiKeys: { resolver: apiKeys(settings.keys) }, disableStudio: true },
    drivers: { email: new Mailbox(settings) },
  },
});
if (settings.isAuth) await connection.makeAuthTables();
await connection.watch(({ aggregates }) => Object.assign(app.config.api!, { aggregates_enabled: aggregates }));

const lite = async (request: Request) => await app.fetch(request);
const rest = dataApi(lite);
const platformAuth = auth(lite, connection.driver, settings);

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  handler: (request) => new URL(request.url).pathname.startsWith("/auth/v1/") ? platformAuth(request) : rest(request),
  onListen: ({ port }) => console.log(`ready ${port}`),
});

while (!(await input.read()).done);
Deno.exit();
