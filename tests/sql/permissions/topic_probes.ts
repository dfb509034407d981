import { conversation, rooms, user } from "./probe.ts";

const inRooms = (suffix: string) => ({
  "of the private group": `pg_temp.topic_of(${rooms.private}) || '${suffix}'`,
  "of a public group": `pg_temp.topic_of(${rooms.public}) || '${suffix}'`,
});

/** The topics of Realtime, by what they are about and by situation, in SQL. */
export const topics: Record<string, Record<string, string>> = {
  room: inRooms(""),
  live: inRooms(":live"),
  user: { "of their own": "'user:' || :me", "of another's": `'user:' || ${user("other")}` },
  conversation: {
    "of their own": `'conversation:' || ${conversation(":name")}`,
    "of another's": `'conversation:' || ${conversation("other")}`,
  },
};
