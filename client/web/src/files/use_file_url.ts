import type { Attachment, LiveRoom, QueuedFile } from "parley-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";

/** A file that fails to load so often in a row is broken. */
const MAX_FAILURES = 3;

export interface FileUrl {
  url: string | undefined;
  isBroken: boolean;
  loaded: () => void;
  /** Asks for a new URL: this one has ended, or does not load. */
  failed: () => void;
}

export const isQueued = (file: Attachment | QueuedFile): file is QueuedFile => "progress" in file;

/**
 * The URL of a file. What the user has just sent is shown from the device, also once it has arrived.
 * @param isWanted whether it is about to be shown
 */
export function useFileUrl(room: LiveRoom, file: Attachment | QueuedFile, isWanted: boolean): FileUrl {
  const { chat } = useSession();
  const [url, setUrl] = useState<string>();
  const [asked, setAsked] = useState(0);
  const [isBroken, setIsBroken] = useState(false);
  const local = useRef<string>(undefined);
  const failures = useRef(0);
  const isLocal = isQueued(file);

  useEffect(() => {
    if (!isLocal) return;
    let isGone = false;
    void chat.outbox.file(file.id).then((body) => {
      if (body && !isGone) setUrl(local.current ??= URL.createObjectURL(body));
    });
    return () => void (isGone = true);
  }, [file.id, isLocal]);
  useEffect(() => () => {
    if (local.current) URL.revokeObjectURL(local.current);
  }, []);
  useEffect(() => {
    if (isLocal || !isWanted || url && asked === 0) return;
    let isGone = false;
    room.fileUrl(file).then((url) => isGone || setUrl(url), () => isGone || setIsBroken(true));
    return () => void (isGone = true);
  }, [isLocal, isWanted, asked, room]);

  function failed(): void {
    if (isLocal || ++failures.current > MAX_FAILURES) setIsBroken(true);
    else setAsked(asked + 1);
  }

  return { url, isBroken, loaded: () => void (failures.current = 0), failed };
}
