import { resolve } from 'node:path';
import { createService } from '../../create-service.ts';
import { isLoopback } from '../../server/access.ts';
import { readEditorFile } from '../../server/editor-files.ts';
import { serve } from '../../server/serve.ts';
import { openSessionKey } from '../../server/session-key.ts';
import { defaultStateFolder } from '../../store/state-folder.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, exitCodeFor } from '../exit-code.ts';
import { createLog } from '../log.ts';
import { makeServePolicy, type NamedFolders } from '../make-policy.ts';
import { hasDisplay, openBrowser } from '../open-browser.ts';
import { openHost } from '../open-host.ts';
import { watchInterrupts } from '../watch-interrupts.ts';

/** What runs leave may take this long to be put away once the server was told to end. */
const CLOSE_DEADLINE_MS = 850;

/** What `emulsion serve` takes. */
export interface ServeCommandOptions extends NamedFolders {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly out: string;
  readonly open: boolean;
  readonly newSession: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Serves the contract until it is interrupted; returns the exit code. */
export async function serveCommand({ parts, output }: CommandContext, options: ServeCommandOptions): Promise<number> {
  const interrupted = new Promise<void>((end) => {
    watchInterrupts((count) => {
      if (count > 1) process.exit(EXIT.cancelled);
      end();
    });
  });
  const log = await createLog(options.verbose);
  const host = await openHost(parts, options);
  const outFolder = resolve(options.out);
  const stateFolder = defaultStateFolder(process.env);
  const service = createService(host, {
    policy: makeServePolicy(parts.packsRoot, { ...options, outFolder, templatesFolder: parts.templatesFolder }),
    outFolder,
    templatesFolder: parts.templatesFolder,
    stateFolder,
  });
  if (service.problem !== undefined) output.problem(service.problem);
  const token = options.token ?? (process.env['EMULSION_TOKEN'] || undefined);
  const session = await openSessionKey(stateFolder, options.newSession);
  if (!session.ok) output.problem(session.problem);
  const started = await serve(service, {
    host: options.host,
    port: options.port,
    editorFolder: parts.editorFolder,
    ...(token === undefined ? {} : { token }),
    ...(session.ok ? { sessionKey: session.value } : {}),
    onBug(error) {
      output.note('error: A call stopped with an error inside. This is a mistake in Emulsion; please report it.');
      log?.error(error);
    },
  });
  if (!started.ok) {
    output.problem(started.problem);
    await service.close();
    return exitCodeFor([started.problem]);
  }
  const server = started.value;
  if (!isLoopback(options.host)) {
    const sentence =
      `Everybody who can reach ${options.host} and knows the token can run graphs on this machine and read what --allow and --models name; ` +
      'nothing on the way is encrypted. Use it in networks you trust, or behind a proxy with TLS.';
    output.problem({ code: 'contract.refused', severity: 'warning', message: sentence });
  }
  if ((await readEditorFile(parts.editorFolder, '/')) === undefined) {
    const sentence = 'The editor has not been built, so a browser has nothing to show. Run npm run build:editor, then reload the page.';
    output.problem({ code: 'file.missing', severity: 'warning', message: sentence });
  }
  if (options.json) output.json({ event: 'listening', address: server.address, port: server.port, token: server.token });
  else output.result(server.address);
  // Nobody waits for it: the evaluator is ready by the time somebody presses Run.
  host.warmUp();
  output.note(`Listening. Pictures go to ${outFolder}. Ctrl-C ends it.`);
  if (options.open && hasDisplay(process.env, process.platform)) {
    const isOpened = await openBrowser(server.makeLogin(), process.platform);
    if (!isOpened) output.note('No browser could be started. Open the address above in one.');
  }

  await interrupted;
  setTimeout(() => process.exit(EXIT.done), CLOSE_DEADLINE_MS).unref();
  await server.close();
  await service.close();
  await host.close();
  return EXIT.done;
}
