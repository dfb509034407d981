import { type Context as HonoContext, Hono } from "hono";
import { z } from "zod";
import { type Caller, type Callers, service } from "./callers.ts";
import { contextOf } from "./context.ts";
import { invalidRequest } from "./errors.ts";
import { incoming, metadataOf } from "./incoming.ts";
import { checked, jsonBody } from "./json_body.ts";
import type { Listing } from "./listing.ts";
import type { Objects } from "./objects.ts";
import * as rendering from "./rendering.ts";
import type { Place, StoredObject } from "./rows.ts";
import type { Signatures } from "./signatures.ts";

/** How long a URL for an upload is valid, as on the platform. */
const UPLOAD_URL_SECONDS = 7200;
const MAX_OBJECTS = 1000;
const NO_ACCESS = "Either the object does not exist or you do not have access to it";

const expiresIn = z.int().min(1);
const order = z.enum(["asc", "desc"]).optional();
const SIGN = z.object({ expiresIn });
const SIGN_MANY = z.object({ expiresIn, paths: z.array(z.string()).min(1).max(MAX_OBJECTS) });
const REMOVE = z.object({ prefixes: z.array(z.string()).min(1) });
const PLACES = {
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationBucket: z.string().nullish(),
  destinationKey: z.string(),
};
const MOVE = z.object(PLACES);
const COPY = z.object({
  ...PLACES,
  metadata: z.object({ cacheControl: z.string().optional(), mimetype: z.string().optional() }).default({}),
  copyMetadata: z.boolean().default(true),
});
const LIST = z.object({
  prefix: z.string(),
  limit: z.int().min(1).optional(),
  offset: z.int().min(0).optional(),
  search: z.string().optional(),
  sortBy: z.object({ column: z.enum(["name", "updated_at", "created_at", "last_accessed_at"]), order }).optional(),
});
const LIST_V2 = z.object({
  prefix: z.string().optional(),
  limit: z.int().min(1).optional(),
  cursor: z.string().optional(),
  with_delimiter: z.boolean().optional(),
  sortBy: z.object({ column: z.enum(["name", "updated_at", "created_at"]), order }).optional(),
});
const TOKEN = z.object({ token: z.string(), download: z.string().optional() });

/** What the routes of objects use. */
export interface Parts {
  objects: Objects;
  listing: Listing;
  callers: Callers;
  signatures: Signatures;
}

/** The place that the path of a request names. */
const placeOf = ({ req }: HonoContext): Place => ({ bucket: req.param("bucket")!, name: req.param("key")! });
const mayReplace = ({ req }: HonoContext) => req.header("x-upsert") === "true";

/** The routes of objects. Those with a word after `/object` come before those with a bucket there. */
export function objectRoutes(parts: Parts): Hono {
  const app = new Hono();
  addSigned(app, parts);
  addLists(app, parts);
  addReads(app, parts);
  addWrites(app, parts);
  return app;
}

function addSigned(app: Hono, { objects, callers, signatures }: Parts): void {
  app.get("/sign/:bucket/:key{.+}", async (c) => {
    const { token, download } = checked(c.req.query(), TOKEN, "querystring");
    const place = placeOf(c);
    const { exp } = await signatures.verify(token, `${place.bucket}/${place.name}`, "download");
    const object = await objects.find(place, service(), contextOf(c, "storage.object.get_signed"));
    const options = { download, expires: new Date(exp * 1000) };
    return await rendering.content(objects.files, c.req.raw, object, options);
  });
  app.post("/sign/:bucket/:key{.+}", async (c) => {
    const caller = await callers.of(c.req.raw);
    const { expiresIn } = await jsonBody(c.req.raw, SIGN);
    const place = placeOf(c);
    await objects.find(place, caller, contextOf(c, "storage.object.sign"));
    const url = `${place.bucket}/${place.name}`;
    const token = await signatures.sign({ url, scope: "download" }, expiresIn);
    return c.json({ signedURL: `/object/sign/${url}?token=${token}` });
  });
  app.post("/sign/:bucket", async (c) => {
    const caller = await callers.of(c.req.raw);
    const { expiresIn, paths } = await jsonBody(c.req.raw, SIGN_MANY);
    const bucket = c.req.param("bucket");
    const visible = await objects.visible(bucket, paths, caller, contextOf(c, "storage.object.sign_many"));
    return c.json(
      await Promise.all(paths.map(async (path) => {
        if (!visible.has(path)) return { error: NO_ACCESS, path, signedURL: null };
        const url = `${bucket}/${path}`;
        const token = await signatures.sign({ url, scope: "download" }, expiresIn);
        return { error: null, path, signedURL: `/object/sign/${url}?token=${token}` };
      })),
    );
  });
  app.post("/upload/sign/:bucket/:key{.+}", async (c) => {
    const caller = await callers.of(c.req.raw);
    const place = placeOf(c);
    const { owner } = caller;
    const isUpsert = mayReplace(c);
    const length = c.req.header("content-length");
    const metadata = {
      mimetype: c.req.header("content-type"),
      ...(length !== undefined && { contentLength: Number(length) }),
    };
    const context = contextOf(c, "storage.object.sign_upload_url");
    const userMetadata = metadataOf(c.req.raw.headers);
    await objects.requireUpload(place, { caller, owner, isUpsert }, metadata, userMetadata, context);
    const url = `${place.bucket}/${place.name}`;
    const token = await signatures.sign({ url, scope: "upload", owner, upsert: isUpsert }, UPLOAD_URL_SECONDS);
    return c.json({ url: `/object/upload/sign/${url}?token=${token}`, token });
  });
  app.put("/upload/sign/:bucket/:key{.+}", async (c) => {
    const { token } = checked(c.req.query(), TOKEN, "querystring");
    const place = placeOf(c);
    const url = `${place.bucket}/${place.name}`;
    const { owner, upsert } = await signatures.verify(token, url, "upload");
    const upload = { caller: service(), owner, isUpsert: upsert };
    const context = contextOf(c, "storage.object.upload_signed");
    await objects.upload(place, () => incoming(c.req.raw), upload, context);
    return c.json({ Key: url });
  });
}

