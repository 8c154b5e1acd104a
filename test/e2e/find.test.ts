import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { openVsCode, until, type Session } from './harness.js';

let lab: Lab;
let code: Session;
let web: LabPod;

beforeAll(async () => {
  lab = await startLab();
  const forever = 'while :; do sleep 3600 & wait; done';
  web = await lab.runPod({
    name: 'web-0',
    namespace: 'shop',
    containers: [
      { name: 'server', command: ['httpd', '-f', '-p', '8080', '-h', '/tmp'] },
      { name: 'worker', command: ['sh', '-c', forever] },
    ],
  });
  for (const name of ['api-0', 'api-1', 'api-2']) {
    await lab.runPod({ name, containers: [{ name: 'main', command: ['sh', '-c', forever] }] });
  }
  code = await openVsCode({
    settings: {
      'criExplorer.local.enabled': false,
      'criExplorer.nodes': [{ name: 'lab', endpoint: lab.endpoint }],
    },
  });
  await code.openExplorer();
  await code.widenSidebar(520);
  await code.treeItem('lab', /^containerd/, 'shop', 'web-0');
});

afterAll(async () => {
  await code.stop();
  await lab.stop();
});

const selectedRow = (): Promise<string | null> =>
  code.sidebar.locator('.monaco-list-row.selected .label-name').first().textContent({ timeout: 2_000 });

/** Types into the box, waits for a result, and takes it. */
async function find(text: string, result: RegExp): Promise<void> {
  await code.runCommand('CRI Explorer: Find Container by…');
  await until('the box is open', async () => (await code.quickText()).includes('Find Container'));
  await code.quickInput.fill(text);
  await until(`${text} finds ${result}`, async () => result.test((await code.quickPicks())[0] ?? ''));
}

async function pidOf(name: string): Promise<number> {
  const pid = await code.inHost(async (_code, api, wanted) => {
    const { runtimes } = await api.refresh(api.nodes()[0]!.id);
    return runtimes[0]?.containers.find((container) => container.name === wanted)?.pid;
  }, name);
  return pid!;
}

test('a pid leads to its container in the tree', async () => {
  const pid = await pidOf('worker');
  await find(`pid ${pid}`, /web-0\/worker/);
  await code.screenshots('find-pid');
  await code.page.keyboard.press('Enter');
  await until('the container is selected', async () => (await selectedRow()) === 'worker');
});

test('a port leads to the container that listens', async () => {
  await find(':8080', /web-0\/server.*listens on tcp port 8080/);
  await code.page.keyboard.press('Enter');
  await until('the container is selected', async () => (await selectedRow()) === 'server');
});

test('a process of no container says what it is', async () => {
  await find(`pid ${lab.pid!}`, /containerd.*the CRI server of/);
  await code.screenshot('find-process');
  await code.page.keyboard.press('Enter');
  const dialog = code.page.locator('.monaco-dialog-box');
  await dialog.getByText(/Parents: .*containerd/).waitFor();
  await code.screenshot('find-process-details');
  await code.page.keyboard.press('Escape');
});

test('nothing found says what was looked at', async () => {
  await find('10.99.99.99:9', /Nothing found.*Looked at lab: \d+ containers and sandboxes/);
  await code.screenshots('find-nothing');
  await code.page.keyboard.press('Escape');
});

test('what is selected in the editor is offered', async () => {
  const id = web.containers.server!;
  await code.inHost(async (vscode, _api, content) => {
    const document = await vscode.workspace.openTextDocument({ content });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(0, 0, 0, content.length);
  }, id);
  await code.runCommand('CRI Explorer: Find Container by…');
  await until('it is offered', async () => (await code.quickPicks()).join().includes('from the selection'));
  await code.page.keyboard.press('Enter');
  await until('it is found', async () => (await code.quickPicks())[0]?.includes('web-0/server'));
  await code.page.keyboard.press('Escape');
});

test('an id in a terminal is a link', async () => {
  const id = web.containers.worker!;
  const line = await code.inHost(
    async (vscode, _api, text) => {
      const terminal = vscode.window.createTerminal({ name: 'ids', shellPath: '/bin/sh' });
      terminal.show();
      terminal.sendText(`clear; echo ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return text;
    },
    id.slice(0, 13),
  );
  await code.terminalShows(new RegExp(`^${line}$`, 'm'));
  const row = code.page.locator('.terminal-wrapper.active .xterm-rows > div', { hasText: line }).last();
  await until('the link is followed', async () => {
    const box = (await row.boundingBox())!;
    await code.page.mouse.move(box.x + 30, box.y + box.height / 2);
    await code.page.keyboard.down('Control');
    await code.page.mouse.move(box.x + 40, box.y + box.height / 2);
    await code.page.waitForTimeout(700);
    await code.page.mouse.click(box.x + 40, box.y + box.height / 2);
    await code.page.keyboard.up('Control');
    return (await selectedRow()) === 'worker';
  });
});

test('kill -9 of containerd: lost, then a summary of what survived', async () => {
  const worker = await pidOf('worker');
  await lab.kill9();
  await until('the tree says lost', async () => /lost/i.test(await code.treeText()));
  process.kill(worker, 'SIGKILL');
  await until('its processes are gone', async () => (await pidOfShown('worker')) === 0);
  await lab.restart();
  const summary = /^Survived the restart: 4 of 5$/;
  await code.treeItem('lab', /^containerd/, summary, 'Died', 'web-0/worker');
  await code.notifications.getByText(/containerd was away for .*: 4 of 5 containers survived/).waitFor();
  await code.screenshots('survival');
  expect(await code.treeText()).toMatch(/Survived the restart: 4 of 5 containerd was away for \d+ s/);
  await (await code.treeItem('lab', /^containerd/, summary, 'Died', 'web-0/worker')).click();
  await until('the container is selected', async () => (await selectedRow()) === 'worker');
  await code.clickInline(['lab', /^containerd/, summary], 'Dismiss');
  await until('it is gone', async () => !(await code.treeText()).includes('Survived the restart'));
});

/** Processes in the last picture, which goes on without the runtime. */
async function pidOfShown(name: string): Promise<number> {
  return code.inHost((_code, api, wanted) => {
    const [runtime] = api.snapshot(api.nodes()[0]!.id)?.runtimes ?? [];
    return runtime?.containers.find((container) => container.name === wanted)?.ancestry.length ?? -1;
  }, name);
}
