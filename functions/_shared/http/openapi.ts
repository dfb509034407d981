import type { OpenAPIHono } from "@hono/zod-openapi";
import { RELEASE } from "../../../client/sdk/src/contract/release.ts";
import type { Api, ApiOptions } from "./app.ts";
import { exampleOf, type Schema } from "./examples.ts";

/** The OpenAPI document of an API. */
export type Document = ReturnType<OpenAPIHono<Api>["getOpenAPI31Document"]>;

type Content = Record<string, { schema?: Schema; example?: unknown }>;

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: object[];
  parameters?: { name: string; description?: string }[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
}

const FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"];

const TAGS: Record<string, string> = {
  accounts: "Accounts, and the tokens of their sessions.",
  auth: "Accounts, their profiles, and the tokens of their sessions.",
  chat: "Rooms, direct chats, their members and messages.",
  "chat rooms": "Rooms of two people.",
  chats: "Private and group chats; in chat-sessions, questions and the assistant's replies.",
  bans: "Who is banned from groups.",
  conversations: "Conversations with an assistant.",
  files: "Files of messages.",
  friends: "The caller's friends.",
  invites: "Links by which people join groups, and invitations to them.",
  jobs: "What schedules call.",
  messages: "Messages: send, edit, delete, search.",
  mutes: "Who may not write messages.",
  pinned: "Messages pinned for all members of a chat.",
  posts: "Posts that everyone can read.",
  profiles: "Profiles of users.",
  questions: "Questions to the assistant, and other replies to them.",
  replies: "Replies of the assistant: stream, resume, stop.",
  reports: "What people report to the moderators.",
  sessions: "Sessions with an assistant.",
  users: "Users and their online status.",
};

/** What a parameter means, where its route does not say. */
const PARAMETERS: Record<string, string> = {
  "Idempotency-Key": "Makes the request safe to retry, like `client_id` in the body.",
  after: "Returns items after the one with this id; the `Link` header leads to the next page.",
  around: "Returns items around the one with this id.",
  at: "Returns items around the first one at or after this time.",
  sender: "Returns only messages of the user with this id.",
  sent_after: "Returns only messages sent at or after this time.",
  sent_before: "Returns only messages sent before this time.",
  has: "Returns only messages that have this.",
  mentions_me: "Returns only messages that mention the caller.",
  before: "Returns items before the one with this id; the `Link` header leads to the next page.",
  chat: "Returns only items of the chat with this id.",
  chat_id: "The id of the chat.",
  id: "The id of the resource.",
  link: "The id of the link.",
  limit: "The maximum number of items to return.",
  user: "The id of the user.",
  token: "The token of an invite link.",
  page: "The number of the page; the first is 1.",
  q: "The text to search for.",
  room: "Returns only items of the room with this id.",
  room_name: "The name of the chat room.",
  state: "Returns only items in this state.",
  since: "The version that the client has; 0 for all changes.",
  user_id: "The id of the person.",
  username: "The username to search for.",
};

/** Makes the OpenAPI document of an app from its routes: all that they share is added here. */
export function openApiDocument(app: OpenAPIHono<Api>, { title, description }: ApiOptions): Document {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title,
      description,
      version: RELEASE,
      // Of version 3.1, which the type does not know.
      license: { name: "MIT", identifier: "MIT" } as { name: string },
      contact: { name: "Parley" },
    },
  });
  const tags = new Set<string>();
  let isSecured = false;
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods) as [string, Operation][]) {
      operation.operationId ??= operationId(method, path, operation);
      operation.description ??= `${operation.summary}.`;
      for (const tag of operation.tags ?? []) tags.add(tag);
      isSecured ||= (operation.security ?? []).length > 0;
      for (const parameter of operation.parameters ?? []) parameter.description ??= PARAMETERS[parameter.name];
      addForms(operation);
      addExamples(operation, document);
    }
  }
  // Linters refuse a scheme that no route uses.
  if (!isSecured) delete document.components?.securitySchemes;
  document.tags = [...tags].sort().map((name) => ({ name, description: TAGS[name] ?? `Requests about ${name}.` }));
  return document;
}

const ACTIONS: Record<string, string> = {
  get: "retrieve",
  post: "create",
  put: "update",
  patch: "partial_update",
  delete: "destroy",
};

/** As drf-spectacular names operations of the old backends: `chats_list`, `chats_retrieve`, `auth_login_create`. */
function operationId(method: string, path: string, { responses }: Operation): string {
  const schema = responses["200"]?.content?.["application/json"]?.schema;
  const action = method === "get" && isList(schema) ? "list" : ACTIONS[method] ?? method;
  const parts = path.split("/").filter((part) => part && !/^(api|v\d+|\{.*\})$/.test(part));
  return [...parts, action].join("_").replaceAll("-", "_");
}

const isList = (schema?: Schema) => schema?.type === "array" || /Page$/.test(schema?.$ref ?? "");

/** A body may be a form as well. */
function addForms({ requestBody }: Operation): void {
  const json = requestBody?.content["application/json"];
  if (json) { for (const type of FORMS) requestBody!.content[type] = { ...json }; }
}

function addExamples({ requestBody, responses }: Operation, document: Document): void {
  for (const { content } of [...Object.values(responses), ...(requestBody ? [requestBody] : [])]) {
    const json = content?.["application/json"];
    if (json?.schema) json.example ??= exampleOf(json.schema, document as never);
  }
}
