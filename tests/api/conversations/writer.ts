import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";

/** A user who registered with an email and calls this API. */
export interface Writer {
  pk: number;
  email: string;
  password: string;
  access: string;
  refresh: string;
  api: Caller;
}

/** Without a token. */
export const visitor = new Caller(undefined, "conversations");

/** With this access token. */
export const holder = (access: string) => new Caller(access, "conversations");

/** The body of a registration, with a unique email. */
export function registration(name: string, details: Record<string, unknown> = {}) {
  const password = crypto.randomUUID();
  const email = `${uniqueName(name)}@example.com`;
  return { email, first_name: "Ann", last_name: "Lee", password1: password, password2: password, ...details };
}

/** Registers a user. */
export async function newWriter(name: string, details: Record<string, unknown> = {}): Promise<Writer> {
  const given = registration(name, details);
  const { status, body } = await visitor.post("/api/auth/registration/", given);
  if (status !== 201) throw new Error(`Registering answered ${status}: ${JSON.stringify(body)}`);
  const { access, refresh, user } = body;
  return { pk: user.pk, email: given.email, password: given.password1, access, refresh, api: holder(access) };
}

/** Creates a conversation; returns its id. */
export async function newConversation({ api }: Writer, title?: string): Promise<string> {
  return (await api.post("/api/chat/conversations/", { title })).body.id;
}

/** Adds messages one after the other; returns them. */
export async function say({ api }: Writer, conversation: string, ...contents: string[]) {
  const messages = [];
  for (const content of contents) {
    messages.push(
      (await api.post(`/api/chat/conversations/${conversation}/messages/`, { role: "user", content })).body,
    );
  }
  return messages;
}
