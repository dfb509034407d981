import type { Attachment } from "parley-client";
import type { Key, Words } from "../words/words.ts";
import { type Kind, kindOf } from "./kinds.ts";

const MANY: Record<Kind, Key> = {
  photo: "file.photos",
  video: "file.videos",
  sound: "file.sounds",
  file: "file.files",
};

/** Names the files of a message, where they are not shown: in lists, quotes, and for screen readers. */
export function fileWords(attachments: readonly Attachment[] = [], { t }: Words): string {
  const [first] = attachments;
  if (!first) return "";
  const kind = kindOf(first);
  const isSame = attachments.every((each) => kindOf(each) === kind);
  const count = attachments.length;
  if (count > 1) return t(isSame ? MANY[kind] : "file.files", { count });
  return kind === "file" || kind === "sound" ? first.name : t(kind === "photo" ? "file.photo" : "file.video");
}

const KILO = 1024;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Formats a size: 20 kB, 1.5 MB. */
export function sizeWords(bytes: number, { language }: Words): string {
  const power = Math.min(Math.floor(Math.log(Math.max(1, bytes)) / Math.log(KILO)), UNITS.length - 1);
  const value = bytes / KILO ** power;
  const maximumFractionDigits = power > 1 && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit: UNITS[power]!, maximumFractionDigits }).format(value);
}