function addLists(app: Hono, { objects, listing, callers }: Parts): void {
  app.post("/list/:bucket", async (c) => {
    const caller = await callers.of(c.req.raw);
    const search = await jsonBody(c.req.raw, LIST);
    return c.json(await listing.search(c.req.param("bucket"), search, caller, contextOf(c, "storage.object.list")));
  });
  app.post("/list-v2/:bucket", async (c) => {
    const caller = await callers.of(c.req.raw);
    const search = await jsonBody(c.req.raw, LIST_V2);
    return c.json(await listing.page(c.req.param("bucket"), search, caller, contextOf(c, "storage.object.list_v2")));
  });
  app.post("/move", async (c) => {
    const caller = await callers.of(c.req.raw);
    const { from, to } = placesOf(await jsonBody(c.req.raw, MOVE));
    const moved = await objects.move(from, to, caller, contextOf(c, "storage.object.move"));
    return c.json({ message: "Successfully moved", Id: moved.id, Key: moved.name });
  });
  app.post("/copy", async (c) => {
    const caller = await callers.of(c.req.raw);
    const { metadata, copyMetadata, ...places } = await jsonBody(c.req.raw, COPY);
    const { from, to } = placesOf(places);
    const options = { isUpsert: mayReplace(c), copyMetadata, metadata, userMetadata: metadataOf(c.req.raw.headers) };
    const copy = await objects.copy(from, to, caller, options, contextOf(c, "storage.object.copy"));
    return c.json({ Id: copy.id, Key: `${to.bucket}/${to.name}`, ...copy });
  });
}

function addReads(app: Hono, { objects, callers }: Parts): void {
  const isHead = ({ req }: HonoContext) => req.method === "HEAD";
  const rendered = async (c: HonoContext, object: StoredObject) =>
    isHead(c)
      ? rendering.head(object)
      : await rendering.content(objects.files, c.req.raw, object, { download: c.req.query("download") });
  const read = async (c: HonoContext, caller: Caller | undefined) => {
    const operation = isHead(c) ? "object.head_authenticated_info" : "storage.object.get_authenticated";
    return await rendered(c, await objects.readable(placeOf(c), caller, contextOf(c, operation)));
  };
  const describe = async (c: HonoContext, caller: Caller | undefined) =>
    rendering.info(await objects.readable(placeOf(c), caller, contextOf(c, "object.get_authenticated_info")));
  const anybody = async (c: HonoContext) => {
    const operation = `storage.object.${isHead(c) ? "info" : "get"}_public`;
    return await rendered(c, await objects.public(placeOf(c), contextOf(c, operation)));
  };
  // Hono gives HEAD to the routes of GET.
  app.get("/public/:bucket/:key{.+}", anybody);
  app.get(
    "/info/public/:bucket/:key{.+}",
    async (c) => rendering.info(await objects.public(placeOf(c), contextOf(c, "storage.object.info_public"))),
  );
  app.get("/info/authenticated/:bucket/:key{.+}", async (c) => await describe(c, await callers.of(c.req.raw)));
  app.get("/info/:bucket/:key{.+}", async (c) => await describe(c, await callers.maybe(c.req.raw)));
  app.get("/authenticated/:bucket/:key{.+}", async (c) => await read(c, await callers.of(c.req.raw)));
  app.get("/:bucket/:key{.+}", async (c) => await read(c, await callers.maybe(c.req.raw)));
}

function addWrites(app: Hono, { objects, callers }: Parts): void {
  const upload = async (c: HonoContext, isUpsert: boolean, operation: string) => {
    const caller = await callers.of(c.req.raw);
    const place = placeOf(c);
    const by = { caller, owner: caller.owner, isUpsert };
    const object = await objects.upload(place, () => incoming(c.req.raw), by, contextOf(c, operation));
    return c.json({ Id: object.id, Key: `${place.bucket}/${place.name}` });
  };
  app.post("/:bucket/:key{.+}", (c) => upload(c, mayReplace(c), "storage.object.upload"));
  app.put("/:bucket/:key{.+}", (c) => upload(c, true, "storage.object.upload_update"));
  app.delete("/:bucket/:key{.+}", async (c) => {
    await objects.delete(placeOf(c), await callers.of(c.req.raw), contextOf(c, "storage.object.delete"));
    return c.json({ message: "Successfully deleted" });
  });
  app.delete("/:bucket", async (c) => {
    const caller = await callers.of(c.req.raw);
    const { prefixes } = await jsonBody(c.req.raw, REMOVE);
    if (prefixes.length > MAX_OBJECTS) {
      throw invalidRequest(`Bulk object requests are limited to ${MAX_OBJECTS} objects per request.`);
    }
    const context = contextOf(c, "storage.object.delete_many");
    return c.json(await objects.deleteMany(c.req.param("bucket"), prefixes, caller, context));
  });
}

function placesOf({ bucketId, sourceKey, destinationBucket, destinationKey }: z.infer<typeof MOVE>) {
  return {
    from: { bucket: bucketId, name: sourceKey },
    to: { bucket: destinationBucket || bucketId, name: destinationKey },
  };
}
