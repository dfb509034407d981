import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { type ClientRequest, request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type AppClient, appClient, database, dataOf } from "../support/clients.ts";
import { newUser, type User } from "../support/users.ts";
import { projectWith } from "../support/project.ts";
import { until } from "../support/until.ts";
import { type Stack, startStack, temporaryFolder } from "./run.ts";

const BUCKETS = `
[storage]
file_size_limit = "30MiB"

[storage.buckets.rooms]

[storage.buckets.pictures]
public = true
file_size_limit = "1MiB"
allowed_mime_types = ["image/png", "text/*"]
`;

/** A bucket for everyone, and one with a folder for each room. */
const POLICIES = `
  create policy "everyone uploads pictures" on storage.objects for insert with check (bucket_id = 'pictures');
  create policy "members read" on storage.objects for select to authenticated
    using (bucket_id = 'rooms' and (storage.foldername(name))[1]::bigint in (select chat_private.my_room_ids()));
  create policy "members write" on storage.objects for insert to authenticated
    with check (bucket_id = 'rooms' and (storage.foldername(name))[1]::bigint in (select chat_private.my_room_ids()));
  create policy "owners change" on storage.objects for update to authenticated
    using (bucket_id = 'rooms' and owner_id = (select auth.uid())::text)
    with check (bucket_id = 'rooms' and (storage.foldername(name))[1]::bigint in (select chat_private.my_room_ids()));
  create policy "owners delete" on storage.objects for delete to authenticated
    using (bucket_id = 'rooms' and owner_id = (select auth.uid())::text)`;

const MEGABYTES = 1024 * 1024;

let folder: string;
let project: string;
let data: string;
let stack: Stack;
let sql: ReturnType<typeof database>;
let service: AppClient;
let anon: AppClient;
let ann: User;
let bob: User;
let eve: User;
let room: number;

