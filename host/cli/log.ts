import type { Logger } from 'pino';

/** Logs for those who look for a fault: to stderr, when EMULSION_LOG names a level or --verbose was given; else none. */
export async function createLog(verbose: boolean): Promise<Logger | undefined> {
  const level = process.env['EMULSION_LOG'] || (verbose ? 'debug' : undefined);
  if (level === undefined) return undefined;
  const { pino } = await import('pino');
  return pino({ level: Object.hasOwn(pino.levels.values, level) ? level : 'debug' }, pino.destination({ dest: 2, sync: true }));
}
