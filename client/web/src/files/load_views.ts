import type { Attachment } from "parley-client";
import { lazyPart } from "../ui/lazy.tsx";
import { kindOf } from "./kinds.ts";

/** What shows files: loaded the first time that there are any. */
export const { usePart: useViews } = lazyPart(() => import("./views.tsx"));

/** Whether a file takes space in the album of its message. */
export const isSeen = (file: Attachment) => ["photo", "video"].includes(kindOf(file));
