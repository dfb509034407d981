import process from "node:process";
import { describe, expect, test } from "vitest";
import type { Setting } from "../../functions/_shared/settings/setting.ts";
import { publishableKey, sections, settings } from "../../functions/_shared/settings/settings.ts";
import { readEnvironment } from "../support/environment.ts";

const all = Object.entries(settings) as [keyof typeof settings, Setting<unknown>][];
const variables = [...all.map(([, { definition }]) => definition.name), "SB_REGION", "DENO_DEPLOYMENT_ID"];
readEnvironment(variables);

test("each setting has the name of its variable", () => {
  const camelCase = (name: string) => name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  expect(all.map(([key]) => key)).toEqual(all.map(([, { definition }]) => camelCase(definition.name)));
});

describe("an empty or blank variable counts as not set", () => {
  const outcome = (read: Setting<unknown>) => {
    try {
      return read();
    } catch (error) {
      return (error as Error).message;
    }
  };
  test.each(all)("%s", (_, read) => {
    const unset = outcome(read);
    for (const blank of ["", " "]) {
      process.env[read.definition.name] = blank;
      expect(outcome(read)).toEqual(unset);
    }
  });

  test("a pool has its default size, on the platform one connection", () => {
    process.env.DB_POOL_SIZE = "";
    expect([settings.dbPoolSize(), settings.dbPoolUrl()]).toEqual([8, undefined]);
    process.env.SB_REGION = "eu-central-1";
    expect(settings.dbPoolSize()).toBe(1);
  });

  test("a required one is missing", () => {
    process.env.SUPABASE_URL = "";
    expect(settings.supabaseUrl).toThrow("The setting SUPABASE_URL is missing.");
  });
});

test.each<[keyof typeof settings, string[]]>([
  ["dbPoolSize", ["many", "0", "-1", "1.5", "101", "1e1", "0x8", "NaN", "Infinity"]],
  ["dbPoolUrl", ["pooler.example:6543", "https://pooler.example", "postgres:///postgres"]],
  ["supabaseUrl", ["project", "ftp://project.example", "https://project.example?x=1"]],
  ["supabaseJwks", ["keys", "{}", "1", '{"keys": 1}']],
  ["supabaseSecretKeys", ["sb_secret", "[]", "null"]],
  ["publicUrl", ["chat.example", "/chat"]],
  ["allowedHosts", ["https://chat.example", "chat.example/path"]],
  ["allowedOrigins", ["chat.example", "https://chat.example/path"]],
  ["trustedProxies", ["everybody", "10.0.0.0/33", "-1"]],
  ["responderUrl", ["ollama", "127.0.0.1:11434"]],
  ["responderTimeout", ["soon", "0", "-1", "2000001"]],
  ["responderContextTokens", ["all", "0", "1.5"]],
  ["responderMaxTokens", ["0", "99999999"]],
  ["relayFramesPerSecond", ["0", "-50", "1000001"]],
  ["relayMaxFrame", ["-1", "128k"]],
  ["relayMaxBacklog", ["0", "4 MiB"]],
  ["relayIdleSeconds", ["0", "30s"]],
  ["workerSeconds", ["0", "forever", "Infinity"]],
])("%s refuses nonsense, and names the variable and its rule", (key, values) => {
  const { definition: { name } } = settings[key];
  for (const value of values) {
    process.env[name] = value;
    expect(settings[key], value).toThrow(new RegExp(`^The setting ${name} takes .+\\.$`));
  }
});

test.each<[keyof typeof settings, string, unknown]>([
  ["dbPoolSize", " 100 ", 100],
  ["dbPoolUrl", "postgres://postgres:secret@pooler.example:6543/postgres", expect.stringContaining("pooler.example")],
  ["allowedHosts", "Chat.example, *.example.net", ["chat.example", "*.example.net"]],
  ["allowedOrigins", "https://chat.example/ http://localhost:3000", ["https://chat.example", "http://localhost:3000"]],
  ["trustedProxies", "2", { count: 2 }],
  ["relayIdleSeconds", "0.5", 0.5],
  ["relayFramesPerSecond", "1000000", 1_000_000],
  ["workerSeconds", "400", 400],
])("%s takes %s", (key, value, expected) => {
  process.env[settings[key].definition.name] = value;
  expect(settings[key]()).toEqual(expected);
});

test("an error shows a wrong value, but never a secret", () => {
  process.env.DB_POOL_SIZE = "many";
  expect(settings.dbPoolSize).toThrow('The setting DB_POOL_SIZE takes a whole number from 1 to 100, not "many".');
  process.env.DB_POOL_URL = "mysql://postgres:secret@pooler.example";
  expect(settings.dbPoolUrl).toThrow(
    /^The setting DB_POOL_URL takes an address such as postgresql:\/\/user:password@host:5432\/postgres\.$/,
  );
  process.env.SUPABASE_SECRET_KEYS = "sb_secret_1";
  expect(settings.supabaseSecretKeys).toThrow(/^(?!.*sb_secret_1).*SUPABASE_SECRET_KEYS/);
});

test("the key named default is used before the legacy one", () => {
  expect(publishableKey).toThrow("The setting SUPABASE_ANON_KEY is missing.");
  process.env.SUPABASE_ANON_KEY = "legacy";
  expect(publishableKey()).toBe("legacy");
  process.env.SUPABASE_PUBLISHABLE_KEYS = '{"default": "sb_publishable_1"}';
  expect(publishableKey()).toBe("sb_publishable_1");
});

test("every example of .env.example is valid", () => {
  for (const read of Object.values(sections).flatMap((section) => Object.values(section) as Setting<unknown>[])) {
    process.env[read.definition.name] = read.definition.example;
    expect(read).not.toThrow();
  }
});
