import { Icon } from "./icon.tsx";

interface AvatarProps {
  name: string;
  /** Groups get a rounded square. */
  group?: boolean;
  online?: boolean;
  size?: "small" | "large";
}

/**
 * The first letter of a name, in a colour derived from it. The name is always shown next to it, so screen readers skip
 * it.
 */
export function Avatar({ name, group = false, online = false, size }: AvatarProps) {
  return (
    <span
      class={`avatar ${group ? "group" : ""} ${size ?? ""}`}
      style={{ "--hue": String(hue(name)) }}
      aria-hidden="true"
    >
      {initial(name) || <Icon name={group ? "group" : "user"} />}
      {online && <span class="online-dot" />}
    </span>
  );
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
