interface Locks {
  request(name: string, work: () => Promise<void>): Promise<void>;
}

const page = globalThis as typeof globalThis & { navigator?: { locks?: Locks } };

/** Does some work while no other tab does work of that name, where the browser has locks. */
export async function exclusive(name: string, work: () => Promise<void>): Promise<void> {
  let hasBegun = false;
  const once = async () => {
    hasBegun = true;
    await work();
  };
  try {
    await page.navigator!.locks!.request(name, once);
  } catch (error) {
    if (hasBegun) throw error;
    await work(); // without locks, or forbidden to use them
  }
}

/** What tabs tell each other. */
export interface TabChannel<T> {
  send(message: T): void;
  close(): void;
}

/** A line to the other tabs of this browser; where there is none, nobody is told. */
export function openTabChannel<T>(name: string, onMessage: (message: T) => void): TabChannel<T> {
  if (!("BroadcastChannel" in globalThis)) return { send: () => {}, close: () => {} };
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: { data: T }) => onMessage(data);
  (channel as { unref?(): void }).unref?.(); // a program ends all the same
  return { send: (message) => channel.postMessage(message), close: () => channel.close() };
}
