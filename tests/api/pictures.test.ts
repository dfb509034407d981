import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { appClient } from "../support/clients.ts";
import { baseOf, Caller } from "./caller.ts";
import { newMiniChatPerson } from "./mini-chat/people.ts";

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const text = (of: string) => [...new TextEncoder().encode(of)];

/** A file that begins as one of its type does. */
const file = (start: number[], length = 5000, type = "image/png") =>
  new Blob([new Uint8Array(start), randomBytes(length)], { type });

function form(field: string, picture: Blob, more: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(more)) form.append(name, value);
  form.append(field, picture, "me.png");
  return form;
}

const DEFAULT_IMAGE = "/media/user_images/default.jpg";
const NO_IMAGE = ["Upload a valid image: PNG, JPEG, WebP or GIF."];

let miniChat: Caller;
let social: Caller;
let other: Caller;
let id: string;
beforeAll(async () => {
  const ann = await newMiniChatPerson("ann");
  miniChat = ann.api;
  social = new Caller(ann.api.token, "social");
  id = JSON.parse(atob(ann.api.token!.split(".")[1]!)).sub;
  other = new Caller((await newMiniChatPerson("bob")).api.token, "social");
});

/** The names of the pictures that Ann has in Storage. */
async function stored(): Promise<string[]> {
  const { data } = await appClient({ token: miniChat.token }).storage.from("avatars").list(id);
  return data!.map(({ name }) => name);
}

const bytesAt = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());

describe.each([
  ["mini-chat", "POST", "/api/auth/upload-avatar/", "avatar"],
  ["mini-chat", "PUT", "/api/auth/profile/", "avatar"],
  ["social", "PUT", "/profiles/api/profile/", "image"],
  ["social", "PATCH", "/profiles/api/profile/", "image"],
])("%s %s %s", (api, method, path, field) => {
  const change = (body: unknown) => (api === "social" ? social : miniChat).call(method, path, body);
  const shown = (body: { profile: Record<string, string> }) => body.profile[field]!;
  const urlOf = (picture: string) => api === "social" ? `${baseOf("social")}${picture}` : picture;

  test("→ 200 to a picture, which everyone sees, and which takes the place of the one before", async () => {
    const pictures = [file(PNG), file([0xff, 0xd8, 0xff, 0xe0], 5000, "image/svg+xml")];
    for (const [index, picture] of pictures.entries()) {
      const { status, body } = await change(form(field, picture, { first_name: "Ann" }));
      expect(status).toBe(200);
      const response = await fetch(urlOf(shown(body)));
      expect([response.status, response.headers.get("content-type")]).toEqual([
        200,
        ["image/png", "image/jpeg"][index],
      ]);
      expect(response.headers.get("cache-control")).toBe("max-age=31536000");
      expect(await bytesAt(urlOf(shown(body)))).toEqual(await picture.bytes());
      expect(await stored()).toEqual([shown(body).split("/").at(-1)]);
    }
  });

  test("→ 200 to a URL, which deletes the picture, and to the picture of before, which stays", async () => {
    const { body } = await change(form(field, file(text("GIF89a"))));
    const again = await change({ [field]: shown(body) });
    expect([again.status, shown(again.body)]).toEqual([200, shown(body)]);
    expect(await stored()).toHaveLength(1);
    const url = "https://example.com/ann.png";
    expect(shown((await change({ [field]: url })).body)).toBe(url);
    expect(await stored()).toEqual([]);
  });

  test("→ 400 to anything else, and to a large picture, naming the field and changing nothing", async () => {
    const before = shown((await change(form(field, file([...text("RIFF"), 0, 0, 0, 0, ...text("WEBP")])))).body);
    for (const refused of [file(text("<svg xmlns="), 5000), file([]), new Blob([], { type: "image/png" })]) {
      const { status, body } = await change(form(field, refused));
      expect([status, body]).toEqual([400, { [field]: NO_IMAGE }]);
    }
    const large = await change(form(field, file(PNG, 2 * 1024 * 1024)));
    expect([large.status, large.body]).toEqual([400, { [field]: ["Ensure this file has at most 2 MB."] }]);
    const huge = await change(form(field, file(PNG, 4 * 1024 * 1024)));
    expect([huge.status, huge.body]).toMatchObject([413, { detail: "Request body is larger than 3 MiB." }]);
    expect(await stored()).toEqual([before.split("/").at(-1)]);
  });
});

test("each API shows the picture that the other has stored", async () => {
  const { body } = await miniChat.call("POST", "/api/auth/upload-avatar/", form("avatar", file(PNG)));
  const path = `/media/user_images/${id}/${body.avatar.split("/").at(-1)}`;
  expect((await social.get("/profiles/api/profile/")).body.profile.image).toBe(path);
  const response = await fetch(`${baseOf("social")}${path}`, { headers: { range: "bytes=1-3" } });
  expect([response.status, await response.text()]).toEqual([206, "PNG"]);
  const { etag } = Object.fromEntries((await fetch(`${baseOf("social")}${path}`)).headers);
  expect((await fetch(`${baseOf("social")}${path}`, { headers: { "if-none-match": etag! } })).status).toBe(304);
  await social.patch("/profiles/api/profile/", { image: DEFAULT_IMAGE });
  expect((await miniChat.get("/api/auth/profile/")).body.profile.avatar).toBe("https://placehold.co/150x150");
  expect((await fetch(`${baseOf("social")}${path}`)).status).toBe(404);
});

test("nobody deletes the picture of another by naming it", async () => {
  const { body } = await miniChat.call("POST", "/api/auth/upload-avatar/", form("avatar", file(PNG)));
  const image = `/media/user_images/${id}/${body.avatar.split("/").at(-1)}`;
  await other.patch("/profiles/api/profile/", { image });
  await other.patch("/profiles/api/profile/", { image: null });
  expect(await stored()).toHaveLength(1);
});
