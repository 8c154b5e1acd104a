import * as vscode from 'vscode';
import { inert } from '../model/visible.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { Disposable } from '../util/dispose.js';
import type { Logger } from '../util/logger.js';
import { ExecDriver, type ExecDriverOptions } from './execDriver.js';

export interface ExecTarget {
  readonly runtime: RuntimeConnection;
  readonly containerId: string;
  /** What people call the container, such as `web/main`. */
  readonly name: string;
}

/** Opens programs of containers as terminals and owns them until they are closed. */
export class ExecTerminals implements Disposable {
  readonly #logger: Logger;
  readonly #drivers = new Set<ExecDriver>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  openShell(target: ExecTarget): void {
    const shells = vscode.workspace.getConfiguration('criExplorer').get<string[]>('exec.shells', []);
    this.#open(target, target.name, { shells });
  }

  runCommand(target: ExecTarget, command: readonly [string, ...string[]]): void {
    this.#open(target, `${target.name}: ${command.join(' ')}`, { command });
  }

  dispose(): void {
    for (const driver of this.#drivers) driver.abandon();
    this.#drivers.clear();
  }

  #open(target: ExecTarget, title: string, program: ExecDriverOptions['program']): void {
    const { runtime, containerId } = target;
    const written = new vscode.EventEmitter<string>();
    const closed = new vscode.EventEmitter<void>();
    const forget = (): void => {
      this.#drivers.delete(driver);
      written.dispose();
      closed.dispose();
    };
    const driver = new ExecDriver({
      program,
      exec: (request, signal) => runtime.exec(containerId, request, signal),
      screen: {
        write: (text) => written.fire(text),
        close: () => closed.fire(),
        leftRunning: () => this.#warn(target),
      },
      t: (message, ...args) => vscode.l10n.t(message, ...args),
    });
    this.#drivers.add(driver);
    const pty: vscode.Pseudoterminal = {
      onDidWrite: written.event,
      onDidClose: closed.event,
      open: (size) => void driver.open(size),
      close: () => void driver.close().finally(forget),
      handleInput: (data) => driver.input(data),
      setDimensions: (size) => driver.resize(size),
    };
    const iconPath = new vscode.ThemeIcon('terminal');
    vscode.window.createTerminal({ name: inert(title, 60), pty, iconPath, isTransient: true }).show();
  }

  #warn({ name, containerId }: ExecTarget): void {
    this.#logger.warn(
      `a program started in container ${inert(name)} (${inert(containerId)}) did not end on ^C and ^D`,
    );
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        'What ran in the closed terminal of {0} did not end on ^C and ^D and may go on in the container. End it there, for example from a new shell.',
        inert(name),
      ),
    );
  }
}
