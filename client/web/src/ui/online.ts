import { useEffect, useState } from "preact/hooks";

/** Whether the device has a network. */
export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const changed = () => setOnline(navigator.onLine);
    const events = ["online", "offline"] as const;
    for (const event of events) addEventListener(event, changed);
    return () => {
      for (const event of events) removeEventListener(event, changed);
    };
  }, []);
  return online;
}
