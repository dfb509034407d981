import { useContext, useState } from "preact/hooks";
import { SessionContext } from "../core/session.ts";
import { Icon } from "./icon.tsx";

interface AvatarProps {
  name: string;
  /** The `avatar_url` of a person. */
  picture?: string | null | undefined;
  /** Groups get a rounded square. */
  group?: boolean;
  online?: boolean;
  size?: "small" | "large";
}

/**
 * A person's picture, or the first letter of a name, in a colour derived from it. The name is always shown next to it, so
 * screen readers skip it.
 */
export function Avatar({ name, picture, group = false, online = false, size }: AvatarProps) {
  const source = usePicture(picture);
  const [broken, setBroken] = useState<string>();
  return (
    <span
      class={`avatar ${group ? "group" : ""} ${size ?? ""}`}
      style={{ "--hue": String(hue(name)) }}
      aria-hidden="true"
    >
      {source && source !== broken
        ? <img src={source} alt="" draggable={false} onError={() => setBroken(source)} />
        : initial(name) || <Icon name={group ? "group" : "user"} />}
      {online && <span class="online-dot" />}
    </span>
  );
}

const FOLDER = "/storage/v1/object/public/avatars/";

/**
 * The address of a person's picture in the project's Storage, which may have another name than when it was uploaded.
 * Pictures elsewhere are not shown: their server would see who looks at them.
 */
function usePicture(url: string | null | undefined): string | undefined {
  const bucket = useContext(SessionContext)?.supabase.storage.from("avatars");
  const [, path] = url?.split(FOLDER) ?? [];
  return path && bucket?.getPublicUrl(path).data.publicUrl;
}

function initial(name: string): string {
  return [...name.trim().replace(/^@/, "")][0]?.toUpperCase() ?? "";
}

/** One of 12 hues, always the same for a name. */
function hue(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 4093;
  return sum % 12 * 30;
}
