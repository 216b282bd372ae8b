/** A length of time as people say it: "0.3 s", "12 s", "2 min 5 s". */
export function showDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 0.05) return `${Math.max(1, Math.round(ms))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
}
