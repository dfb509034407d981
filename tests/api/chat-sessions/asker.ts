import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";

/** A user who registered through this API, and calls it. */
export interface Asker {
  id: number;
  username: string;
  password: string;
  access: string;
  refresh: string;
  api: Caller;
}

export const SESSIONS = "/api/v1/chat/sessions/";

/** Without a token. */
export const visitor = new Caller(undefined, "chat-sessions");

/** With this access token. */
export const holder = (access: string) => new Caller(access, "chat-sessions");

/** The body of a registration, with a unique username. */
export function registration(name: string, details: Record<string, unknown> = {}) {
  const password = crypto.randomUUID();
  return { username: uniqueName(name), password, confirm_password: password, ...details };
}

/** Registers a user. */
export async function newAsker(name: string): Promise<Asker> {
  const given = registration(name);
  const { status, body } = await visitor.post("/api/v1/auth/register/", given);
  if (status !== 201) throw new Error(`Registering answered ${status}: ${JSON.stringify(body)}`);
  const { user, access, refresh } = body;
  return { id: user.id, username: given.username, password: given.password, access, refresh, api: holder(access) };
}

/** Creates a session; returns its path. */
export async function newSession({ api }: Asker, title?: string): Promise<string> {
  return `${SESSIONS}${(await api.post(SESSIONS, { title })).body.id}/`;
}

/** Sends messages one after the other; returns the chats. */
export async function ask({ api }: Asker, session: string, ...messages: string[]) {
  const chats = [];
  for (const message of messages) chats.push((await api.post(`${session}chats/`, { message })).body);
  return chats;
}
