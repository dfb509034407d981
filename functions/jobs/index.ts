import { z } from "@hono/zod-openapi";
import { removeFiles } from "../_shared/files/removal.ts";
import { createApi } from "../_shared/http/app.ts";
import { backendRoute, response } from "../_shared/http/routes.ts";
import { checkHeld } from "../_shared/moderation/checker.ts";
import { metricsRoute } from "./metrics.ts";

const app = createApi({
  name: "jobs",
  title: "Parley jobs",
  description:
    "What SQL cannot do in the background, and metrics: see docs/apis/jobs.md. A schedule and a monitor call it with a secret key.",
});

const Removed = z.object({ removed: z.int() }).openapi("RemovedFiles");

app.openapi(
  backendRoute({
    method: "post",
    path: "/api/files/",
    tags: ["jobs"],
    summary: "Remove files that no message and no account needs any more; for backends with a secret key",
    responses: { 200: response(Removed, "How many files were removed.") },
  }),
  async (c) => c.json({ removed: await removeFiles() }, 200),
);

const Checked = z.object({ checked: z.int(), sent: z.int() }).openapi("CheckedMessages");

app.openapi(
  backendRoute({
    method: "post",
    path: "/api/checks/",
    tags: ["jobs"],
    summary: "Ask the checker about messages that word rules hold; for backends with a secret key",
    responses: { 200: response(Checked, "About how many it has answered, and how many of them were sent.") },
  }),
  async (c) => c.json(await checkHeld(), 200),
);

metricsRoute(app);

export default { fetch: (request: Request) => app.fetch(request) };
