import { useLayoutEffect, useRef } from "preact/hooks";

interface PlayerProps {
  kind: "video" | "audio";
  /** For screen readers. */
  name: string;
  url: string;
  onLoaded: () => void;
  onFailed: () => void;
}

/** Plays a video or a sound. When its URL ends, the next one goes on where it was. */
export function Player({ kind: Tag, name, url, onLoaded, onFailed }: PlayerProps) {
  const player = useRef<HTMLVideoElement & HTMLAudioElement>(null);
  const place = useRef({ time: 0, isPlaying: false });
  useLayoutEffect(() => {
    const element = player.current!;
    if (element.src === url) return;
    const { time, isPlaying } = place.current;
    element.src = url;
    if (time > 0) element.currentTime = time;
    if (isPlaying) element.play().catch(() => {});
  }, [url]);
  const note = () => {
    const { currentTime: time, paused } = player.current!;
    place.current = { time, isPlaying: !paused };
  };
  return (
    <Tag
      ref={player}
      controls
      playsInline
      preload={Tag === "video" ? "metadata" : "none"}
      aria-label={name}
      onTimeUpdate={note}
      onPlay={() => place.current.isPlaying = true}
      onPause={() => place.current.isPlaying = false}
      onLoadedData={onLoaded}
      onError={onFailed}
    />
  );
}
