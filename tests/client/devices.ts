import { expect, inject } from "vitest";
import {
  type Chat,
  type ChatOptions,
  createChat,
  type LiveRoom,
  type OpenOptions,
  type SentMessage,
} from "../../client/sdk/src/index.ts";
import { type AppClient, appClient, type ClientOptions } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { type Account, type Service, signUp } from "../support/users.ts";

const shared = inject("status");

/** A client of supabase-js that reconnects at once. */
export function supabaseAt(url: string = shared.api_url, options: ClientOptions = {}) {
  const realtime = { reconnectAfterMs: () => 50, ...options.realtime };
  return appClient({ stack: { ...shared, api_url: url }, ...options, realtime });
}

export interface Device {
  account: Account;
  supabase: AppClient;
  chat: Chat;
  close(): Promise<void>;
}

const devices: Device[] = [];

/** Closes the devices of a file. */
export async function closeDevices(): Promise<void> {
  await Promise.all(devices.splice(0).map((one) => one.close()));
}

/** A device of a user who is signed in on a client. */
export function deviceOf(account: Account, supabase: AppClient, options: ChatOptions = {}): Device {
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

/** A new user on a device. */
export function newDevice(name: string, url?: string, options?: ChatOptions): Promise<Device> {
  return newDeviceOf(supabaseAt(url), name, options);
}

/** A new user on a device, with a given client of the shared stack or of another. */
export async function newDeviceOf(
  supabase: AppClient,
  name: string,
  options?: ChatOptions,
  stack?: Service,
): Promise<Device> {
  return deviceOf(await signUp(supabase, name, stack), supabase, options);
}

/** Another device of the same user, with the session of the first. */
export function another(device: Device, url?: string, options?: ChatOptions): Promise<Device> {
  return anotherOf(supabaseAt(url), device, options);
}

/** The same, with a given client. */
export async function anotherOf(supabase: AppClient, { account, supabase: first }: Device, options?: ChatOptions) {
  const { data: { session } } = await first.auth.getSession();
  // The first request after an interruption may meet a connection that was cut.
  await until(async () => (await supabase.auth.setSession(session!)).error, (error) => error === null);
  return deviceOf(account, supabase, options);
}

/** Opens a room on a device, and waits until its events arrive. */
export async function openLive(device: Device, roomId: number, options?: OpenOptions): Promise<LiveRoom> {
  const room = device.chat.rooms.open(roomId, options);
  await expect.poll(() => room.getSnapshot().status).toBe("live");
  return room;
}

/** Sends messages in an open room, and waits until the server has them. */
export async function say(room: LiveRoom, ...texts: string[]): Promise<SentMessage[]> {
  const ids = texts.map((text) => room.send(text));
  const sent = () =>
    room.getSnapshot().messages.filter((message) => message.state === "sent" && ids.includes(message.client_id!));
  await expect.poll(() => sent().length).toBe(texts.length);
  return sent() as SentMessage[];
}

/** The texts of a room's messages. */
export const texts = (room: LiveRoom) => room.getSnapshot().messages.map(({ content }) => content);

/** Adds messages to a room, a few hundred with each statement, which has 8 seconds. */
export async function write(device: Device, roomId: number, texts: readonly string[]): Promise<void> {
  for (let start = 0; start < texts.length; start += 300) {
    const rows = texts.slice(start, start + 300).map((content) => ({ room_id: roomId, content }));
    await device.supabase.schema("chat").from("messages").insert(rows).throwOnError();
  }
}
