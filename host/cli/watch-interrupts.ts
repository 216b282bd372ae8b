const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Tells every Ctrl-C, and every other request to end, with how many there have been. Until the function returned is called nothing else ends the process. */
export function watchInterrupts(onInterrupt: (count: number) => void): () => void {
  let count = 0;
  const listener = (): void => {
    count += 1;
    onInterrupt(count);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
