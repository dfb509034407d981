import { useEffect, useState } from "preact/hooks";

/** Returns a value once it has stayed the same for a while. */
export function useDelayed<T>(value: T, ms: number): T {
  const [delayed, setDelayed] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(() => value), ms);
    return () => clearTimeout(timer);
  }, [value]);
  return delayed;
}
