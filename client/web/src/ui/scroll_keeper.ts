import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** Nearer to the end than this counts as at the end. */
const END_MARGIN_PX = 60;

/**
 * Keeps what is read in place when messages come, go or change: the end, when it was in view; else what is in
 * view. Browsers do it only in part, and not all of them.
 */
export class ScrollKeeper {
  /** Whether the newest message is in view, and shall stay so. */
  isAtEnd = true;
  #anchor: { element: HTMLElement; top: number } | undefined;

  constructor(readonly scroller: HTMLElement) {}

  /** To be called when it was scrolled. */
  scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < END_MARGIN_PX;
  }

  /** To be called before the messages are drawn anew. */
  beforeDraw(): void {
    const element = this.isAtEnd ? undefined : this.#anchorInView();
    this.#anchor = element && { element, top: element.getBoundingClientRect().top };
  }

  /**
   * To be called after that.
   * @param start where what nobody has seen yet begins: the end is followed only as far as that stays in view
   */
  afterDraw(start?: HTMLElement): void {
    if (this.isAtEnd && start) this.show(start);
    else if (this.isAtEnd) this.toEnd();
    else if (this.#anchor?.element.isConnected) {
      this.scroller.scrollTop += this.#anchor.element.getBoundingClientRect().top - this.#anchor.top;
    }
    this.#anchor = undefined;
  }

  toEnd(): void {
    this.isAtEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Brings an element to the upper third. */
  show(element: HTMLElement): void {
    const { top } = this.scroller.getBoundingClientRect();
    const third = this.scroller.clientHeight / 3;
    this.scroller.scrollTop += element.getBoundingClientRect().top - top - third;
    this.scrolled();
  }

  /** The seq of the last message that is in view as a whole, or begins in its upper half and is longer. */
  lastSeqInView(): number | undefined {
    const { bottom } = this.scroller.getBoundingClientRect();
    const middle = bottom - this.scroller.clientHeight / 2;
    const seen = this.#messagesInView().findLast((element) => {
      const box = element.getBoundingClientRect();
      return box.bottom <= bottom + 4 || box.top < middle;
    });
    return seen && Number(seen.dataset.seq);
  }

  /** The element of the message at a place of the room. */
  find(seq: number): HTMLElement | undefined {
    return this.scroller.querySelector<HTMLElement>(`[data-seq="${seq}"]`) ?? undefined;
  }

  /** The line where new messages begin. */
  divider(): HTMLElement | undefined {
    return this.scroller.querySelector<HTMLElement>(".divider") ?? undefined;
  }

  /** The second message in view: the first may come closer to what is loaded before it. */
  #anchorInView(): HTMLElement | undefined {
    const { top } = this.scroller.getBoundingClientRect();
    const inView = this.#messagesInView().filter((element) => element.getBoundingClientRect().bottom > top);
    return inView[1] ?? inView[0];
  }

  /** Those of the chunks in view: of the others the browser need not know where each message is. */
  #messagesInView(): HTMLElement[] {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const chunks = [...this.scroller.querySelectorAll(".chunk")].filter((chunk) => {
      const box = chunk.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
    return chunks.flatMap((chunk) => [...chunk.querySelectorAll<HTMLElement>("[data-seq]")]);
  }
}

/** Keeps the place in a scroller; `undefined` until that is on the page. */
export function useKeeper(scroller: RefObject<HTMLElement | null>): ScrollKeeper | undefined {
  const [keeper, setKeeper] = useState<ScrollKeeper>();
  useLayoutEffect(() => {
    const keeper = new ScrollKeeper(scroller.current!);
    setKeeper(keeper);
    // The keyboard of a phone, or a longer line to write on, takes room away.
    const resized = new ResizeObserver(() => keeper.isAtEnd && keeper.toEnd());
    resized.observe(scroller.current!);
    return () => resized.disconnect();
  }, []);
  return keeper;
}
