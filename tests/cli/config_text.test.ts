import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { expose, withFunctions, withoutParley } from "../../client/cli/src/config_text.ts";

const FUNCTIONS = { notes: { verify_jwt: false, entrypoint: "./parley/notes.ts", static_files: ["a.css", "b.css"] } };

describe("config.toml is changed as text, and is what it was after the removal, when it", () => {
  const api = (schemas: string) => `[api]\nport = 1\n${schemas}\n[api.tls]\nenabled = false\n`;
  test.each<[string, string, string[]]>([
    ["is empty", "", ["public", "graphql_public", "chat"]],
    ["has no [api]", "[api.tls]\nenabled = true\n", ["public", "graphql_public", "chat"]],
    ["does not name the schemas", "[ api ] # ours\nport = 1\n", ["public", "graphql_public", "chat"]],
    ["names none", api("schemas = []"), ["chat"]],
    ["names one", api(`schemas = ["public"] # "chat"`), ["public", "chat"]],
    [
      "lists them in lines",
      api(`  schemas = [\n    'public', # ours, not ]\n    "a]b", # theirs\n  ] # end`),
      ["public", "a]b", "chat"],
    ],
    ["ends the list with a comma", api(`schemas=["public",]`), ["public", "chat"]],
    ["shows chat already", api(`schemas = ["chat", "public"]`), ["chat", "public"]],
    ["has the ends of lines of Windows", api(`schemas = ["public"]`).replaceAll("\n", "\r\n"), ["public", "chat"]],
    ["has the section at its end", "[db]\nport = 1\n\n[api]\n", ["public", "graphql_public", "chat"]],
  ])("%s", (_, config, schemas) => {
    const { text: exposed, exposure } = expose(config);
    const text = withFunctions(exposed, FUNCTIONS);
    expect(parse(text)).toMatchObject({ api: { schemas }, functions: FUNCTIONS });
    expect(text.replaceAll("\r\n", "").includes("\n")).toBe(!config.includes("\r\n"));
    expect(withoutParley(text, FUNCTIONS, exposure)).toBe(config);
  });
});
