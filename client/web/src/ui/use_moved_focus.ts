import { useEffect, useRef } from "preact/hooks";
import { hasKeyboard } from "./device.ts";

/**
 * Takes the focus along when something is opened or left: on a phone one column takes the place of the other, and
 * with it the element that had the focus goes.
 * @param open the address of what is open
 */
export function useMovedFocus(open: string | undefined): void {
  const before = useRef(open);
  useEffect(() => {
    const left = before.current;
    before.current = open;
    if (open === left) return;
    if (!open) document.querySelector<HTMLElement>(`a.item[href="${left}"]`)?.focus();
    else if (!hasKeyboard()) document.querySelector<HTMLElement>("main")?.focus();
  }, [open]);
}
