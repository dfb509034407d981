import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject } from "vitest";
import { ChatError, type LiveRoom, type SentMessage } from "../../client/sdk/src/index.ts";
import { fine, Proxy } from "../support/proxy.ts";
import { type Device, newDevice } from "./devices.ts";
import { settles } from "./settling.ts";

const { api_url } = inject("status");
const names = ["ann", "bob", "cleo"];

/** Three users, each behind a bad network of their own. */
export const people = await Promise.all(names.map(async (name) => {
  const proxy = await Proxy.start(api_url);
  const device = await newDevice(name, proxy.url, { timeoutMs: 2_000 });
  device.chat.rooms.subscribe(() => {});
  device.chat.mentions.subscribe(() => {});
  return { proxy, device };
}));

/** What a user does, or what happens to their network. `pick` chooses among the messages that they see. */
export interface Step {
  who: number;
  act: string;
  pick: number;
}

const storm = {
  ...fine,
  answersLost: 0.2,
  requestsTwice: 0.2,
  eventsTwice: 0.2,
  eventsSwapped: 0.2,
  eventsLost: 0.2,
  delayMs: 5,
};

/** Calls until the network or the machine lets it be done. */
export async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ChatError) || !error.passing) throw error;
      await sleep(50);
    }
  }
}

/** A room with three users, and what they do in it. */
export class StormyRoom {
  readonly rooms: LiveRoom[];
  readonly #calls: Promise<unknown>[] = [];
  #sent = 0;

  constructor(readonly roomId: number) {
    this.rooms = people.map(({ device }) => device.chat.rooms.open(roomId));
  }

  async take({ who, act, pick }: Step): Promise<void> {
    const { proxy, device } = people[who]!;
    const room = this.rooms[who]!;
    const sent = room.getSnapshot().messages.filter(({ state }) => state === "sent") as SentMessage[];
    const message = sent[pick % sent.length];
    const text = `message ${++this.#sent}`;
    const mentions = [people[pick % people.length]!.device.account.id];
    if (act === "send") room.send(text);
    else if (act === "burst") { for (let n = 0; n < 5; n++) room.send(`${text}.${n}`); }
    else if (act === "mention") room.send(text, { mentions });
    else if (act === "mentionAll") room.send(text, { mentionAll: true });
    else if (act === "offline") proxy.goOffline();
    else if (act === "online") proxy.goOnline();
    else if (act === "cut") proxy.cut();
    else if (act === "storm") proxy.weather = storm;
    else if (act === "calm") proxy.weather = fine;
    else if (act === "read") room.markRead(message?.seq);
    else if (act === "rename") this.#try(device.chat.rooms.update(this.roomId, { name: text }));
    else if (act === "leave") await this.#leave(device, who);
    else if (act === "reopen") this.#reopen(who);
    else if (message && act === "edit") this.#try(room.edit(message.id, text));
    else if (message && act === "mentionLater") this.#try(room.edit(message.id, text, { mentions }));
    else if (message && act === "mentionAllLater") this.#try(room.edit(message.id, text, { mentionAll: pick % 2 > 0 }));
    else if (message && act === "delete") this.#try(room.delete(message.id));
    else if (message && act === "pin") this.#try(room.pin(message.id));
    else if (message && act === "unpin") this.#try(room.unpin(message.id));
    else if (message && act === "reply") room.send(text, { replyTo: message.id });
    await sleep(pick % 30);
  }

  /** Restores the network, and waits until all requests are done. */
  async heal(): Promise<void> {
    for (const { proxy } of people) {
      proxy.weather = fine;
      proxy.goOnline();
    }
    await Promise.all(this.#calls);
    for (const [who, room] of this.rooms.entries()) if (room.getSnapshot().status === "closed") this.#reopen(who);
    for (const { device } of people) {
      const waiting = () => device.chat.outbox.getSnapshot().filter(({ error }) => !error);
      await settles(waiting, (list) => expect(list, `the outbox of ${device.account.username}`).toEqual([]));
    }
    await Promise.all(this.rooms.map((room) => room.ready));
  }

  close(): void {
    for (const room of this.rooms) room.close();
    for (const { device } of people) {
      for (const { client_id } of device.chat.outbox.getSnapshot()) device.chat.outbox.discard(client_id);
    }
  }

  #reopen(who: number): void {
    this.rooms[who]!.close();
    this.rooms[who] = people[who]!.device.chat.rooms.open(this.roomId, { pageSize: 1_000 });
  }

  /** Leaves and joins again: the others are notified, and the topic moves. */
  async #leave({ chat }: Device, who: number): Promise<void> {
    await this.#try(chat.rooms.leave(this.roomId));
    for (let tries = 0; tries < 3 && this.rooms[who]!.getSnapshot().status !== "closed"; tries++) {
      await sleep(20);
    }
    this.#try(insist(() => chat.rooms.join(this.roomId)));
  }

  /** Refusals and network failures do not matter here: all must show the same in the end. */
  #try(call: Promise<unknown>): Promise<unknown> {
    const done = call.catch((error) => {
      if (!(error instanceof ChatError) || error.code === "unexpected") throw error;
    });
    this.#calls.push(done);
    return done;
  }
}
