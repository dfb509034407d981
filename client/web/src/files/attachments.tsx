import type { LiveRoom, RoomMessage } from "parley-client";
import { kindOf } from "./kinds.ts";
import { arrange } from "./layout.ts";
import { isSeen, useViews } from "./load_views.ts";

interface AttachmentsProps {
  message: RoomMessage;
  room: LiveRoom;
}

/** Returns the width of the pictures and videos of a message; undefined if it has none. */
export function albumWidth({ attachments }: RoomMessage): number | undefined {
  const seen = attachments.filter(isSeen);
  return seen.length > 0 ? arrange(seen).width : undefined;
}

/**
 * The files of a message: an album of pictures and videos, players, and cards for the others. They have their space before
 * anything has loaded, so that nothing moves.
 */
export function Attachments({ message, room }: AttachmentsProps) {
  const { attachments } = message;
  const views = useViews(attachments.length > 0);
  if (attachments.length === 0) return null;
  const seen = attachments.filter(isSeen);
  const { width, tiles } = arrange(seen);
  return (
    <>
      {seen.length > 0 && (
        <span class="album" style={{ width: `${width}px` }}>
          {seen.map((file, index) => {
            const { span, ratio } = tiles[index]!;
            return (
              <span key={file.id} class="tile" style={{ gridColumn: `span ${span}`, aspectRatio: `1 / ${ratio}` }}>
                {views && <views.Tile message={message} room={room} file={file} />}
              </span>
            );
          })}
        </span>
      )}
      {attachments.filter((file) => !isSeen(file)).map((file) => (
        <span key={file.id} class={kindOf(file) === "sound" ? "sound-card" : "file-card"}>
          {views && <views.Card message={message} room={room} file={file} />}
        </span>
      ))}
    </>
  );
}
