import type { LiveRoom } from "parley-client";
import type { Words } from "../words/words.ts";

/** Shows a picture large. */
export async function openPhoto(room: LiveRoom, id: string, words: Words): Promise<void> {
  const { openLightbox } = await import("./lightbox.ts");
  openLightbox(room, id, words);
}
