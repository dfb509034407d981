const steps: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/**
 * Moves the focus with the arrow keys, Home and End among the elements that match a selector within the listening
 * element.
 * @returns whether it handled the key
 */
export function moveFocus(event: KeyboardEvent, selector: string): boolean {
  const step = steps[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return false;
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(selector)];
  const at = all.findIndex((element) => element.contains(document.activeElement));
  const next = all[at < 0 ? 0 : step(at, all.length)];
  if (!next) return false;
  event.preventDefault();
  next.focus();
  return true;
}
