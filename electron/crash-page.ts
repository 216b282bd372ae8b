import { texts } from './texts.ts';

/** Where the page lies, beside the editor. */
export const CRASH_PATH = '/crash';

export type CrashReason = keyof typeof texts.crash.why;

/** What a process's end is called on the page. */
export function explainCrash(reason: string): CrashReason {
  switch (reason) {
    case 'crashed':
    case 'integrity-failure':
    case 'launch-failed':
      return 'crashed';
    case 'oom':
    case 'memory-eviction':
      return 'oom';
    case 'killed':
    case 'abnormal-exit':
      return 'killed';
    default:
      return 'other';
  }
}

/** A page that says what happened and leads back. It needs neither script nor anything that may be broken itself. */
export function renderCrashPage(why: string | null, nonce: string): string {
  const { crash } = texts;
  const reason = why !== null && Object.hasOwn(crash.why, why) ? crash.why[why as CrashReason] : crash.why.other; // hasOwn has looked
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="dark light">
<title>${crash.title}</title>
<style nonce="${nonce}">
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto 0; padding: 0 2rem; }
  a { display: inline-block; margin-top: 1rem; padding: 0.5rem 1rem; border: 1px solid; border-radius: 6px; text-decoration: none; }
</style>
<main>
  <h1>${crash.title}</h1>
  <p>${reason} ${crash.safe}</p>
  <a href="/" autofocus>${crash.back}</a>
</main>
</html>
`;
}
