import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { exported } from "./exported.ts";
import { growChannel } from "./grow.ts";

const killed = await exported("test-killed");

describe("an import of an export that is killed", () => {
  let folder: string;
  beforeAll(async () => {
    folder = join(killed.folder, "channels");
    await mkdir(folder);
    for (const id of ["1", "2", "3"]) {
      await growChannel(join(folder, `${id}.json`), { id, megabytes: 1.35 });
    }
  });

  /** How many messages each room has, and a hash of all that they are. */
  const state = (name: string) =>
    killed.sql`
      select rooms.name, rooms.last_seq::integer, count(*)::integer as messages, md5(string_agg(
        concat_ws(' ', messages.seq, messages.content, messages.created_at, original.seq, senders.raw_app_meta_data ->> 'source_id'),
        ',' order by messages.seq
      )) as hash
      from chat_private.imports join chat_private.imported_rows as known on import_id = imports.id and known.kind = 'room'
      join chat.rooms on rooms.id = known.target_id
      join chat.messages on messages.room_id = rooms.id
      left join chat.messages as original on original.id = messages.reply_to_id
      left join auth.users as senders on senders.id = messages.sender_id
      where imports.name = ${name}
      group by rooms.id order by 1`;

  // Imports of other files come in between.
  test(
    "has written whole rooms, and comes to the same end when it is started again",
    { timeout: 180_000 },
    async () => {
      const kill = new AbortController();
      const dying = killed.run("discord", folder, { signal: kill.signal }, "--name", "test-killed-1");
      const written = () =>
        killed.sql`
        select from chat_private.imports join chat_private.imported_rows as known on import_id = imports.id
        where imports.name = 'test-killed-1' and known.kind = 'room' limit 1`;
      while ((await written()).length === 0) await sleep(50);
      kill.abort();
      await dying;
      const part = await state("test-killed-1");
      expect(part.length).toBeLessThan(3);

      const again = await killed.run("discord", folder, "--name", "test-killed-1");
      expect(again.code).toBe(0);
      expect(again.output).toMatch(/messages: ([\d,]+) of \1, /);
      expect((await killed.run("discord", folder, "--name", "test-killed-2")).code).toBe(0);
      const [resumed, whole] = [await state("test-killed-1"), await state("test-killed-2")];
      expect(resumed).toEqual(whole);
      expect(resumed).toHaveLength(3);
      for (const room of part) expect(resumed).toContainEqual(room);
    },
  );
});
