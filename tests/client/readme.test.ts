import { setTimeout as sleep } from "node:timers/promises";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Window } from "happy-dom";
import { afterAll, expect, inject, onTestFinished, test, vi } from "vitest";
import WebSocket from "ws";
import type { LiveRoom } from "../../client/sdk/src/index.ts";
import { newDevice, openLive, say } from "./devices.ts";
import { check, readmeExamples, sourceExamples, writeModules } from "./examples.ts";
import { MemoryStorage } from "./memory_storage.ts";
import { PIXEL } from "./pixel.ts";

const { api_url: url, publishable_key: key } = inject("status");
const folder = fileURLToPath(new URL(".examples", import.meta.url));
afterAll(() => rm(folder, { recursive: true, force: true }));

// Examples are for browsers, and for programs with the features of Node 22.
Object.assign(globalThis, { WebSocket });

const examples = await readmeExamples();
const paths = await writeModules(`${folder}/readme`, examples);
const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

const allPublic = ann.chat.rooms.listPublic.bind(ann.chat.rooms);

/** The values that an example may use, all new, so that no example depends on another. */
async function makeContext() {
  const memberIds = [bob.account.id];
  const group = await ann.chat.rooms.createGroup({ name: "Tea", memberIds });
  const open = await bob.chat.rooms.createGroup({ name: "Open to all", isPublic: true });
  // Other tests make public groups at the same time, which may be gone, or closed to ann, before an example joins them.
  vi.spyOn(ann.chat.rooms, "listPublic").mockImplementation(async () =>
    (await allPublic()).filter(({ id }) => id === open.id)
  );
  const room = await openLive(ann, group.id);
  const [message] = await say(room, "Tea, says ann");
  const conversation = await ann.chat.conversations.create();
  return {
    ...{ url, key, name: ann.account.username, password: ann.account.password, friendId: bob.account.id },
    ...{ supabase: ann.supabase, chat: ann.chat, room, roomId: group.id, message: message!, conversation },
    ...await ann.chat.invites.createLink(group.id).then(({ id: linkId, token }) => ({ linkId, token })),
    otherRoomId: (await ann.chat.rooms.createGroup({ name: "Other" })).id,
    picture: new Blob([PIXEL], { type: "image/png" }),
    myStorage: new MemoryStorage(),
  };
}

const programs = examples.flatMap(({ title, language }, index) =>
  language === "ts" ? { title, path: paths[index]! } : []
);

test.each(programs)("the example runs: $title", async ({ title, path }) => {
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  const failed = vi.spyOn(console, "error");
  try {
    const { default: example } = await import(path);
    await example(await makeContext());
    if (title === "parley-client 1") await expect.poll(() => said.mock.lastCall).toEqual([["Hello! (sent)"]]);
    expect(failed).not.toHaveBeenCalled();
  } finally {
    said.mockRestore();
  }
});

test("the React binding shows a room as it changes, in strict mode, which mounts it twice", async () => {
  const window = new Window();
  const globals = {
    window,
    document: window.document,
    IS_REACT_ACT_ENVIRONMENT: false,
    ...(!("navigator" in globalThis) && { navigator: window.navigator }),
  };
  Object.assign(globalThis, globals);
  onTestFinished(() => {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  });
  const { createElement, StrictMode } = await import("react");
  const { createRoot } = await import("react-dom/client");
  const { useRoom, Messages } = await import(paths[examples.findIndex(({ language }) => language === "tsx")]!);
  const { roomId } = await makeContext();
  function Page() {
    const room: LiveRoom | undefined = useRoom(ann.chat, roomId);
    return room ? createElement(Messages, { room }) : null;
  }
  const element = window.document.body.appendChild(window.document.createElement("main"));
  const page = createRoot(element as never);
  // React complains about snapshots that differ although nothing has changed.
  const complaints = vi.spyOn(console, "error");
  page.render(createElement(StrictMode, null, createElement(Page)));
  const items = () => [...window.document.querySelectorAll("li")].map((item) => item.textContent);
  await expect.poll(items).toEqual(["Tea, says ann"]);
  await say(await openLive(bob, roomId), "And coffee");
  await expect.poll(items).toEqual(["Tea, says ann", "And coffee"]);
  page.unmount();
  await sleep(50); // what React has scheduled still needs the window
  expect(complaints).not.toHaveBeenCalled();
});

test("every example compiles, also those beside methods", async () => {
  const others = await sourceExamples();
  expect(others.length).toBeGreaterThan(60);
  const sources = await writeModules(`${folder}/sources`, others);
  await check([...paths, ...sources]);
  const wrong = await writeModules(`${folder}/wrong`, [{ title: "", language: "ts", code: "chat.rooms.opened(1);" }]);
  await expect(check(wrong)).rejects.toThrow("opened");
});
