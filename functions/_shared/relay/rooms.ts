import { Room } from "./room.ts";

/** How long a room is kept after its last socket has gone: many come back at once. */
const LINGER = 5000;
const rooms = new Map<number, { room: Room; timer?: ReturnType<typeof setTimeout> }>();

/** What is known of a room when a socket opens. */
export interface RoomState {
  id: number;
  topic: string;
  version: number;
}

/** The room of that id in this worker. */
export function enterRoom({ id, topic, version }: RoomState): Room {
  const known = rooms.get(id);
  if (known) {
    clearTimeout(known.timer);
    known.room.move(topic);
    return known.room;
  }
  const room = new Room(id, topic, version);
  rooms.set(id, { room });
  return room;
}

/** To be said after a socket has gone: the last one takes the room with it. */
export function leaveRoom(room: Room): void {
  const known = rooms.get(room.id);
  if (!known || room.connections.size > 0) return;
  clearTimeout(known.timer);
  known.timer = setTimeout(() => {
    rooms.delete(room.id);
    room.stop();
  }, LINGER);
}
