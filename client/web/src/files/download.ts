import type { Attachment, LiveRoom } from "parley-client";

/** Saves a file. Its URL ends soon, so each press asks for one. */
export async function download(room: LiveRoom, file: Attachment): Promise<void> {
  const href = await room.fileUrl(file, { download: true });
  Object.assign(document.createElement("a"), { href, download: file.name }).click();
}
