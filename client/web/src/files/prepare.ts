import type { NewFile } from "parley-client";
import { shrunk } from "./picture.ts";

/** Formats that are drawn again. A GIF may move, and SVG has no pixels. */
const DRAWN = new Set(["image/png", "image/jpeg", "image/webp", "image/avif", "image/bmp", "image/heic", "image/heif"]);
const ENDINGS: Record<string, string> = { "image/jpeg": "jpg", "image/webp": "webp", "image/png": "png" };
/** A video whose beginning cannot be read in this time is sent as a file. */
const PROBE_MS = 5_000;

/** Prepares a file for sending: pictures are made smaller, and everything is measured that will be shown. */
export async function prepared(file: File): Promise<NewFile> {
  const sent: NewFile = { body: file, name: file.name };
  try {
    if (DRAWN.has(file.type)) return await preparedPicture(file);
    if (file.type === "image/gif") return { ...sent, ...await sizeOfPicture(file) };
    if (/^(video|audio)\//.test(file.type)) return { ...sent, ...await measured(file) };
  } catch {
    // The browser cannot read it: it is sent as it is.
  }
  return sent;
}

async function preparedPicture(file: File): Promise<NewFile> {
  const { body, width, height } = await shrunk(file);
  const name = file.name.replace(/\.\w+$/, "") || "photo";
  return { body, width, height, type: body.type, name: `${name}.${ENDINGS[body.type] ?? "png"}` };
}

async function sizeOfPicture(file: File): Promise<Pick<NewFile, "width" | "height">> {
  const image = await createImageBitmap(file);
  const { width, height } = image;
  image.close();
  return { width, height };
}

/** Reads how large and how long a video or a sound is. */
async function measured(file: File): Promise<Pick<NewFile, "width" | "height" | "durationMs">> {
  const url = URL.createObjectURL(file);
  const player = document.createElement("video");
  try {
    await new Promise<void>((resolve, reject) => {
      setTimeout(reject, PROBE_MS);
      player.onloadedmetadata = () => resolve();
      player.onerror = () => reject(new Error("This video cannot be read."));
      player.preload = "metadata";
      player.src = url;
    });
    const { videoWidth: width, videoHeight: height, duration } = player;
    return { ...(width && height && { width, height }), ...(isFinite(duration) && { durationMs: duration * 1_000 }) };
  } finally {
    player.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}
