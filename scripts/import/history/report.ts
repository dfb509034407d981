import type { Loaded, LoadedRoom } from "./load.ts";
import type { Malformed } from "./message.ts";

const MAX_LISTED = 20;
const count = (number: number, one: string, many = `${one}s`) =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** Lists the first malformed lines and counts all of them. */
export function describeMalformed(malformed: Malformed[]): string {
  const lines = malformed.slice(0, MAX_LISTED).map(({ line, reason }) => `  line ${line}: ${reason}`);
  if (malformed.length > MAX_LISTED) lines.push(`  … and ${malformed.length - MAX_LISTED} more`);
  return `${count(malformed.length, "malformed line")}:\n${lines.join("\n")}`;
}

/** Describes the result of an import in a few sentences. */
export function describeLoaded({ rooms, people, repeated, differing }: Loaded, seconds: number): string {
  const added = rooms.reduce((sum, room) => sum + room.added, 0);
  const rate = Math.round(added / seconds).toLocaleString("en");
  const sentences = rooms.flatMap(describeRoom);
  if (repeated > 0) {
    sentences.push(
      `${count(repeated, "repeated message id")}, imported once (differing: ${differing}, the newest kept).`,
    );
  }
  if (added > 0) {
    sentences.push(
      `${count(added, "message")} of ${count(people, "person", "people")} in ${
        seconds.toFixed(1)
      } s, ${rate} a second.`,
    );
  }
  return sentences.join("\n");
}

function describeRoom({ id, name, slug, added, deleted, present, late }: LoadedRoom): string[] {
  const sentences = [
    `${name} is room ${id} (${slug}): ${count(added, "message")} added, ${deleted} of them deleted by their authors.`,
  ];
  if (present > 0) sentences.push(`  ${count(present, "message")} were already imported.`);
  if (late > 0) {
    sentences.push(`  ${count(late, "added message")} older than the newest existing message: appended after it.`);
  }
  return sentences;
}
