import type { LogsApi, LogHeader } from '../../src/protocol/logs.js';
import { LogSession } from '../../src/panels/logsSession.js';
import { logsStrings } from '../../src/panels/logsStrings.js';
import type { RuntimeConnection } from '../../src/runtime/connection.js';
import { FakeLogNode } from '../unit/runtime/fakeLogNode.js';
import { bootOf } from './inspectPanel.js';
import type { PanelLab, PanelPage, PanelPageOptions } from './harness.js';

export const logPath = '/var/log/pods/shop_web-0_1f/main/0.log';

/** The log panel with its real session, over files in memory. */
export interface LogsTest extends PanelPage<LogsApi> {
  readonly node: FakeLogNode;
  readonly session: LogSession;
  readonly documents: () => number;
  readonly revealed: readonly string[];
  know(ids: string): void;
  tell(header: Partial<LogHeader>): void;
}

export interface LogsTestOptions extends Pick<PanelPageOptions<LogsApi>, 'theme' | 'state' | 'size'> {
  readonly content?: string | Buffer;
  readonly tail?: number;
  readonly path?: string;
  readonly denied?: boolean;
}

export async function openLogs(lab: PanelLab, options: LogsTestOptions = {}): Promise<LogsTest> {
  const node = new FakeLogNode();
  if (options.content !== undefined) node.create(logPath, options.content);
  node.denied = options.denied ?? false;
  let documents = 0;
  const revealed: string[] = [];
  const connection = {
    node: node.node,
    containerDetails: () => Promise.resolve({ logPath: options.path ?? logPath }),
  } as unknown as RuntimeConnection;
  const session = new LogSession({
    connection: () => Promise.resolve(connection),
    containerId: 'c',
    tail: () => options.tail ?? 1000,
    onWaiting: (count, more) => panel.host.notify('waiting', { count, more }),
  });
  const panel = await lab.open<LogsApi>({
    ...options,
    panel: 'logs',
    boot: bootOf(logsStrings()),
    handlers: {
      open: (_, signal) => session.open(signal),
      next: (_, signal) => session.next(signal),
      before: (request, signal) => session.before(request, signal),
      openDocument: () => {
        documents++;
        return undefined;
      },
      reveal: (id) => {
        revealed.push(id);
        return undefined;
      },
    },
  });
  return {
    ...panel,
    node,
    session,
    documents: () => documents,
    revealed,
    know: (ids) => panel.host.notify('ids', ids),
    tell: (header) => panel.host.notify('header', { title: '', status: '', ended: false, ...header }),
    async close() {
      session.dispose();
      await panel.close();
    },
  };
}

export const line = (text: string, { stream = 'stdout', tag = 'F', second = 29 } = {}): string =>
  `2026-11-24T04:15:${second}.421688160Z ${stream} ${tag} ${text}\n`;
export const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => line(`line ${from + index}`)).join('');
