import { createClient } from "@supabase/supabase-js";
import { afterAll, expect, inject } from "vitest";
import WebSocket from "ws";
import {
  type Chat,
  type ChatOptions,
  createChat,
  type LiveRoom,
  type OpenOptions,
  type SentMessage,
} from "../../client/sdk/src/index.ts";

const status = inject("status");

// Frames are read on the way.
class Transport extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols, { perMessageDeflate: false });
  }
}

/** A client of supabase-js that reconnects at once. */
export function supabaseAt(url: string = status.api_url, key: string = status.publishable_key) {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: Transport as never, reconnectAfterMs: () => 50 },
  });
}

/** A client of supabase-js that has a token from elsewhere, and no Auth of its own. */
export function withToken(token: string, url: string) {
  return createClient(url, status.publishable_key, {
    accessToken: () => Promise.resolve(token),
    realtime: { transport: Transport as never, reconnectAfterMs: () => 50 },
  });
}

export interface Account {
  id: string;
  username: string;
  email: string;
  password: string;
}

type Supabase = ReturnType<typeof supabaseAt>;

export interface Device {
  account: Account;
  supabase: Supabase;
  chat: Chat;
  close(): Promise<void>;
}

const devices: Device[] = [];
afterAll(() => Promise.all(devices.map((one) => one.close())));

/** A device of somebody who is signed in with a client of supabase-js. */
export function deviceOf(account: Account, supabase: Supabase, options: ChatOptions = {}): Device {
  const chat = createChat(supabase, { storage: null, retryMs: 50, ...options });
  const close = async () => {
    chat.close();
    await supabase.removeAllChannels();
    await supabase.realtime.disconnect();
  };
  const device = { account, supabase, chat, close };
  devices.push(device);
  return device;
}

/** Somebody new, under a name that nobody else has, on a device. */
export function newPerson(name: string, url?: string, options?: ChatOptions): Promise<Device> {
  return newPersonOf(supabaseAt(url), name, options);
}

/** Signs somebody new up with a client of supabase-js. */
export async function newPersonOf(supabase: Supabase, name: string, options?: ChatOptions): Promise<Device> {
  const username = `${name}-${crypto.randomUUID().slice(0, 8)}`;
  const account = { username, email: `${username}@example.com`, password: crypto.randomUUID() };
  const { email, password } = account;
  const { data, error } = await supabase.auth.signUp({ email, password, options: { data: { username } } });
  if (error || !data.user) throw error ?? new Error("Sign-up answered no user.");
  return deviceOf({ id: data.user.id, ...account }, supabase, options);
}

/** Another device of somebody: with the session of the first. */
export function another(device: Device, url?: string, options?: ChatOptions): Promise<Device> {
  return anotherOf(supabaseAt(url), device, options);
}

/** Signs somebody in once more, with another client of supabase-js. */
export async function anotherOf(supabase: Supabase, { account, supabase: first }: Device, options?: ChatOptions) {
  const { data: { session } } = await first.auth.getSession();
  const { error } = await supabase.auth.setSession(session!);
  if (error) throw error;
  return deviceOf(account, supabase, options);
}

/** Opens a room on a device, and waits until its events arrive. */
export async function openLive(device: Device, roomId: number, options?: OpenOptions): Promise<LiveRoom> {
  const room = device.chat.rooms.open(roomId, options);
  await expect.poll(() => room.getSnapshot().status).toBe("live");
  return room;
}

/** Sends messages through an open room, and waits until the server has them. */
export async function say(room: LiveRoom, ...texts: string[]): Promise<SentMessage[]> {
  const ids = texts.map((text) => room.send(text));
  const sent = () =>
    room.getSnapshot().messages.filter((message) => message.state === "sent" && ids.includes(message.client_id!));
  await expect.poll(() => sent().length).toBe(texts.length);
  return sent() as SentMessage[];
}

/** What the messages of a room say. */
export const texts = (room: LiveRoom) => room.getSnapshot().messages.map(({ content }) => content);
