/** How many messages one transaction writes, unless a room has more: a room comes whole or not at all. */
const UNIT_MESSAGES = 5000;
const UNIT_ROOMS = 500;

/** What writes rooms some at a time. */
interface Units<Room> {
  /** How many messages a room has. */
  countOf: (room: Room) => number;
  /** Writes rooms in one transaction. */
  write: (rooms: Room[]) => Promise<void>;
  /** Receives how many messages were written. */
  onMessages: (count: number) => void;
}

/** Writes rooms that come in batches, in their order, as many in one transaction as have few enough messages. */
export async function writeInUnits<Room>(
  batches: AsyncIterable<Room[]> | Iterable<Room[]>,
  { countOf, write, onMessages }: Units<Room>,
): Promise<void> {
  let unit: Room[] = [];
  let messages = 0;
  const writeUnit = async () => {
    if (unit.length === 0) return;
    await write(unit);
    onMessages(messages);
    [unit, messages] = [[], 0];
  };
  for await (const rooms of batches) {
    for (const room of rooms) {
      const count = countOf(room);
      if (messages + count > UNIT_MESSAGES || unit.length === UNIT_ROOMS) await writeUnit();
      unit.push(room);
      messages += count;
    }
  }
  await writeUnit();
}
