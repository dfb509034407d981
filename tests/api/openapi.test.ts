import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { baseOf } from "./caller.ts";
import { functions } from "./apis.ts";

interface Media {
  schema: unknown;
  example?: unknown;
}
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security: object[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}

const escape = (part: string) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));

test.each(functions)("the OpenAPI document of $api has what client generators and linters need", async ({ api }) => {
  const document = await (await fetch(`${baseOf(api)}/api/schema/`)).json();
  expect(document.info).toMatchObject({ license: { name: "MIT", identifier: "MIT" }, contact: { name: "Parley" } });
  expect(document.servers).toHaveLength(1);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "api");
  const ids = new Set<string>();
  const tags = document.tags.map(({ name }: { name: string }) => name);
  const paths = Object.entries<Record<string, Operation>>(document.paths);
  for (const [path, methods] of paths) {
    for (const [method, operation] of Object.entries(methods)) {
      const { operationId, summary, description, security, requestBody, responses } = operation;
      expect([path, operationId]).toEqual([path, expect.stringMatching(/^[a-z]+(_[a-z0-9]+)*$/)]);
      expect([operationId, ids.has(operationId)]).toEqual([operationId, false]);
      ids.add(operationId);
      expect([operationId, summary && description ? "described" : ""]).toEqual([operationId, "described"]);
      expect(tags).toEqual(expect.arrayContaining(operation.tags));
      const isPublic = (await fetch(`${baseOf(api)}${path.replace(/\{[^}]+\}/g, "1")}`, {
        method: method.toUpperCase(),
      })).status !== 401;
      expect([operationId, security]).toEqual([operationId, isPublic ? [] : [{ Bearer: [] }]]);
      const places: [string[], Record<string, Media> | undefined][] = [
        [["requestBody"], requestBody?.content],
        ...Object.entries(responses).map(([status, { content }]): [string[], typeof content] => [
          ["responses", status],
          content,
        ]),
      ];
      for (const [place, content] of places) {
        const media = content?.["application/json"];
        if (!media) continue;
        const pointer = ["paths", path, method, ...place, "content", "application/json", "schema"].map(escape).join(
          "/",
        );
        const fits = ajv.compile({ $ref: `api#/${pointer}` });
        expect([operationId, place, fits(media.example), fits.errors]).toEqual([operationId, place, true, null]);
      }
    }
  }
});

test("operations are named as in the old backends", async () => {
  const { paths } = await (await fetch(`${baseOf("messenger")}/api/schema/`)).json();
  expect(paths["/api/chats/"].get.operationId).toBe("chats_list");
  expect(paths["/api/chats/{id}/"].get.operationId).toBe("chats_retrieve");
  expect(paths["/api/messages/"].post.operationId).toBe("messages_create");
  expect(paths["/api/auth/login/"].post.operationId).toBe("auth_login_create");
});