async function connect(): Promise<void> {
  stack = await startStack({ data, project, isCopied: true });
  sql = database(stack.status);
  service = appClient({ stack: stack.status, key: stack.status.secret_key });
  anon = appClient({ stack: stack.status });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  data = join(folder, "data");
  project = await projectWith((config) => config + BUCKETS, folder);
  await connect();
  await sql.unsafe(POLICIES);
  [ann, bob, eve] = await Promise.all([
    newUser("ann", stack.status),
    newUser("bob", stack.status),
    newUser("eve", stack.status),
  ]) as [User, User, User];
  room = (await dataOf(ann.supabase.rpc("create_group_room", { name: "Tea" }))).id;
  await dataOf(ann.supabase.rpc("add_members", { room_id: room, user_ids: [bob.id] }));
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

const files = (who: { supabase: Pick<AppClient, "storage"> }) => who.supabase.storage.from("rooms");
const pictures = (who: Pick<AppClient, "storage"> = service) => who.storage.from("pictures");
let paths = 0;
const newPath = () => `${room}/file-${++paths}.txt`;

/** The error of a response, in the words of the platform. */
async function errorOf(call: PromiseLike<{ error: unknown }>): Promise<string> {
  const { error } = await call;
  const { message, statusCode, status } = error as { message: string; statusCode: string; status: number };
  expect(status).toBe(statusCode === "416" ? 416 : 400);
  return `${statusCode} ${message}`;
}

/** Uploads as the service, and returns a URL that everybody can read it at. */
async function stored(content: string | Uint8Array, options: { cacheControl?: string } = {}): Promise<string> {
  const path = newPath();
  await dataOf(
    service.storage.from("rooms").upload(path, new Blob([content as never], { type: "text/plain" }), options),
  );
  return (await dataOf(service.storage.from("rooms").createSignedUrl(path, 60))).signedUrl;
}

/** The files that are stored, and the rows: the same at all times when nobody writes. */
async function storedAndKnown(): Promise<[string[], string[]]> {
  const names = await readdir(join(data, "storage", "objects"), { recursive: true, withFileTypes: true });
  const rows = await sql<{ version: string }[]>`select version from storage.objects`;
  return [
    names.filter((name) => name.isFile()).map(({ name }) => name).sort(),
    rows.map(({ version }) => version).sort(),
  ];
}

const unfinished = () => readdir(join(data, "storage", "incoming"));

describe("the policies of a room", () => {
  test("let members upload, list and read, and nobody else", async () => {
    const path = newPath();
    expect(await dataOf(files(ann).upload(path, new Blob(["tea"], { type: "text/plain" })))).toEqual({
      path,
      id: expect.any(String),
      fullPath: `rooms/${path}`,
    });
    expect(await (await dataOf(files(bob).download(path))).text()).toBe("tea");
    expect(await dataOf(files(bob).list(String(room)))).toMatchObject([{ name: path.split("/")[1] }]);

    expect(await errorOf(files(eve).upload(newPath(), "x"))).toBe("403 new row violates row-level security policy");
    expect(await errorOf(files(eve).download(path))).toBe("404 Object not found");
    expect(await errorOf(files(eve).createSignedUrl(path, 60))).toBe("404 Object not found");
    expect(await errorOf(files(eve).move(path, newPath()))).toBe("404 Object not found");
    expect(await errorOf(files(eve).copy(path, newPath()))).toBe("404 Object not found");
    expect(await dataOf(files(eve).list(String(room)))).toEqual([]);
    expect(await dataOf(files(eve).remove([path]))).toEqual([]);

    expect(await errorOf(files({ supabase: anon }).upload(path, "x"))).toBe(
      "403 new row violates row-level security policy",
    );
    expect(await errorOf(files({ supabase: anon }).download(path))).toBe("404 Object not found");
    const { api_url } = stack.status;
    for (const way of ["", "public/", "authenticated/", "info/"]) {
      expect((await fetch(`${api_url}/storage/v1/object/${way}rooms/${path}`)).status).toBe(400);
    }
  });

  test("let only the owner change and delete", async () => {
    const path = newPath();
    await dataOf(files(ann).upload(path, "one"));
    expect(await errorOf(files(bob).upload(path, "two"))).toBe("409 The resource already exists");
    expect(await errorOf(files(bob).update(path, "two"))).toBe("403 new row violates row-level security policy");
    expect(await dataOf(files(bob).remove([path]))).toEqual([]);
    await dataOf(files(ann).upload(path, "two", { upsert: true }));
    expect(await (await dataOf(files(bob).download(path))).text()).toBe("two");
    expect(await dataOf(files(ann).remove([path]))).toMatchObject([{ name: path, owner_id: ann.id }]);
    expect(await dataOf(service.storage.from("rooms").exists(path).then(({ data }) => ({ data: [data], error: null }))))
      .toEqual([false]);
  });

  test("hide a file from a member who was removed", async () => {
    const path = newPath();
    const cleo = await newUser("cleo", stack.status);
    await dataOf(ann.supabase.rpc("add_members", { room_id: room, user_ids: [cleo.id] }));
    await dataOf(files(ann).upload(path, "tea"));
    expect((await files(cleo).download(path)).error).toBeNull();
    await ann.supabase.rpc("remove_member", { room_id: room, user_id: cleo.id });
    expect(await errorOf(files(cleo).download(path))).toBe("404 Object not found");
    expect(await errorOf(files(cleo).upload(newPath(), "x"))).toBe("403 new row violates row-level security policy");
  });

  test("see the operation of a request", async () => {
    await sql.unsafe(`create policy "only lists" on storage.objects for select to anon
      using (bucket_id = 'rooms' and storage.allow_only_operation('object.list'))`);
    const path = newPath();
    await dataOf(files(ann).upload(path, "tea"));
    expect((await dataOf(anon.storage.from("rooms").list(String(room)))).length).toBeGreaterThan(0);
    expect(await errorOf(anon.storage.from("rooms").download(path))).toBe("404 Object not found");
    await sql.unsafe(`drop policy "only lists" on storage.objects`);
  });
});

describe("a bucket", () => {
  test("of config.toml is made when the stack starts", async () => {
    const buckets = await dataOf(service.storage.listBuckets({ sortColumn: "name" } as never));
    const shown = buckets.map((
      { id, public: isPublic, file_size_limit, allowed_mime_types },
    ) => [id, isPublic, file_size_limit, allowed_mime_types]);
    expect(shown).toEqual([
      ["avatars", true, 2 * MEGABYTES, ["image/png", "image/jpeg", "image/webp", "image/gif"]],
      ["chat-files", false, 25 * MEGABYTES, null],
      ["pictures", true, MEGABYTES, ["image/png", "text/*"]],
      [
        "rooms",
        false,
        30 * MEGABYTES,
        null,
      ],
    ]);
  });

  test("limits types and sizes, however a file is sent", async () => {
    const picture = new Blob(["x"], { type: "image/svg+xml" });
    expect(await errorOf(pictures().upload("a.svg", picture))).toBe("415 mime type image/svg+xml is not supported");
    const large = randomBytes(1.5 * MEGABYTES);
    for (const body of [large, new Blob([large], { type: "image/png" })]) {
      const refused = pictures().upload("large.png", body, { contentType: "image/png" });
      expect(await errorOf(refused)).toBe("413 The object exceeded the maximum allowed size");
    }
    expect(await errorOf(pictures().upload("ä.png", new Blob(["x"], { type: "image/png" })))).toBe(
      "400 Invalid key: ä.png",
    );
    expect((await pictures().exists("large.png")).data).toBe(false);
  });

  test("that is public shows its files to everyone, and lets nobody list them", async () => {
    await dataOf(pictures(anon).upload("public.txt", "hello"));
    const { publicUrl } = pictures(anon).getPublicUrl("public.txt").data;
    expect(await (await fetch(publicUrl)).text()).toBe("hello");
    expect((await fetch(publicUrl, { method: "HEAD" })).headers.get("content-length")).toBe("5");
    const named = pictures(anon).getPublicUrl("public.txt", { download: "ä.txt" }).data.publicUrl;
    expect((await fetch(named)).headers.get("content-disposition")).toBe(
      "attachment; filename=%C3%A4.txt; filename*=UTF-8''%C3%A4.txt",
    );
    expect(await dataOf(pictures(anon).list())).toEqual([]);
  });

  test("is made, changed, emptied and deleted by the service only", async () => {
    const refused = "403 new row violates row-level security policy";
    expect(await errorOf(ann.supabase.storage.createBucket("mine"))).toBe(refused);
    await dataOf(service.storage.createBucket("more", { public: true, fileSizeLimit: "2kb" }));
    expect(await errorOf(service.storage.createBucket("more"))).toBe("409 The resource already exists");
    expect(await errorOf(service.storage.createBucket("huge", { public: true, fileSizeLimit: "1gb" }))).toBe(
      "413 The object exceeded the maximum allowed size",
    );
    expect(await errorOf(ann.supabase.storage.getBucket("more"))).toBe("404 Bucket not found");
    expect(await errorOf(ann.supabase.storage.updateBucket("more", { public: false }))).toBe("404 Bucket not found");
    await dataOf(service.storage.updateBucket("more", { public: false, allowedMimeTypes: ["text/plain"] }));
    expect(await dataOf(service.storage.getBucket("more"))).toMatchObject({ public: false, file_size_limit: 2000 });
    await dataOf(service.storage.from("more").upload("a.txt", "a", { contentType: "text/plain" }));
    expect(await errorOf(service.storage.deleteBucket("more"))).toBe("409 The bucket you tried to delete is not empty");
    expect(await errorOf(ann.supabase.storage.emptyBucket("more"))).toBe("404 Bucket not found");
    await dataOf(service.storage.emptyBucket("more"));
    expect(await errorOf(ann.supabase.storage.deleteBucket("more"))).toBe("404 Bucket not found");
    await dataOf(service.storage.deleteBucket("more"));
    expect(await errorOf(service.storage.from("more").upload("a.txt", "a"))).toBe("404 Bucket not found");
  });
});

describe("a file", () => {
  test("is sent with its type, length, tag, time and caching, and only when it has changed", async () => {
    const response = await fetch(await stored("one", { cacheControl: "60" }));
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      "content-type": "text/plain",
      "content-length": "3",
      "accept-ranges": "bytes",
      "etag": '"f97c5d29941bfb1b2fdab0874906ab82"',
      "last-modified": expect.stringMatching(/ GMT$/),
      "expires": expect.stringMatching(/ GMT$/),
    });
    expect(await response.text()).toBe("one");
    const status = async (headers: Record<string, string>) => (await fetch(response.url, { headers })).status;
    expect(await status({ "If-None-Match": headers.etag! })).toBe(304);
    expect(await status({ "If-None-Match": `"other", W/${headers.etag}` })).toBe(304);
    expect(await status({ "If-None-Match": '"other"', "If-Modified-Since": headers["last-modified"]! })).toBe(200);
    expect(await status({ "If-Modified-Since": headers["last-modified"]! })).toBe(304);
    expect(await status({ "If-Modified-Since": new Date(0).toUTCString() })).toBe(200);
    await dataOf(pictures().upload("cached.txt", new Blob(["x"], { type: "text/plain" }), { cacheControl: "60" }));
    const { publicUrl } = pictures().getPublicUrl("cached.txt").data;
    expect((await fetch(publicUrl)).headers.get("cache-control")).toBe("max-age=60");
  });

  test("is never sent as a page", async () => {
    await dataOf(pictures().upload("page.html", "<b>", { contentType: "text/html" }));
    const response = await fetch(pictures().getPublicUrl("page.html").data.publicUrl);
    expect([response.headers.get("content-type"), response.headers.get("x-content-type-options")]).toEqual([
      "text/plain",
      "nosniff",
    ]);
  });

  test.each([
    ["bytes=2-4", 206, "bytes 2-4/10", "234"],
    ["bytes=7-", 206, "bytes 7-9/10", "789"],
    ["bytes=-2", 206, "bytes 8-9/10", "89"],
    ["bytes=8-100", 206, "bytes 8-9/10", "89"],
  ])("is sent in parts: %s", async (range, status, part, content) => {
    const response = await fetch(await stored("0123456789"), { headers: { range } });
    expect([response.status, response.headers.get("content-range"), await response.text()]).toEqual([
      status,
      part,
      content,
    ]);
  });

  test("has no part beyond its end, and is sent whole when it is another one now", async () => {
    const url = await stored("0123456789");
    for (const range of ["bytes=10-", "bytes=5-4", "bytes=-0", "lines=1-2"]) {
      const response = await fetch(url, { headers: { range } });
      expect([response.status, await response.json()]).toEqual([416, {
        statusCode: "416",
        error: "invalid_range",
        message: "invalid range provided",
        code: "InvalidRange",
      }]);
    }
    expect((await fetch(url, { headers: { "range": "bytes=0-1", "if-range": '"other"' } })).status).toBe(200);
  });

  test("is described, moved and copied", async () => {
    const [path, moved, copied] = [newPath(), newPath(), newPath()];
    await dataOf(files(ann).upload(path, new Blob(["tea"], { type: "text/plain" }), { metadata: { width: 7 } }));
    const described = {
      name: path,
      bucketId: "rooms",
      size: 3,
      contentType: "text/plain",
      cacheControl: "max-age=3600",
      metadata: { width: 7 },
    };
    expect(await dataOf(files(bob).info(path))).toMatchObject(described);
    expect(await errorOf(files(bob).move(path, moved))).toBe("404 Object not found");
    expect(await dataOf(files(ann).move(path, moved))).toMatchObject({ message: "Successfully moved" });
    expect(await errorOf(files(ann).download(path))).toBe("404 Object not found");
    expect(await dataOf(files(bob).copy(moved, copied))).toEqual({ path: `rooms/${copied}` });
    expect(await errorOf(files(bob).copy(moved, copied))).toBe("409 The resource already exists");
    await dataOf(files(ann).remove([moved]));
    expect(await dataOf(files(bob).info(copied))).toMatchObject({ ...described, name: copied });
    expect(await (await dataOf(files(ann).download(copied))).text()).toBe("tea");
    const [stored, known] = await storedAndKnown();
    expect(stored).toEqual(known);
  });

  test("cannot be deleted by SQL, which would leave its content", async () => {
    await expect(sql`delete from storage.objects`).rejects.toThrow(
      "Direct deletion from storage tables is not allowed",
    );
  });
});

