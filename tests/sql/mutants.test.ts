import { afterAll, expect, inject, test } from "vitest";
import { EQUIVALENT } from "../mutants/equivalent.ts";
import { listAll, listMutants } from "../mutants/list.ts";
import { killer, readSuites } from "../mutants/suites.ts";
import { connect } from "./permissions/run.ts";

// All of them take minutes: npm run mutants. These take no lock that another test would wait for.
const sql = connect(inject("status").db_url);
afterAll(() => sql.end());

const messages = (await readSuites()).filter(({ name, text }) => name === "permissions" && text === "messages");

test("every kind of thing is taken away", async () => {
  const kinds = new Set((await listMutants(sql)).map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([
    "call",
    "check",
    "column grant",
    "condition",
    "function grant",
    "open check",
    "open using",
    "policy",
    "policy part",
    "primary key",
    "refusal",
    "row security",
    "schema grant",
    "table grant",
    "trigger",
    "unique",
    "wider grant",
  ]);
});

test("a grant that is gone is missed", async () => {
  const failed = await killer(sql, "revoke update (content) on chat.messages from authenticated", messages);
  expect(failed).toBe("permissions: messages: a stranger cannot update content of their own (no row)");
});

test("a grant too many is noticed", async () => {
  const failed = await killer(sql, "grant update (sender_id) on chat.messages to authenticated", messages);
  expect(failed).toMatch(/^permissions: messages: a \w+( member)? cannot update sender_id$/);
});

test("what is taken out of a function leaves one that can be created", async () => {
  const parts = (await listMutants(sql)).filter(({ kind }) => ["refusal", "call", "condition"].includes(kind));
  expect(parts.find(({ name }) => name.startsWith("chat_private.is_my_upload: and attachments.uploader_id"))?.statement)
    .not.toContain("attachments.uploader_id = (select auth.uid())");
  for (const { name, statement } of parts) {
    await expect(sql.unsafe(`begin; ${statement}; rollback`).simple(), name).resolves.toBeDefined();
  }
});

test("what is left out is there", async () => {
  const names = (await listAll(sql)).map(({ name }) => name);
  expect(Object.keys(EQUIVALENT).filter((name) => !names.includes(name))).toEqual([]);
});

test("nothing fails when nothing is changed", async () => {
  expect(await killer(sql, "", messages)).toBeUndefined();
});
