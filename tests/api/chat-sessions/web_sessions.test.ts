import { beforeAll, describe, expect, test } from "vitest";
import { type Browser, newSession, newVisitor, PREFIX, titleOf } from "./browser.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let ann: Browser;
beforeAll(async () => void (ann = await newVisitor("ann")));

describe("the documented routes respond to scripts as documented", () => {
  test("create, rename, load, view, delete", async () => {
    const created = await ann.request("POST", "/chat/session/create/");
    expect([created.status, created.json]).toEqual([200, {
      success: true,
      session_id: expect.stringMatching(UUID),
      session_title: "New Chat",
    }]);
    const id = created.json.session_id;
    const renamed = await ann.json("POST", `/chat/session/${id}/rename/`, { title: " New Title " });
    expect([renamed.status, renamed.json]).toEqual([200, { success: true, session_title: "New Title" }]);
    await ann.json("POST", `/chat/session/${id}/send/`, { message: "Hello" });
    const loaded = await ann.get(`/load_session/${id}/`);
    expect([loaded.status, loaded.json.session_title]).toEqual([200, "New Title"]);
    expect(loaded.json.chats).toEqual([{
      id: expect.any(Number),
      message: "Hello",
      response: expect.stringContaining("offline"),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      metadata: expect.any(Object),
    }]);
    const viewed = await ann.get(`/chat/${id}/`);
    expect([viewed.status, viewed.headers.get("Content-Type")]).toEqual([200, "text/html; charset=UTF-8"]);
    expect(viewed.text).toContain('<p class="text">Hello</p>');
    const removed = await ann.request("DELETE", `/chat/session/${id}/delete/`);
    expect([removed.status, removed.json]).toEqual([200, { success: true }]);
    expect((await ann.get(`/load_session/${id}/`)).status).toBe(404);
  });

  test("create accepts a title, and works without its trailing slash", async () => {
    const { json } = await ann.json("POST", "/chat/session/create", { title: "Tea" });
    expect(json).toMatchObject({ success: true, session_title: "Tea" });
  });

  test("send returns the chat, or streams it", async () => {
    const id = await newSession(ann);
    const { json } = await ann.json("POST", `/chat/session/${id}/send/`, { message: "Hello" });
    expect(json).toMatchObject({ success: true, chat: { message: "Hello", response: expect.any(String) } });
    const { text, headers } = await ann.json("POST", `/chat/session/${id}/send/`, { message: "Again" }, {
      Accept: "text/event-stream",
    });
    expect(headers.get("Content-Type")).toBe("text/event-stream");
    expect(headers.get("Cache-Control")).toBe("no-store, no-transform");
    const events = text.trim().split("\n\n").map((event) => event.split("\n"));
    const of = (name: string) =>
      events.filter(([first]) => first === `event: ${name}`).map(([, data]) => JSON.parse(data!.slice(6)));
    expect(of("chat")).toMatchObject([{ message: "Again", response: null }]);
    expect(of("delta").length).toBeGreaterThan(1);
    expect(of("delta").map(({ delta }) => delta).join("")).toBe(of("done")[0].response);
  });

  test("a message sent twice with one client_id is created once", async () => {
    const id = await newSession(ann);
    const body = { message: "Once", client_id: crypto.randomUUID() };
    const first = await ann.json("POST", `/chat/session/${id}/send/`, body);
    const second = await ann.json("POST", `/chat/session/${id}/send/`, body);
    expect(second.json).toEqual(first.json);
    expect((await ann.get(`/load_session/${id}/`)).json.chats).toHaveLength(1);
  });

  test("regenerate requests another reply", async () => {
    const id = await newSession(ann);
    const { json } = await ann.json("POST", `/chat/session/${id}/send/`, { message: "Hello" });
    const path = `/chat/session/${id}/chats/${json.chat.id}/regenerate/`;
    expect((await ann.json("POST", path)).json).toMatchObject({ success: true, chat: { id: json.chat.id } });
    expect((await ann.form(path)).location).toBe(`${PREFIX}/chat/${id}/`);
    for (const chat of ["999999999", "x"]) {
      expect((await ann.json("POST", `/chat/session/${id}/chats/${chat}/regenerate/`)).status).toBe(404);
    }
  });
});

describe("forms do the same without scripts", () => {
  test("create, rename, send and delete redirect to the next page", async () => {
    const created = await ann.form("/chat/session/create/");
    expect(created.status).toBe(303);
    const path = created.location!.slice(PREFIX.length);
    const id = path.split("/")[2]!;
    expect((await ann.form(`/chat/session/${id}/rename/`, { title: "Tea" })).location).toBe(`${PREFIX}${path}`);
    expect((await ann.form(`/chat/session/${id}/send/`, { message: "One\r\ntwo" })).location).toBe(`${PREFIX}${path}`);
    const { text } = await ann.get(path);
    expect(text).toContain('<h1 id="title">Tea</h1>');
    expect(text).toContain('<p class="text">One\ntwo</p>');
    expect((await ann.form(`/chat/session/${id}/delete/`)).location).toBe(`${PREFIX}/`);
    expect((await ann.get(path)).status).toBe(404);
  });

  test("a message on the home page begins a session, which gets its title from it", async () => {
    const { location } = await ann.form("/chat/session/create/", { message: "What is tea?" });
    const { text } = await ann.get(location!.slice(PREFIX.length));
    expect(text).toContain('<h1 id="title">What is tea?</h1>');
  });

  test.each([
    ["send/", { message: " " }, "message-error", "This field may not be blank."],
    ["send/", {}, "message-error", "This field is required."],
    [
      "send/",
      { message: "x".repeat(100_001) },
      "message-error",
      "Ensure this field has no more than 100000 characters.",
    ],
    ["rename/", { title: "x".repeat(256) }, "new-title-error", "Ensure this field has no more than 255 characters."],
    ["rename/", { title: "" }, "new-title-error", "This field may not be blank."],
  ])("%s shows the error next to the field", async (path, fields: Record<string, string>, place, error) => {
    const id = await newSession(ann, "Kept");
    const { status, text } = await ann.form(`/chat/session/${id}/${path}`, fields);
    expect(status).toBe(400);
    expect(text).toContain(`id="${place}" role="alert">${error}<`);
    expect(text).toContain(`aria-describedby="${place}" aria-invalid="true"`);
    expect(await titleOf(ann, id)).toBe("Kept");
  });

  test("a refused message on the home page is shown again, and begins no session", async () => {
    const bob = await newVisitor("bob");
    const { status, text } = await bob.form("/chat/session/create/", { message: "  " });
    expect([status, text.includes("This field may not be blank.")]).toEqual([400, true]);
    expect((await bob.get("/")).text).toContain("No chats yet.");
  });
});
