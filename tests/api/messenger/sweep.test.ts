import { expect, test } from "vitest";
import { MESSENGER } from "../caller.ts";
import { newGroup, newPerson, send } from "../people.ts";

const NASTY: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  9223372036854775808,
  1e308,
  "",
  " ",
  "x",
  "1e3",
  "NaN",
  "\0",
  "a\0b",
  "\ud800",
  "x".repeat(100_000),
  "'; drop table chat.messages; --",
  "\\",
  "%_\\'\"",
  "💥 ünïcödé \u202e",
  "9".repeat(400),
  [],
  [[]],
  [null],
  ["\0", -1, 2 ** 60],
  {},
  { __proto__: { admin: true }, constructor: 1, $gt: "" },
];

interface Parameter {
  name: string;
  in: "query" | "path" | "header";
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: { "application/json": { schema: { $ref: string } } } };
}

/** Every route with every field and parameter set to every bad value, one at a time. */
async function* spoiltRequests(valid: Record<string, unknown>) {
  const document = await (await fetch(`${MESSENGER}/api/schema/`)).json();
  for (const [path, operations] of Object.entries<Record<string, Operation>>(document.paths)) {
    for (const [method, { parameters = [], requestBody }] of Object.entries(operations)) {
      const reference = requestBody?.content["application/json"].schema.$ref.split("/").at(-1);
      const fields = Object.keys(reference ? document.components.schemas[reference].properties : {});
      const body = () => Object.fromEntries(fields.map((field) => [field, valid[field]]));
      const address = path.replace("{id}", `${valid.id}`);
      for (const value of NASTY) {
        for (const field of fields) yield { method, path: address, body: { ...body(), [field]: value } };
        if (requestBody) yield { method, path: address, body: value };
        const text = encodeURIComponent(
          typeof value === "string" ? value.toWellFormed().slice(0, 4000) : JSON.stringify(value),
        );
        for (const { name, in: place } of parameters) {
          if (place === "path") yield { method, path: path.replace("{id}", text), body: requestBody && body() };
          if (place === "query") yield { method, path: `${address}?chat=${valid.chat}&${name}=${text}` };
        }
      }
    }
  }
}

test("no bad value in any field or parameter → 5xx", async () => {
  const ann = await newPerson("ann");
  const chat = await newGroup(ann);
  const [message] = await send(ann, chat, "Something");
  const valid = { id: chat, chat, message: message.id, type: "group", name: "x", members: [], text: "x" };
  const faults: unknown[] = [];
  const requests = spoiltRequests(valid);
  const worker = async () => {
    for await (const { method, path, body } of requests) {
      // Not deleted, so that later requests have a target.
      if (method === "delete" && !path.includes("%")) continue;
      const { status } = await ann.api.call(method.toUpperCase(), path, body === null ? "null" : body);
      if (status >= 500) {
        faults.push({ method, path: path.slice(0, 200), status, body: JSON.stringify(body)?.slice(0, 200) });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(faults).toEqual([]);
}, 120_000);
