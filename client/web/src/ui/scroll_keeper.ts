import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** Closer to the end than this counts as at the end. */
const END_MARGIN_PX = 60;

/** How long a message is highlighted after a jump. */
const HIGHLIGHT_MS = 2_000;

/** Resolves when everything loaded so far has been rendered. */
export function drawn(): Promise<unknown> {
  return new Promise(requestAnimationFrame);
}

/** Scrolls to a message, and shows which one it is. */
export function highlight(keeper: ScrollKeeper, message: HTMLElement): void {
  keeper.show(message);
  message.focus({ preventScroll: true });
  message.dataset.shown = "";
  setTimeout(() => delete message.dataset.shown, HIGHLIGHT_MS);
}

/**
 * Keeps the scroll position when messages are added, removed or changed: the end if it was in view, otherwise the
 * messages in view. Browsers do so only in part, and not all of them.
 */
export class ScrollKeeper {
  /** Whether the newest message is in view and should stay so. */
  isAtEnd = true;
  /** Whether newer messages follow the last one that is drawn: then its end is not that of the room. */
  hasNewer = false;
  /** Whether it is about to show another place, so that what is in view says nothing. */
  isMoving = false;
  #anchor: { element: HTMLElement; top: number } | undefined;

  constructor(readonly scroller: HTMLElement) {}

  /** Call this after scrolling. */
  scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.isAtEnd = !this.hasNewer && scrollHeight - scrollTop - clientHeight < END_MARGIN_PX;
  }

  /** Call this before messages are rendered. */
  beforeDraw(): void {
    const element = this.isAtEnd ? undefined : this.#anchorInView();
    this.#anchor = element && { element, top: element.getBoundingClientRect().top };
  }

  /**
   * Call this after messages are rendered.
   * @param start the beginning of unseen messages: the end is followed only as far as this stays in view
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

  /** Scrolls an element to the upper third. */
  show(element: HTMLElement): void {
    const { top } = this.scroller.getBoundingClientRect();
    const third = this.scroller.clientHeight / 3;
    this.scroller.scrollTop += element.getBoundingClientRect().top - top - third;
    this.scrolled();
  }

  /** Returns the seq of the last message that is fully in view, or begins in the upper half and is longer. */
  lastSeqInView(): number | undefined {
    const { bottom } = this.scroller.getBoundingClientRect();
    const middle = bottom - this.scroller.clientHeight / 2;
    const seen = this.#messagesInView().findLast((element) => {
      const box = element.getBoundingClientRect();
      return box.bottom <= bottom + 4 || box.top < middle;
    });
    return seen && Number(seen.dataset.seq);
  }

  /** Returns the element of the message with this seq. */
  find(seq: number): HTMLElement | undefined {
    return this.scroller.querySelector<HTMLElement>(`[data-seq="${seq}"]`) ?? undefined;
  }

  /** Whether the message with this seq has been taken out of the document. */
  isHidden(seq: number): boolean {
    return !this.find(seq) && this.#chunkOf(seq) !== undefined;
  }

  /** Returns the element of the message with this seq, also if it has been taken out of the document. */
  async reveal(seq: number): Promise<HTMLElement | undefined> {
    if (this.isHidden(seq)) {
      this.show(this.#chunkOf(seq)!);
      await drawn();
    }
    return this.find(seq);
  }

  /** Returns the line where new messages begin. */
  divider(): HTMLElement | undefined {
    return this.scroller.querySelector<HTMLElement>(".divider") ?? undefined;
  }

  /** The second message in view: loading older messages may group the first with them. */
  #anchorInView(): HTMLElement | undefined {
    const { top } = this.scroller.getBoundingClientRect();
    const inView = this.#messagesInView().filter((element) => element.getBoundingClientRect().bottom > top);
    return inView[1] ?? inView[0] ?? this.#chunksInView()[0];
  }

  #messagesInView(): HTMLElement[] {
    return this.#chunksInView().flatMap((chunk) => [...chunk.querySelectorAll<HTMLElement>("[data-seq]")]);
  }

  #chunksInView(): HTMLElement[] {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    return this.#chunks().filter((chunk) => {
      const box = chunk.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
  }

  #chunkOf(seq: number): HTMLElement | undefined {
    return this.#chunks().find(({ dataset: { from, to } }) => seq >= Number(from) && seq <= Number(to));
  }

  #chunks(): HTMLElement[] {
    return [...this.scroller.querySelectorAll<HTMLElement>(".chunk")];
  }
}

/** Keeps the position of a scroller; `undefined` until it is on the page. */
export function useKeeper(scroller: RefObject<HTMLElement | null>): ScrollKeeper | undefined {
  const [keeper, setKeeper] = useState<ScrollKeeper>();
  useLayoutEffect(() => {
    const keeper = new ScrollKeeper(scroller.current!);
    setKeeper(keeper);
    // A phone's keyboard, or a taller composer, leaves less room.
    const resized = new ResizeObserver(() => keeper.isAtEnd && keeper.toEnd());
    resized.observe(scroller.current!);
    return () => resized.disconnect();
  }, []);
  return keeper;
}
