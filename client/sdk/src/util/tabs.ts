interface Locks {
  request(name: string, work: () => Promise<void>): Promise<void>;
}

const page = globalThis as typeof globalThis & { navigator?: { locks?: Locks } };

/** Does some work while no other tab does work of that name, where the browser has locks. */
export async function exclusive(name: string, work: () => Promise<void>): Promise<void> {
  let begun = false;
  const once = async () => {
    begun = true;
    await work();
  };
  try {
    await page.navigator!.locks!.request(name, once);
  } catch (error) {
    if (begun) throw error;
    await work(); // without locks, or forbidden to use them
  }
}

/** What tabs tell each other. */
export interface TabLine<T> {
  tell(said: T): void;
  close(): void;
}

/** A line to the other tabs of this browser; where there is none, nobody is told. */
export function tabLine<T>(name: string, heard: (said: T) => void): TabLine<T> {
  if (!("BroadcastChannel" in globalThis)) return { tell: () => {}, close: () => {} };
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: { data: T }) => heard(data);
  (channel as { unref?(): void }).unref?.(); // a program ends all the same
  return { tell: (said) => channel.postMessage(said), close: () => channel.close() };
}