describe("a signed URL", () => {
  test("lets everybody read one file, until it expires", async () => {
    const path = newPath();
    await dataOf(files(ann).upload(path, "tea"));
    const { signedUrl } = await dataOf(files(bob).createSignedUrl(path, 1, { download: "tea.txt" }));
    const response = await fetch(signedUrl);
    expect([response.status, response.headers.get("content-disposition")]).toEqual([
      200,
      "attachment; filename=tea.txt; filename*=UTF-8''tea.txt",
    ]);
    const other = await fetch(signedUrl.replace(path, newPath()));
    expect([other.status, await other.json()]).toEqual([400, {
      statusCode: "400",
      error: "InvalidSignature",
      message: "Invalid signature",
      code: "InvalidSignature",
    }]);
    const late = await until(() => fetch(signedUrl), ({ status }) => status !== 200);
    expect([late.status, await late.json()]).toMatchObject([400, {
      error: "InvalidJWT",
      message: '"exp" claim timestamp check failed',
    }]);
  });

  test("is made for many files at once, except those that the caller cannot see", async () => {
    const path = newPath();
    await dataOf(files(ann).upload(path, "tea"));
    const [one, two] = await dataOf(files(bob).createSignedUrls([path, newPath()], 60));
    expect(await (await fetch(one!.signedUrl!)).text()).toBe("tea");
    expect(two).toMatchObject({
      signedUrl: null,
      error: "Either the object does not exist or you do not have access to it",
    });
    expect((await dataOf(files(eve).createSignedUrls([path], 60)))[0]!.signedUrl).toBeNull();
  });

  test("for an upload works once, for that path, and does not read", async () => {
    const path = newPath();
    expect(await errorOf(files(eve).createSignedUploadUrl(path))).toBe(
      "403 new row violates row-level security policy",
    );
    const { token } = await dataOf(files(ann).createSignedUploadUrl(path));
    expect(await dataOf(anon.storage.from("rooms").uploadToSignedUrl(path, token, new Blob(["tea"])))).toMatchObject({
      path,
    });
    expect(await errorOf(anon.storage.from("rooms").uploadToSignedUrl(path, token, "x"))).toBe(
      "409 The resource already exists",
    );
    expect(await errorOf(anon.storage.from("rooms").uploadToSignedUrl(newPath(), token, "x"))).toBe(
      "400 Invalid signature",
    );
    const read = await fetch(`${stack.status.api_url}/storage/v1/object/sign/rooms/${path}?token=${token}`);
    expect(await read.json()).toMatchObject({ message: "Token is not scoped for download" });
    const [row] = await sql`select owner_id from storage.objects where name = ${path}`;
    expect(row).toEqual({ owner_id: ann.id });
  });
});

