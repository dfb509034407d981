import type { Attachment } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { reportError } from "../ui/notices.tsx";
import { kindOf } from "./kinds.ts";

type Views = typeof import("./views.tsx");

let loaded: Views | undefined;
let loading: Promise<Views> | undefined;

/** Loads what shows files, the first time that there are any. */
export function useViews(isWanted: boolean): Views | undefined {
  const [views, setViews] = useState(loaded);
  useEffect(() => {
    if (!isWanted || views) return;
    loading ??= import("./views.tsx");
    loading.then((found) => setViews(loaded = found), (error) => {
      loading = undefined;
      reportError(error);
    });
  }, [isWanted, views]);
  return views;
}

/** Whether a file takes space in the album of its message. */
export const isSeen = (file: Attachment) => ["photo", "video"].includes(kindOf(file));
