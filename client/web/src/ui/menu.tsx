import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { moveFocus } from "./arrows.ts";
import { Icon, type IconName } from "./icon.tsx";
import { IconButton } from "./icon.tsx";

export interface MenuItem {
  label: string;
  icon: IconName;
  danger?: boolean;
  action: () => void;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  /** The button that opened the menu, which appears next to it and returns the focus to it. */
  anchor: HTMLElement;
  onClose: () => void;
}

/** A menu of actions. Arrow keys select; Escape or a click outside closes it. */
export function Menu({ label, items, anchor, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = menu.current!;
    element.showPopover();
    place(element, anchor);
    element.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [anchor]);
  useEffect(() => {
    const toggled = (event: Event) => (event as ToggleEvent).newState === "closed" && onClose();
    menu.current!.addEventListener("toggle", toggled);
    return () => menu.current?.removeEventListener("toggle", toggled);
  }, [onClose]);

  function onKeyDown(event: KeyboardEvent): void {
    if (moveFocus(event, "[role=menuitem]")) return;
    if (event.key !== "Tab" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    anchor.focus();
    onClose();
  }

  return (
    <div ref={menu} class="menu" popover="auto" role="menu" aria-label={label} onKeyDown={onKeyDown}>
      {items.map(({ label, icon, danger, action }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          class={danger ? "danger" : ""}
          onClick={() => {
            anchor.focus();
            onClose();
            action();
          }}
        >
          <Icon name={icon} />
          {label}
        </button>
      ))}
    </div>
  );
}

/** Places the menu below the anchor, or above if there is no room. */
export function place(menu: HTMLElement, anchor: HTMLElement): void {
  const gap = 8;
  const { top, bottom, right } = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const isBelow = bottom + height + gap < innerHeight;
  menu.style.top = `${Math.max(gap, isBelow ? bottom + 4 : top - height - 4)}px`;
  menu.style.left = `${Math.min(Math.max(gap, right - width), innerWidth - width - gap)}px`;
}

/** A button with three dots that opens a menu. */
export function MenuButton({ label, items }: { label: string; items: readonly MenuItem[] }) {
  const [anchor, setAnchor] = useState<HTMLElement>();
  return (
    <span class="menu-button">
      <IconButton
        icon="more"
        label={label}
        onClick={(event) => setAnchor(anchor ? undefined : event.currentTarget as HTMLElement)}
      />
      {anchor && <Menu label={label} items={items} anchor={anchor} onClose={() => setAnchor(undefined)} />}
    </span>
  );
}