describe("a list", () => {
  const NAMES = ["B.txt", "a.txt", "c/one.txt", "c/two.txt", "d.txt", "d/three.txt"];
  const listed = "listed";
  beforeAll(async () => {
    await dataOf(service.storage.createBucket(listed));
    for (const name of NAMES) await dataOf(service.storage.from(listed).upload(name, name));
  });
  const list = async (...args: Parameters<ReturnType<AppClient["storage"]["from"]>["list"]>) =>
    (await dataOf(service.storage.from(listed).list(...args))).map(({ name, id }) => id ? name : `${name}/`);

  test("has objects and folders in the order of their names, whatever the case", async () => {
    expect(await list()).toEqual(["a.txt", "B.txt", "c/", "d.txt", "d/"]);
    expect(await list("c")).toEqual(["one.txt", "two.txt"]);
    expect(await list("", { sortBy: { column: "name", order: "desc" } })).toEqual([
      "d/",
      "d.txt",
      "c/",
      "B.txt",
      "a.txt",
    ]);
    expect(await list("", { limit: 2, offset: 1 })).toEqual(["B.txt", "c/"]);
    expect(await list("", { search: "D" })).toEqual(["d.txt", "d/"]);
    expect(await list("c", { search: "t" })).toEqual(["two.txt"]);
    expect(await list("", { sortBy: { column: "created_at", order: "desc" } })).toEqual([
      "d/",
      "c/",
      "d.txt",
      "a.txt",
      "B.txt",
    ]);
    expect(await list("nothing")).toEqual([]);
  });

  test.each(
    [
      [{ with_delimiter: true }, ["B.txt", "a.txt", "c/", "d.txt", "d/"]],
      [{ with_delimiter: true, prefix: "c/" }, ["c/one.txt", "c/two.txt"]],
      [{}, NAMES],
      [{ sortBy: { column: "name", order: "desc" } }, NAMES.toReversed()],
      [{ sortBy: { column: "created_at", order: "asc" } }, NAMES],
      [{ sortBy: { column: "created_at", order: "desc" }, with_delimiter: true }, [
        "d.txt",
        "a.txt",
        "B.txt",
        "d/",
        "c/",
      ]],
    ] as const,
  )("is read page by page: %j", async (options, names) => {
    const found: string[] = [];
    for (let cursor: string | undefined, hasMore = true; hasMore;) {
      const page = await dataOf(
        service.storage.from(listed).listV2({ ...options, limit: 2, ...(cursor && { cursor }) }),
      );
      found.push(...[...page.folders, ...page.objects].map(({ name }) => name));
      [cursor, hasMore] = [page.nextCursor, page.hasNext];
    }
    expect(found.toSorted()).toEqual(names.toSorted());
    expect(found.filter((name) => !name.endsWith("/"))).toEqual(names.filter((name) => !name.endsWith("/")));
  });
});

