/** Whether the device has a mouse, and so, most likely, a keyboard that takes no room on the screen. */
export function hasKeyboard(): boolean {
  return matchMedia("(hover: hover)").matches;
}
