import type { LiveRoom } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { reportError } from "../../ui/notices.tsx";
import { drawn, highlight, type ScrollKeeper } from "../../ui/scroll_keeper.ts";

/** A message to scroll to; a new object each time, so that the same one can be requested again. */
export interface Target {
  seq: number;
}

/**
 * Scrolls to where the room opens: a requested message, the first unread one, or the end; later to each target.
 * @param divider the seq after which new messages begin
 * @returns whether the room has scrolled there and can be shown
 */
export function usePlaces(
  room: LiveRoom,
  keeper: ScrollKeeper | undefined,
  divider: number | undefined,
  target: Target | undefined,
): boolean {
  const [isPlaced, setIsPlaced] = useState(false);
  useEffect(() => {
    if (!keeper || isPlaced) return;
    const unread = target ? undefined : divider;
    begin(room, keeper, unread).catch(reportError).finally(() => setIsPlaced(true));
  }, [keeper]);
  useEffect(() => {
    if (keeper && isPlaced && target) void toMessage(room, keeper, target.seq).catch(reportError);
  }, [keeper, isPlaced, target]);
  return isPlaced;
}

async function begin(room: LiveRoom, keeper: ScrollKeeper, divider: number | undefined): Promise<void> {
  if (divider === undefined) return keeper.toEnd();
  await room.loadAround(divider + 1);
  await drawn();
  const line = keeper.divider();
  if (line) keeper.show(line);
}

async function toMessage(room: LiveRoom, keeper: ScrollKeeper, seq: number): Promise<void> {
  keeper.isMoving = true;
  try {
    await room.loadAround(seq);
    await drawn();
  } finally {
    keeper.isMoving = false;
  }
  const message = await keeper.reveal(seq);
  if (message) highlight(keeper, message);
}
