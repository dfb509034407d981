import { Hono } from "hono";
import { z } from "zod";
import type { Buckets } from "./buckets.ts";
import type { Callers } from "./callers.ts";
import { contextOf } from "./context.ts";
import { checked, jsonBody } from "./json_body.ts";

const OPTIONS = {
  public: z.boolean().optional(),
  file_size_limit: z.union([z.int().min(0), z.string()]).nullish(),
  allowed_mime_types: z.array(z.string()).nullish(),
};
const NEW = z.object({ name: z.string(), id: z.string().optional(), type: z.string().optional(), ...OPTIONS });
const CHANGE = z.object(OPTIONS).refine((change) => Object.values(change).some((value) => value !== undefined), {
  error: "must NOT have fewer than 1 properties",
});
const LIST = z.object({
  limit: z.coerce.number().int().min(1).optional(),
  offset: z.coerce.number().int().min(0).optional(),
  sortColumn: z.enum(["id", "name", "created_at", "updated_at"]).optional(),
  sortOrder: z.enum(["asc", "desc"]).optional(),
  search: z.string().optional(),
});

/** The routes of buckets. */
export function bucketRoutes(buckets: Buckets, callers: Callers): Hono {
  const app = new Hono();
  app.post("/", async (c) => {
    const caller = await callers.of(c.req.raw);
    const { name, id, type: _, ...options } = await jsonBody(c.req.raw, NEW);
    await buckets.create(id ?? name, name, options, caller, contextOf(c, "storage.bucket.create"));
    return c.json({ name });
  });
  app.get("/", async (c) => {
    const caller = await callers.of(c.req.raw);
    const options = checked(c.req.query(), LIST, "querystring");
    return c.json(await buckets.list(options, caller, contextOf(c, "storage.bucket.list")));
  });
  app.get("/:bucket", async (c) => {
    const caller = await callers.of(c.req.raw);
    return c.json(await buckets.get(c.req.param("bucket"), caller, contextOf(c, "storage.bucket.get")));
  });
  app.put("/:bucket", async (c) => {
    const caller = await callers.of(c.req.raw);
    const change = await jsonBody(c.req.raw, CHANGE);
    await buckets.update(c.req.param("bucket"), change, caller, contextOf(c, "storage.bucket.update"));
    return c.json({ message: "Successfully updated" });
  });
  app.delete("/:bucket", async (c) => {
    const caller = await callers.of(c.req.raw);
    await buckets.delete(c.req.param("bucket"), caller, contextOf(c, "storage.bucket.delete"));
    return c.json({ message: "Successfully deleted" });
  });
  app.post("/:bucket/empty", async (c) => {
    const caller = await callers.of(c.req.raw);
    await buckets.empty(c.req.param("bucket"), caller, contextOf(c, "storage.bucket.empty"));
    return c.json({ message: "Empty bucket has been queued. Completion may take up to an hour." });
  });
  return app;
}
