import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Disposable } from '../../util/dispose.js';
import { existsNow } from '../shell/privateFolder.js';
import { quoteWord } from '../shell/quote.js';

/** The program that ssh starts for a question, and what runs it. */
export interface AskpassProgram {
  /** Node, or VS Code's own executable, which ELECTRON_RUN_AS_NODE makes one. */
  readonly execPath: string;
  /** dist/askpass.cjs */
  readonly script: string;
}

export interface Question {
  readonly text: string;
  /** SSH_ASKPASS_PROMPT */
  readonly hint: string;
}

/** Answers a question; undefined when there is no answer. The signal aborts when ssh takes it back. */
export type Answer = (question: Question, signal: AbortSignal) => Promise<string | undefined>;

/** Answers the questions of one ssh process. */
export class AskpassServer implements Disposable {
  readonly environment: Readonly<Record<string, string>>;
  readonly #server: Server;
  readonly #path: string;
  readonly #sockets = new Set<Socket>();

  private constructor(path: string, environment: Readonly<Record<string, string>>, answer: Answer) {
    this.environment = environment;
    this.#path = path;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket, answer));
  }

  /** @param folder private, for the socket and the wrapper that ssh executes; Windows has a pipe instead of the socket. */
  static async listen(folder: string, program: AskpassProgram, answer: Answer): Promise<AskpassServer> {
    const path = socketPath(folder, process.platform);
    const wrapper = writeWrapper(folder, program, process.platform);
    const server = new AskpassServer(path, askpassEnvironment(wrapper, path, process.env), answer);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(path, resolve);
    });
    return server;
  }

  dispose(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (process.platform !== 'win32') rmSync(this.#path, { force: true });
  }

  #serve(socket: Socket, answer: Answer): void {
    const gone = new AbortController();
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      gone.abort(new Error('ssh took the question back'));
    });
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const complete = text.includes('\n');
      text += chunk;
      if (complete || !text.includes('\n')) return;
      void reply(text, answer, gone.signal).then((line) => socket.end(line));
    });
  }
}

async function reply(text: string, answer: Answer, signal: AbortSignal): Promise<string> {
  try {
    const given = await answer(JSON.parse(text) as Question, signal);
    return given === undefined ? '' : `${given}\n`;
  } catch {
    return '';
  }
}

export function socketPath(folder: string, platform: NodeJS.Platform): string {
  const name = randomBytes(platform === 'win32' ? 16 : 3).toString('hex');
  return platform === 'win32' ? `\\\\.\\pipe\\cri-explorer-${name}` : join(folder, `a${name}`);
}

/** SSH_ASKPASS_REQUIRE is known from OpenSSH 8.4 on; before, DISPLAY and the want of a terminal decide. */
export function askpassEnvironment(
  wrapper: string,
  socket: string,
  inherited: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return {
    SSH_ASKPASS: wrapper,
    SSH_ASKPASS_REQUIRE: 'force',
    CRI_EXPLORER_ASKPASS_SOCKET: socket,
    DISPLAY: inherited.DISPLAY ?? ':0',
  };
}

/** SSH_ASKPASS names a file to execute, without arguments of ours. */
export function wrapperText({ execPath, script }: AskpassProgram, platform: NodeJS.Platform): string {
  if (platform === 'win32') {
    return `@echo off\r\nset ELECTRON_RUN_AS_NODE=1\r\n"${execPath}" "${script}" %*\r\n`;
  }
  return `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${quoteWord(execPath)} ${quoteWord(script)} "$@"\n`;
}

/** Written once: a file that is open for writing can't be executed (ETXTBSY), and another ssh may just be doing that. */
function writeWrapper(folder: string, program: AskpassProgram, platform: NodeJS.Platform): string {
  const path = join(folder, platform === 'win32' ? 'askpass.cmd' : 'askpass');
  if (!existsNow(path)) writeFileSync(path, wrapperText(program, platform), { mode: 0o700 });
  return path;
}
