import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import createFetch from "openapi-fetch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { uniqueName } from "../support/users.ts";
import { baseOf } from "./caller.ts";
import { apis, type Credentials, functions } from "./apis.ts";
import { generate } from "./generators/generate.ts";
import { refusal } from "../support/refusals.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
await mkdir(`${root}.local`, { recursive: true });
const folder = await mkdtemp(`${root}.local/clients-`);

beforeAll(async () => {
  for (const { api } of functions) {
    await mkdir(`${folder}/${api}`);
    await generate(`${baseOf(api)}/api/schema/`, `${folder}/${api}`);
  }
});
afterAll(() => rm(folder, { recursive: true }));

test("the output of both generators compiles", async () => {
  const files = functions.flatMap(({ api }) => [`${folder}/${api}/schema.ts`, `${folder}/${api}/sdk/index.ts`]);
  const options = ["--noEmit", "--strict", "--ignoreConfig", "--target", "es2022", "--lib", "es2022,dom,dom.iterable"];
  const modules = ["--module", "esnext", "--moduleResolution", "bundler", "--types", ""];
  await promisify(execFile)("node", [`${root}node_modules/typescript/bin/tsc`, ...options, ...modules, ...files])
    .catch(({ stdout }) => expect(stdout).toBe(""));
});

/** What a client is asked to do: an operation, by its id and by its method and path. */
type Operation = [id: string, method: "GET" | "POST", path: string];

interface Flow {
  register: string;
  login: string;
  create: Operation;
  list: Operation;
  input: object;
  /** A body that the create refuses, and the field that it names. */
  wrong: [object, string];
}

const flows: Record<string, Flow> = {
  messenger: {
    register: "authRegisterCreate",
    login: "authLoginCreate",
    create: ["chatsCreate", "POST", "/api/chats/"],
    list: ["chatsList", "GET", "/api/chats/"],
    input: { type: "group", name: "Tea", members: [] },
    wrong: [{ type: "crowd", members: [] }, "type"],
  },
  social: {
    register: "accountsUsersCreate",
    login: "accountsTokenCreate",
    create: ["profilesPostsCreate", "POST", "/profiles/api/posts/"],
    list: ["profilesPostsList", "GET", "/profiles/api/posts/"],
    input: { title: "Tea", content: "Hello!" },
    wrong: [{ title: "Tea" }, "content"],
  },
  "mini-chat": {
    register: "authRegisterCreate",
    login: "authLoginCreate",
    create: ["chatRoomsCreate", "POST", "/api/chat/rooms/"],
    list: ["chatRoomsList", "GET", "/api/chat/rooms/"],
    input: { name: "Tea" },
    wrong: [{ name: "" }, "name"],
  },
  conversations: {
    register: "authRegistrationCreate",
    login: "authLoginCreate",
    create: ["chatConversationsCreate", "POST", "/api/chat/conversations/"],
    list: ["chatConversationsList", "GET", "/api/chat/conversations/"],
    input: { title: "Tea" },
    wrong: [{ title: "" }, "title"],
  },
  "chat-sessions": {
    register: "authRegisterCreate",
    login: "authLoginCreate",
    create: ["chatSessionsCreate", "POST", "/api/v1/chat/sessions/"],
    list: ["chatSessionsList", "GET", "/api/v1/chat/sessions/"],
    input: { title: "Tea" },
    wrong: [{ title: ["Tea"] }, "title"],
  },
};

// deno-lint-ignore no-explicit-any
type Json = any;
interface Answer {
  data?: Json;
  error?: Json;
  response: Response;
}
type Call = (operation: Operation, body?: object, token?: string) => Promise<Answer>;

const bearer = (token?: string) => (token ? { Authorization: `Bearer ${token}` } : {});

const clients: Record<string, (api: string) => Promise<Call>> = {
  "openapi-fetch": (api) => {
    const client: Json = createFetch({ baseUrl: baseOf(api) });
    return Promise.resolve(([, method, path], body, token) => client[method](path, { body, headers: bearer(token) }));
  },
  "hey-api": async (api) => {
    const sdk = await import(/* @vite-ignore */ `${folder}/${api}/sdk/index.ts`);
    const { client } = await import(/* @vite-ignore */ `${folder}/${api}/sdk/client.gen.ts`);
    client.setConfig({ baseUrl: baseOf(api) });
    return ([id], body, token) => sdk[id]({ body, ...(token && { auth: () => token }) });
  },
};

const cases = Object.keys(clients).flatMap((generator) => apis.map((entry) => ({ generator, ...entry })));

test.each(cases)("the client of $generator registers, logs in, creates and lists in $api", async (each) => {
  const { generator, api, register, login } = each;
  const flow = flows[api]!;
  const call = await clients[generator]!(api);
  const name = uniqueName("ann");
  const account: Credentials = { username: name, email: `${name}@example.com`, password: crypto.randomUUID() };

  const [path, details] = register(account);
  const registered = await call([flow.register, "POST", path], details);
  expect([registered.response.status, registered.error]).toEqual([201, undefined]);

  const asked = { [login[1]]: login[1] === "email" ? account.email : account.username };
  const entered = await call([flow.login, "POST", login[0]], { ...asked, password: account.password });
  const { access } = entered.data;
  expect(access.split(".")).toHaveLength(3);

  const created = await call(flow.create, flow.input, access);
  expect([created.response.status, created.data]).toEqual([201, expect.objectContaining({ id: expect.anything() })]);
  const { data } = await call(flow.list, undefined, access);
  expect((data.results ?? data).map(({ id }: { id: unknown }) => id)).toContain(created.data.id);

  const [input, field] = flow.wrong;
  const refused = await call(flow.create, input, access);
  expect([refused.response.status, refused.error]).toEqual([400, { [field]: [expect.any(String)] }]);
  const stranger = await call(flow.list);
  expect([stranger.response.status, stranger.error]).toEqual([401, refusal(api, { detail: expect.any(String) })]);
});

test("the generated client of accounts signs in, that of assistant asks", async () => {
  const name = uniqueName("ann");
  const password = crypto.randomUUID();
  const conversations: Json = createFetch({ baseUrl: baseOf("conversations") });
  const [accounts, assistant]: Json[] = ["accounts", "assistant"].map((api) => createFetch({ baseUrl: baseOf(api) }));
  const account = { email: `${name}@example.com`, password1: password, password2: password, username: name };
  await conversations.POST("/api/auth/registration/", { body: account });
  const { data: session } = await accounts.POST("/api/sign-in/", { body: { username: name, password } });
  const headers = bearer(session.access_token);
  const { data: conversation } = await conversations.POST("/api/chat/conversations/", { body: {}, headers });
  const { data, response } = await assistant.POST("/api/conversations/{conversation_id}/questions/", {
    params: { path: { conversation_id: conversation.id } },
    body: { message: "What is tea?" },
    headers,
  });
  expect([response.status, data]).toEqual([201, expect.objectContaining({ message: "What is tea?" })]);
});
