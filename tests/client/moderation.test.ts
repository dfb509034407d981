import { expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newDevice } from "./devices.ts";

const [ann, bob, mod] = await Promise.all([newDevice("ann"), newDevice("bob"), newDevice("mod")]);

test("a person is banned, learns until when and why, and comes back when the ban is lifted", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Banned", memberIds: [bob.account.id], isPublic: true });
  const notices: string[] = [];
  const stop = bob.chat.moderation.onNotice(({ kind, reason, room_name }) =>
    notices.push(`${kind} ${reason} ${room_name}`)
  );
  await bob.chat.rooms.list();
  const until = new Date(Date.now() + 3_600_000);
  // The first events may be missed while the topic is being joined.
  await expect.poll(async () => {
    await ann.chat.moderation.ban(id, bob.account.id, { until, reason: `Rude ${notices.length}` });
    await ann.chat.moderation.unban(id, bob.account.id);
    await bob.chat.rooms.join(id);
    return notices.length;
  }, { interval: 1000 }).toBeGreaterThan(0);
  expect(notices[0]).toMatch(/^room_ban Rude 0 Banned$/);
  stop();

  await ann.chat.moderation.ban(id, bob.account.id, { until, reason: "Rude" });
  await expect(bob.chat.rooms.join(id)).rejects.toMatchObject({
    code: "banned",
    status: 403,
    until,
    message: expect.stringContaining("Rude"),
  });
  const [ban] = await ann.chat.moderation.bans(id);
  expect(ban).toMatchObject({ user_id: bob.account.id, reason: "Rude", banned: { username: bob.account.username } });
  expect(await bob.chat.moderation.bans(id)).toEqual([]);
  expect(await ann.chat.moderation.bans(id, { before: ban!.id })).toEqual([]);
  const [notice] = await bob.chat.moderation.notices();
  expect(notice).toMatchObject({ kind: "room_ban", reason: "Rude", room_id: id, read_at: null });
  await bob.chat.moderation.confirm(notice!.id);
  expect((await bob.chat.moderation.notices({ limit: 1 }))[0]!.read_at).not.toBeNull();
  await ann.chat.moderation.unban(id, bob.account.id);
  expect(await bob.chat.rooms.join(id)).toMatchObject({ id });
});

test("a message is reported, and a moderator mutes its sender", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Reported", memberIds: [bob.account.id] });
  const room = bob.chat.rooms.open(id);
  await room.ready;
  await room.send("Terrible");
  await expect.poll(() => room.getSnapshot().messages.at(-1)?.state).toBe("sent");
  const [message] = await ann.chat.rooms.search("Terrible");
  const report = await ann.chat.moderation.report({ messageId: message!.id }, "harassment", "See");
  expect(await ann.chat.moderation.report({ messageId: message!.id }, "hate")).toMatchObject({ id: report.id });
  await expect(ann.chat.moderation.queue()).rejects.toMatchObject({ code: "moderator_required" });
  await expect(ann.chat.moderation.report({ userId: ann.account.id }, "spam")).rejects.toMatchObject({
    code: "invalid_report",
  });

  const sql = database();
  await sql`update auth.users set raw_app_meta_data = raw_app_meta_data || '{"parley_role": "moderator"}' where id = ${mod.account.id}`;
  await sql.end();
  expect(await mod.chat.moderation.role()).toBeUndefined();
  await mod.supabase.auth.refreshSession();
  expect(await mod.chat.moderation.role()).toBe("moderator");
  const queued = (await mod.chat.moderation.queue()).find((queued) => queued.id === report.id);
  expect(queued).toMatchObject({
    reason: "hate",
    snapshot: { message: { content: "Terrible" }, user: { username: bob.account.username } },
  });
  const until = new Date(Date.now() + 3_600_000);
  await mod.chat.moderation.resolve(report.id, "mute", { until, reason: "Rule 1" });
  await expect(mod.chat.moderation.resolve(report.id, "dismiss")).rejects.toMatchObject({
    code: "report_resolved",
    message: expect.stringContaining(mod.account.username),
  });
  expect(await ann.chat.moderation.reports({ limit: 1 })).toMatchObject([{ id: report.id, state: "resolved" }]);
  const log = await mod.chat.moderation.auditLog();
  expect(log.find(({ report_id }) => report_id === report.id)).toMatchObject({
    action: "mute",
    user_id: bob.account.id,
    reason: "Rule 1",
  });
  await expect(room.edit(message!.id, "Nicer")).rejects.toMatchObject({ code: "muted", until });
  await mod.chat.moderation.unmute(bob.account.id);
  await room.edit(message!.id, "Nicer");
  await mod.chat.moderation.suspend(bob.account.id, { reason: "Rule 2" });
  await expect(bob.chat.rooms.list()).rejects.toMatchObject({
    code: "suspended",
    message: expect.stringContaining("Rule 2"),
  });
  await mod.chat.moderation.unsuspend(bob.account.id);
  await bob.chat.rooms.list();
  await mod.chat.moderation.mute(bob.account.id);
  room.close();
});

test("a message that a word rule holds waits in its room, and is sent in its place when a moderator approves", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Held", memberIds: [] });
  const word = `held${crypto.randomUUID().slice(0, 8)}`;
  const sql = database();
  await sql`insert into chat_private.word_rules (pattern, action) values (${word}, 'hold')`;
  const room = ann.chat.rooms.open(id);
  await room.ready;
  await room.send(word);
  await expect.poll(() => room.getSnapshot().messages.at(-1)?.state).toBe("held");
  const { key } = room.getSnapshot().messages.at(-1)!;
  await room.send("Meanwhile");
  await expect.poll(() => room.getSnapshot().messages.map(({ content, state }) => `${content} ${state}`)).toEqual(
    ["Meanwhile sent", `${word} held`],
  );
  const queue = await mod.chat.moderation.queue();
  const report = queue.find(({ snapshot }) => snapshot.message?.content === word)!;
  expect(report.snapshot.message!.held).toBe(true);
  await mod.chat.moderation.resolve(report.id, "dismiss");
  await expect.poll(() => room.getSnapshot().messages.at(-1)).toMatchObject({
    content: word,
    state: "sent",
    seq: 2,
    key,
  });
  await expect.poll(() => ann.chat.outbox.getSnapshot()).toEqual([]);
  await sql`delete from chat_private.word_rules where pattern = ${word}`;
  await sql.end();
  room.close();
});
