const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size as people say it, in powers of 1,000: 512 bytes, 3.4 MB. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power]}`;
}