describe("a large file", () => {
  /** The memory of the stack's process, in bytes. */
  const memory = async () =>
    1024 * Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${stack.status.pid}/status`, "utf8"))![1]);

  test("of 25 MB goes in and out without being held in memory", async ({ skip }) => {
    if (process.platform !== "linux") skip("reads the memory of a process as Linux tells it");
    const content = randomBytes(25 * MEGABYTES);
    const path = newPath();
    // The first upload and download load what all need.
    await dataOf(files(ann).upload(path, content));
    await (await dataOf(files(bob).download(path))).arrayBuffer();
    const before = await memory();
    let most = before;
    const timer = setInterval(async () => most = Math.max(most, await memory()), 5);
    const copies = await Promise.all(
      [content, new Blob([content])].map((body) => dataOf(files(ann).upload(newPath(), body))),
    );
    const downloads = copies.map(({ path }) => files(bob).download(path));
    const [one, two] = await Promise.all(downloads.map(async (call) => (await dataOf(call)).arrayBuffer()));
    clearInterval(timer);
    expect([one, two].map((bytes) => content.equals(new Uint8Array(bytes!)))).toEqual([true, true]);
    // Four transfers of 25 MB.
    expect(most - before).toBeLessThan(25 * MEGABYTES);
  });

  test("that is refused is refused early, with its reason", async () => {
    const content = randomBytes(25 * MEGABYTES);
    for (const body of [content, new Blob([content])]) {
      expect(await errorOf(files(eve).upload(newPath(), body))).toBe("403 new row violates row-level security policy");
    }
    expect(await errorOf(files(ann).upload(newPath(), randomBytes(31 * MEGABYTES)))).toBe(
      "413 The object exceeded the maximum allowed size",
    );
  });
});

/** Begins an upload of 1 MB as Ann, and sends half of it. */
function beginUpload(path: string, type: string): ClientRequest {
  const headers = { authorization: `Bearer ${ann.token}`, "content-type": type, "content-length": MEGABYTES + 1000 };
  const upload = request(`${stack.status.api_url}/storage/v1/object/rooms/${path}`, { method: "POST", headers });
  upload.on("error", () => {});
  const head = type.startsWith("multipart")
    ? '--x\r\nContent-Disposition: form-data; name=""; filename="a"\r\nContent-Type: text/plain\r\n\r\n'
    : "";
  upload.write(head + "x".repeat(MEGABYTES / 2));
  return upload;
}

test.each(["text/plain", "multipart/form-data; boundary=x"])(
  "an upload that is cut off leaves nothing: %s",
  async (type) => {
    const path = newPath();
    const upload = beginUpload(path, type);
    await until(unfinished, (names) => names.length === 1);
    upload.destroy();
    await until(unfinished, (names) => names.length === 0);
    expect(await errorOf(files(ann).download(path))).toBe("404 Object not found");
    const [stored, known] = await storedAndKnown();
    expect(stored).toEqual(known);
  },
);

test("a form without its end is refused, and leaves nothing", async () => {
  const path = newPath();
  const response = await fetch(`${stack.status.api_url}/storage/v1/object/rooms/${path}`, {
    method: "POST",
    headers: { "Authorization": `Bearer ${ann.token}`, "Content-Type": "multipart/form-data; boundary=x" },
    body: '--x\r\nContent-Disposition: form-data; name=""; filename="a"\r\n\r\nhello',
  });
  expect([response.status, await response.json()]).toMatchObject([400, { message: "No content provided" }]);
  expect(await unfinished()).toEqual([]);
  expect(stack.output()).not.toContain("Error");
});

test("a full disk is named, and leaves nothing of the upload", async ({ skip }) => {
  const disk = join(data, "storage");
  if (process.platform !== "linux" || process.getuid!() !== 0) {
    return skip("needs root on Linux, to mount a small disk");
  }
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
  if (status !== 0) return skip("cannot mount a small disk here");
  onTestFinished(() => void spawnSync("umount", [disk]));
  for (const name of ["incoming", "objects"]) await mkdir(join(disk, name));
  const { error } = await files(ann).upload(newPath(), randomBytes(4 * MEGABYTES));
  expect(error).toMatchObject({
    status: 507,
    statusCode: "507",
    message: "The disk is full: the object was not stored",
  });
  expect(await unfinished()).toEqual([]);
  await dataOf(
    files(ann).upload(newPath(), randomBytes(MEGABYTES)).then(async (answer) => {
      await files(ann).remove([answer.data!.path]);
      return answer;
    }),
  );
});

test("after kill -9 during uploads every row has its file, every file its row, and nothing that was answered is lost", async () => {
  const content = randomBytes(MEGABYTES / 4);
  const answered: string[] = [];
  let isOver = false;
  const writer = async (number: number) => {
    for (let n = 0; !isOver; n++) {
      const path = `${room}/crash-${number}-${n % 5}.bin`;
      const { error } = await files(ann).upload(path, n % 2 ? content : new Blob([content]), { upsert: true });
      if (!error) answered.push(path);
      else if (!("statusCode" in error)) return;
    }
  };
  const writers = [1, 2, 3, 4].map(writer);
  await until(() => answered.length, (count) => count >= 20);
  stack.child.kill("SIGKILL");
  isOver = true;
  await Promise.all([...writers, stack.exit]);
  await sql.end({ timeout: 0 });
  // What a crash leaves before a row is written.
  await mkdir(join(data, "storage", "objects", "00"), { recursive: true });
  await writeFile(join(data, "storage", "objects", "00", "00000000-0000-4000-8000-000000000000"), content);
  await connect();
  const [stored, known] = await storedAndKnown();
  expect(stored).toEqual(known);
  expect(await unfinished()).toEqual([]);
  for (const path of new Set(answered)) {
    const { data } = await service.storage.from("rooms").download(path);
    expect([path, content.equals(Buffer.from(await data!.arrayBuffer()))]).toEqual([path, true]);
  }
});
