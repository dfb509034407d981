import type { Attachment } from "parley-client";

export type Kind = "photo" | "video" | "sound" | "file";

/** Pictures that all browsers show. SVG can hold scripts: it is a file. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/** How a file is shown. A picture or video without a size was sent as a file. */
export function kindOf({ mime_type, width, height }: Pick<Attachment, "mime_type" | "width" | "height">): Kind {
  if (mime_type.startsWith("audio/")) return "sound";
  if (!width || !height) return "file";
  if (PICTURES.has(mime_type)) return "photo";
  return mime_type.startsWith("video/") ? "video" : "file";
}
