import type { LiveRoom, NewFile, SendOptions } from "parley-client";
import { useState } from "preact/hooks";
import { FILE_LIMITS } from "../core/limits.ts";
import { useSession } from "../core/session.ts";
import { notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import { sizeWords } from "./file_words.ts";

/** A file that was chosen, and is not sent yet. */
export interface Chosen {
  id: number;
  file: File;
  /** Shows a picture; undefined for other files. */
  url: string | undefined;
  ready: Promise<NewFile>;
}

/** The files that were chosen for the next message of a room. */
export interface ChosenFiles {
  list: readonly Chosen[];
  /** Whether pictures are sent unchanged. */
  asFiles: boolean;
  setAsFiles(areFiles: boolean): void;
  add(files: Iterable<File>): void;
  remove(id: number): void;
  /** Sends them, with a text under the first ones, and what else belongs to the first message. */
  send(text: string, options: SendOptions): Promise<void>;
}

/** Files by user and room, kept as long as the page is open, as drafts are. */
const drafts = new Map<string, readonly Chosen[]>();
let lastId = 0;

export function useChosen(room: LiveRoom): ChosenFiles {
  const words = useWords();
  const { me } = useSession();
  const draft = `${me}:${room.id}`;
  const [list, setList] = useState(drafts.get(draft) ?? []);
  const [asFiles, setAsFiles] = useState(false);

  function change(next: readonly Chosen[]): void {
    drafts.set(draft, next);
    setList(next);
  }

  const current = () => drafts.get(draft) ?? [];

  function add(files: Iterable<File>): void {
    const added = [...files].filter((file) => {
      // A folder that was dropped has no content; a picture may become smaller.
      if (file.size === 0) notify(words.t("file.empty", { name: file.name }));
      else if (file.size > FILE_LIMITS.bytes && !file.type.startsWith("image/")) tooLarge(file.name);
      else return true;
      return false;
    });
    change([...current(), ...added.map(choose)]);
  }

  function tooLarge(name: string): void {
    notify(words.t("file.large", { name, limit: sizeWords(FILE_LIMITS.bytes, words) }));
  }

  function remove(id: number): void {
    for (const each of current()) if (each.id === id) forget(each);
    change(current().filter((each) => each.id !== id));
  }

  async function send(text: string, options: SendOptions): Promise<void> {
    const chosen = current();
    change([]);
    setAsFiles(false);
    const files = await Promise.all(chosen.map(({ file, ready }) => asFiles ? { body: file, name: file.name } : ready));
    chosen.forEach(forget);
    const sent = files.filter(({ body, name }) => {
      if (body.size <= FILE_LIMITS.bytes) return true;
      tooLarge(name!);
      return false;
    });
    let content = text;
    for (let from = 0; from < sent.length || content; from += FILE_LIMITS.count) {
      const files = sent.slice(from, from + FILE_LIMITS.count);
      room.send(content, { files, ...(from === 0 && options) });
      content = "";
    }
  }

  return { list, asFiles, setAsFiles, add, remove, send };
}

function choose(file: File): Chosen {
  const url = file.type.startsWith("image/") ? URL.createObjectURL(file) : undefined;
  return { id: ++lastId, file, url, ready: import("./prepare.ts").then(({ prepared }) => prepared(file)) };
}

function forget({ url }: Chosen): void {
  if (url) URL.revokeObjectURL(url);
}
