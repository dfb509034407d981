import { describe, expect, test } from "vitest";
import { newDirect, newGroup, newMiniChatPerson, send } from "./people.ts";

describe("GET /api/chat/messages/ without a room", () => {
  test("→ 200 with the messages of all the caller's rooms, each as its room lists it", async () => {
    const [zoe, yan, max] = [
      await newMiniChatPerson("zoe"),
      await newMiniChatPerson("yan"),
      await newMiniChatPerson("max"),
    ];
    const [direct, group] = [await newDirect(zoe, yan), await newGroup(zoe, yan, max)];
    const [first] = await send(zoe, direct, "Only for Yan");
    const [second] = await send(max, group, "For all");
    const [third] = await send(yan, direct, "Only for Zoe");
    await yan.api.get(`/api/chat/rooms/${direct}/history/`);

    const { status, body } = await zoe.api.get("/api/chat/messages/");
    expect([status, body.map(({ id }: { id: number }) => id)]).toEqual([200, [first.id, second.id, third.id]]);
    const ofRooms = await Promise.all([direct, group].map((room) => zoe.api.get(`/api/chat/messages/?room=${room}`)));
    const byId = (one: { id: number }, other: { id: number }) => one.id - other.id;
    expect(body).toEqual(ofRooms.flatMap(({ body }) => body).sort(byId));
    expect(body.map(({ is_read }: { is_read: boolean }) => is_read)).toEqual([true, false, false]);
    expect((await max.api.get("/api/chat/messages/")).body).toEqual([{ ...second, is_read: false }]);
    expect((await (await newMiniChatPerson("eve")).api.get("/api/chat/messages/")).body).toEqual([]);
  });

  test("pages in both directions, across rooms", async () => {
    const [zoe, yan] = [await newMiniChatPerson("zoe"), await newMiniChatPerson("yan")];
    const rooms = [await newGroup(zoe, yan), await newGroup(zoe, yan)];
    const ids: number[] = [];
    for (let turn = 0; turn < 5; turn++) ids.push((await send(yan, rooms[turn % 2]!, `${turn}`))[0].id);
    const page = async (query: string) => {
      const { body, headers } = await zoe.api.get(`/api/chat/messages/?limit=2${query}`);
      const link = /[?&](before|after)=(\d+)[^>]*>; rel="next"/.exec(headers.get("Link") ?? "");
      return [body.map(({ id }: { id: number }) => ids.indexOf(id)), link && `&${link[1]}=${link[2]}`];
    };
    expect(await page("")).toEqual([[3, 4], `&before=${ids[3]}`]);
    expect(await page(`&before=${ids[3]}`)).toEqual([[1, 2], `&before=${ids[1]}`]);
    expect(await page(`&before=${ids[1]}`)).toEqual([[0], null]);
    expect(await page(`&after=${ids[0]}`)).toEqual([[1, 2], `&after=${ids[2]}`]);
  });
});
