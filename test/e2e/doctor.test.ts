import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { openVsCode, until, type Session } from './harness.js';

const leftover = 'd0c7'.repeat(16);

let lab: Lab;
let pod: LabPod;
let code: Session;
let stranger: ChildProcess;
let bundle: string;

beforeAll(async () => {
  lab = await startLab();
  pod = await lab.runPod({ name: 'web-0', containers: [{ name: 'server', command: ['sleep', '3600'] }] });
  stranger = spawn('sleep', ['3601']);
  await moveInto(pod.containers.server!, stranger.pid!);
  bundle = await leaveBundle();
  code = await openVsCode({
    settings: {
      'criExplorer.local.enabled': false,
      'criExplorer.nodes': [{ name: 'lab', endpoint: lab.endpoint }],
    },
  });
  await code.openExplorer();
});
afterAll(async () => {
  stranger.kill('SIGKILL');
  try {
    await code.stop();
  } finally {
    await lab.stop();
  }
});

/** As somebody who debugs does, or who hides. */
async function moveInto(containerId: string, pid: number): Promise<void> {
  const details = await lab.client.containerStatus(containerId, true);
  const lines = (await readFile(`/proc/${details.pid}/cgroup`, 'utf8')).trim().split('\n');
  const roots = ['', ...readdirSync('/sys/fs/cgroup')].map((name) => join('/sys/fs/cgroup', name));
  const groups = lines
    .filter((line) => line.includes(containerId))
    .flatMap((line) => roots.map((root) => join(root, line.split(':').at(-1)!, 'cgroup.procs')));
  for (const file of groups.filter((each) => existsSync(each))) await writeFile(file, String(pid));
}

/** What containerd leaves when it is killed while it removes a container. */
async function leaveBundle(): Promise<string> {
  const folder = join(lab.stateDir, 'io.containerd.runtime.v2.task/k8s.io', leftover);
  await mkdir(folder);
  const annotations = { 'io.kubernetes.cri.container-type': 'container' };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ociVersion: '1.0.2', annotations }));
  const anHourAgo = Date.now() / 1000 - 3600;
  await utimes(folder, anHourAgo, anHourAgo);
  return folder;
}

const panel = () => code.webview('Diagnosis: lab');

describe('Diagnose Node', () => {
  test('opens from the menu of a node, and finds what is wrong on it', async () => {
    await code.pickFromMenu(['lab'], 'Diagnose Node');
    const view = await panel();
    const moved = view.getByRole('button', { name: new RegExp(`^Warning: Process ${stranger.pid} `) });
    await moved.waitFor();
    await view.getByRole('button', { name: /^Information: The bundle of d0c7d0c7/ }).waitFor();
    await moved.click();
    const table = view.getByRole('table', { name: /^Evidence of: Process/ });
    expect(await table.innerText()).toContain('sleep 3601');
    expect(await table.innerText()).toContain(pod.containers.server);
    await view.getByRole('heading', { name: 'Diagnosis of lab' }).click();
    await code.screenshots('doctor');
  });

  test('a finding leads to its container', async () => {
    const view = await panel();
    await view.getByRole('button', { name: 'Reveal in Sidebar' }).click();
    const row = await code.treeItem('lab', /^containerd/, 'default', 'web-0', 'server');
    await until(
      'the container is selected',
      async () => (await row.getAttribute('aria-selected')) === 'true',
    );
  });

  test('the filter leaves what it names', async () => {
    const view = await panel();
    await view.getByRole('textbox', { name: 'Filter' }).fill('d0c7d0c7');
    await view.getByText(/^Showing 1 of/).waitFor();
    await view.getByRole('button', { name: 'Clear Filter' }).click();
    await view.getByRole('button', { name: new RegExp(`^Warning: Process ${stranger.pid} `) }).waitFor();
  });

  test('the report opens as a Markdown document', async () => {
    await (await panel()).getByRole('button', { name: 'Export as Markdown' }).click();
    const text = await until('the report is open', () =>
      code.inHost((vscode) => {
        const document = vscode.window.activeTextEditor?.document;
        return document?.languageId === 'markdown' && document.isUntitled ? document.getText() : undefined;
      }),
    );
    expect(text).toContain('# Diagnosis of lab');
    expect(text).toContain(`## Warning: Process ${stranger.pid} (sleep) is in the cgroup of`);
    expect(text).toContain(`- folder: \`${bundle}\``);
    await code.screenshot('doctor-report');
    await code.inHost(async (vscode) => {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    });
  });

  test('looking again says what has gone', async () => {
    const ended = new Promise((resolve) => stranger.once('exit', resolve));
    stranger.kill('SIGKILL');
    await ended;
    await rm(bundle, { recursive: true });
    const view = await panel();
    await view.getByRole('button', { name: 'Look Again' }).click();
    await view.getByText('Looking again. This was found at').waitFor();
    const gone = view.getByRole('region', { name: /^Not there any more since/ });
    await gone.getByText(`Process ${stranger.pid} `).waitFor();
    expect(await gone.innerText()).toContain('The bundle of d0c7d0c7');
    expect(
      await view.getByRole('button', { name: new RegExp(`^Warning: Process ${stranger.pid} `) }).count(),
    ).toBe(0);
    await code.screenshot('doctor-gone');
  });
});
