import type { LiveRoom } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { reportError } from "../../ui/notices.tsx";
import type { ScrollKeeper } from "../../ui/scroll_keeper.ts";

/** A message to go to; another object each time, so that it can be the same one again. */
export interface Target {
  seq: number;
}

/** How long a message that one went to stands out. */
const HIGHLIGHT_MS = 2_000;

/**
 * Goes where the room is to open: to a message asked for, to the first unread one, or to the end; then to each target.
 * @param divider after which seq new messages begin
 * @returns whether it has opened there, so that it can be shown
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
  await room.loadFrom(divider + 1);
  await drawn();
  const line = keeper.divider();
  if (line) keeper.show(line);
}

async function toMessage(room: LiveRoom, keeper: ScrollKeeper, seq: number): Promise<void> {
  await room.loadFrom(seq);
  await drawn();
  const message = keeper.find(seq);
  if (!message) return;
  keeper.show(message);
  message.focus({ preventScroll: true });
  message.dataset.shown = "";
  setTimeout(() => delete message.dataset.shown, HIGHLIGHT_MS);
}

/** What is loaded by now is on the page after that. */
function drawn(): Promise<unknown> {
  return new Promise(requestAnimationFrame);
}
