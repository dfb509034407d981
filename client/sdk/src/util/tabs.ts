interface Locks {
  request(name: string, work: () => Promise<void>): Promise<void>;
}

const page = globalThis as typeof globalThis & { navigator?: { locks?: Locks } };

/** Runs work while no other tab runs work of the same name, if the browser has locks. */
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
    await work(); // no locks, or access is blocked
  }
}

/** A channel between the tabs of a browser. */
export interface TabChannel<T> {
  send(message: T): void;
  close(): void;
}

/** Opens a channel to the other tabs; without BroadcastChannel, messages go nowhere. */
export function openTabChannel<T>(name: string, onMessage: (message: T) => void): TabChannel<T> {
  if (!("BroadcastChannel" in globalThis)) return { send: () => {}, close: () => {} };
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: { data: T }) => onMessage(data);
  (channel as { unref?(): void }).unref?.(); // do not keep a program running
  return { send: (message) => channel.postMessage(message), close: () => channel.close() };
}
