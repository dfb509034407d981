import { useContext, useState } from "preact/hooks";
import { SessionContext } from "../core/session.ts";
import { Icon } from "./icon.tsx";

export interface AvatarProps {
  name: string;
  /** What the colour is derived from; default the name. */
  seed?: string;
  /** The `avatar_url` of a person or a group. */
  picture?: string | null | undefined;
  /** Groups get a rounded square. */
  group?: boolean;
  online?: boolean;
  size?: "small" | "large";
}

/**
 * A picture of a person or a group, or the first letters of a name, in a colour of their own. The name is always shown next to it, so
 * screen readers skip it.
 */
export function Avatar({ name, seed = name, picture, group = false, online = false, size }: AvatarProps) {
  const source = usePicture(picture);
  const [broken, setBroken] = useState<string>();
  return (
    <span
      class={`avatar ${group ? "group" : ""} ${size ?? ""}`}
      style={{ "--hue": String(hueOf(seed)) }}
      aria-hidden="true"
    >
      {source && source !== broken
        ? <img src={source} alt="" draggable={false} onError={() => setBroken(source)} />
        : initials(name, group) || <Icon name={group ? "group" : "user"} />}
      {online && <span class="online-dot" />}
    </span>
  );
}

const FOLDER = "/storage/v1/object/public/avatars/";

/**
 * The address of a picture in the project's Storage, which may have another name than when it was uploaded.
 * Pictures elsewhere are not shown: their server would see who looks at them.
 */
function usePicture(url: string | null | undefined): string | undefined {
  const bucket = useContext(SessionContext)?.supabase.storage.from("avatars");
  const [, path] = url?.split(FOLDER) ?? [];
  return path && bucket?.getPublicUrl(path).data.publicUrl;
}

/** The first letters of a person's first and last word; of a group, of its first. */
function initials(name: string, isGroup: boolean): string {
  const words = name.trim().replace(/^@/, "").split(/\s+/);
  const wanted = isGroup || words.length < 2 ? words.slice(0, 1) : [words[0]!, words.at(-1)!];
  return wanted.map((word) => [...word][0] ?? "").join("").toUpperCase();
}

/** One of 24 hues, always the same for a text. */
export function hueOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (const letter of seed) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return (hash >>> 8) % 24 * 15;
}
