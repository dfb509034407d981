import { useRef } from "preact/hooks";

/** A finger that stays for this long presses. */
const PRESS_MS = 450;
/** A finger never stays quite still. */
const SLOP_PX = 10;

/** Returns handlers that notice a long press of a finger on an element. */
export function useLongPress(onPress: (element: HTMLElement) => void) {
  const down = useRef<{ x: number; y: number; timer: ReturnType<typeof setTimeout> }>(undefined);
  const hasPressed = useRef(false);
  const stop = () => {
    clearTimeout(down.current?.timer);
    down.current = undefined;
  };
  return {
    onPointerDown({ pointerType, clientX: x, clientY: y, currentTarget }: PointerEvent): void {
      stop();
      hasPressed.current = false;
      if (pointerType === "mouse") return;
      const press = () => {
        hasPressed.current = true;
        onPress(currentTarget as HTMLElement);
      };
      down.current = { x, y, timer: setTimeout(press, PRESS_MS) };
    },
    onPointerMove({ clientX, clientY }: PointerEvent): void {
      const { x, y } = down.current ?? { x: clientX, y: clientY };
      if (Math.hypot(clientX - x, clientY - y) > SLOP_PX) stop();
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    /** The finger that leaves a link or a name does not also click it. */
    onClickCapture(event: Event): void {
      if (!hasPressed.current) return;
      hasPressed.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
    /** The menu of the browser would cover what opens. */
    onContextMenu: (event: Event) => down.current && event.preventDefault(),
  };
}
