import { go, roomPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { attempt } from "../ui/notices.tsx";

/** Returns a function that opens the direct chat with a person, and whether it could. */
export function useWriteTo(): (userId: string) => Promise<boolean> {
  const { chat } = useSession();
  return (userId) => attempt(async () => go(roomPath((await chat.rooms.createDirect(userId)).id)));
}
