import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PIXEL } from "../client/pixel.ts";
import { importInto, oldBackend } from "./old_backend.ts";

type Backend = Awaited<ReturnType<typeof oldBackend>>;
let parley: Backend;
let old: Sql;
let address: string;
let folder: string;

/** The old backend's pictures: of person 2 to 8. */
const PICTURES = [
  "user_images/bob.jpg",
  "/media/user_images/carol.jpg",
  "../outside.png",
  "user_images/link.png",
  "user_images/large.png",
  "user_images/notes.png",
  "user_images/missing.png",
];

beforeAll(async () => {
  parley = await oldBackend("social");
  ({ address, old } = await parley.onPostgres());
  folder = await mkdtemp(join(tmpdir(), "parley-media-"));
  await mkdir(join(folder, "media/user_images"), { recursive: true });
  const write = (name: string, bytes: Uint8Array | string) => writeFile(join(folder, name), bytes);
  await write("media/user_images/bob.jpg", PIXEL);
  await write("media/user_images/carol.jpg", "GIF89a and what follows");
  await write("outside.png", PIXEL);
  await symlink(join(folder, "outside.png"), join(folder, "media/user_images/link.png"));
  await write(
    "media/user_images/large.png",
    new Uint8Array(2 * 1024 * 1024 + 1).fill(1, 0).map((byte, at) => PIXEL[at] ?? byte),
  );
  await write("media/user_images/notes.png", "notes");
  for (const [index, name] of PICTURES.entries()) {
    await old.unsafe("update profiles_profile set image = $1 where user_id = $2", [name, index + 2]);
  }
});
afterAll(async () => {
  await parley.stop();
  await rm(folder, { recursive: true });
});

function importPictures(secretKey: string, ...more: string[]) {
  const { db_url, api_url } = parley.stack.status;
  const options = ["--as", "social", "--media", join(folder, "media"), "--api-url", api_url, ...more];
  return importInto(db_url, ["django", "--from", address, ...options], { SECRET_KEY: secretKey });
}
const stored = () => parley.sql`select name, id from storage.objects where bucket_id = 'avatars' order by name`;
const shown = () =>
  parley.sql`select number, avatar_url from chat.profiles where avatar_url is not null order by number`;

test("a dry run names the pictures that cannot come, and stores none", async () => {
  const { output, code } = await importPictures(parley.stack.status.secret_key, "--dry-run");
  expect(code).toBe(2);
  expect(output).toContain(
    "person 4 (../outside.png), 5 (user_images/link.png), 8 (user_images/missing.png): " +
      "a picture that is not in the folder of --media",
  );
  expect(output).toContain("person 6 (user_images/large.png): a picture of more than 2 MB");
  expect(output).toContain("person 7 (user_images/notes.png): a picture that is not PNG, JPEG, WebP or GIF");
  expect(await stored()).toEqual([]);
});

test("an import with a wrong key writes nobody, and says why", async () => {
  const { errors, code } = await importPictures("sb_secret_wrong");
  expect(code).toBe(1);
  expect(errors).toMatch(/^The import failed: Storage does not take pictures: /m);
  expect(await parley.sql`select from chat.profiles`).toHaveLength(0);
});

test("pictures go to the folders of their people, once, and everyone sees them", async () => {
  const { output } = await importPictures(parley.stack.status.secret_key);
  expect(output).toContain("people: 11 of 11");
  const first = [await stored(), await shown()];
  expect(first.map((rows) => rows.length)).toEqual([2, 2]);
  const [bob, carol] = first[1]!;
  const ids = await parley.sql`select id from chat.profiles where number in (2, 3) order by number`;
  expect([bob, carol].map((row) => row!.avatar_url.split("/").at(-2))).toEqual(ids.map(({ id }) => id));
  const picture = await fetch(bob!.avatar_url);
  expect([picture.headers.get("content-type"), new Uint8Array(await picture.arrayBuffer())]).toEqual([
    "image/png",
    PIXEL,
  ]);
  expect((await fetch(carol!.avatar_url)).headers.get("content-type")).toBe("image/gif");

  await importPictures(parley.stack.status.secret_key);
  expect([await stored(), await shown()]).toEqual(first);
});

test("a folder that is not there, and a missing key, are refused before anything is read", async () => {
  const missing = await importInto(
    parley.stack.status.db_url,
    ["django", "--from", address, "--as", "social", "--media", "/no/such/folder", "--api-url", "http://127.0.0.1:1"],
    { SECRET_KEY: "sb_secret_any" },
  );
  expect([missing.code, missing.errors.trim()]).toEqual([1, "/no/such/folder is not a folder that can be read."]);
  const keyless = await importInto(
    parley.stack.status.db_url,
    ["django", "--from", address, "--as", "social", "--media", folder],
  );
  expect([keyless.code, keyless.errors]).toEqual([1, expect.stringContaining("--api-url")]);
});
