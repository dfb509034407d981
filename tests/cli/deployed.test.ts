import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { project, run } from "./folder.ts";

const supabase = fileURLToPath(new URL("../../node_modules/.bin/supabase", import.meta.url));

interface Upload {
  slug: string;
  files: string[];
  metadata: { entrypoint_path: string; import_map_path: string; verify_jwt: boolean };
}

/** Takes what the Supabase CLI uploads to the platform. */
async function platform() {
  const uploads: Upload[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const slug = new URL(request.url!, "http://localhost").searchParams.get("slug");
    if (slug && request.method === "POST") {
      const headers = { "Content-Type": request.headers["content-type"]! };
      const form = await new Response(Buffer.concat(chunks), { headers }).formData();
      const files = form.getAll("file").map((file) => (file as File).name);
      const metadata = form.get("metadata");
      uploads.push({
        slug,
        files,
        metadata: JSON.parse(typeof metadata === "string" ? metadata : await metadata!.text()),
      });
    }
    const id = "11111111-1111-1111-1111-111111111111";
    const state = {
      id,
      slug,
      name: slug,
      status: "ACTIVE",
      version: 1,
      created_at: 1,
      updated_at: 1,
      verify_jwt: false,
    };
    response.writeHead(slug ? 201 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(slug ? state : []));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { uploads, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("supabase functions deploy uploads each function, whole, beside those of the project", async () => {
  const { uploads, url } = await platform();
  const folder = await project({
    "supabase/functions/hello/index.ts": "export default { fetch: () => new Response() };\n",
    "profile.yaml": `name: test\napi_url: ${url}\ndashboard_url: ${url}\nproject_host: localhost\n`,
  });
  await folder.parley("init", "--yes");
  const answer = await run(
    folder.path,
    supabase,
    ["functions", "deploy", "--use-api", "--project-ref", "abcdefghijklmnopqrst", "--yes"],
    { SUPABASE_PROFILE: join(folder.path, "profile.yaml"), SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}` },
  );
  expect(answer).toMatchObject({ code: 0 });
  const names = [
    "accounts",
    "assistant",
    "chat-sessions",
    "conversations",
    "hello",
    "jobs",
    "messenger",
    "mini-chat",
    "social",
  ];
  expect(uploads.map(({ slug }) => slug).sort()).toEqual(names);
  for (const { slug, files, metadata } of uploads.filter(({ slug }) => slug !== "hello")) {
    expect(metadata).toMatchObject({
      entrypoint_path: `supabase/parley/functions/${slug}/index.ts`,
      import_map_path: "supabase/parley/functions/deno.json",
      verify_jwt: false,
    });
    expect(files).toEqual(expect.arrayContaining([
      metadata.entrypoint_path,
      "supabase/parley/functions/_shared/http/app.ts",
      "supabase/parley/client/sdk/src/contract/errors.ts",
      "supabase/parley/functions/swagger-ui-dist/swagger-ui-bundle.js",
    ]));
  }
  const social = uploads.find(({ slug }) => slug === "social");
  expect(social!.files).toContain("supabase/parley/functions/social/default.jpg");
});
