import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { samplePods, startLab, type Lab } from '../lab/containerd.js';
import { openVsCode, until, type Session } from './harness.js';

const MiB = 1024 * 1024;
const supervisor = ['lab', /^containerd/, 'batch', /^worker-tree/, 'supervisor'] as const;
const agent = ['lab', /^containerd/, 'kube-system', /^vault-agent/, 'agent'] as const;

let lab: Lab;
let code: Session;

beforeAll(async () => {
  lab = await startLab({ pods: samplePods.filter(({ name }) => /^(web|worker|vault)/.test(name)) });
  code = await openVsCode({
    settings: {
      'criExplorer.local.enabled': false,
      'criExplorer.nodes': [{ name: 'lab', endpoint: lab.endpoint }],
    },
  });
  await code.openExplorer();
});
afterAll(async () => {
  await code.stop();
  await lab.stop();
});

/** Writes another memory limit of `supervisor` into its cgroup, as the runtime doesn't. */
async function changeLimit(bytes: number): Promise<string> {
  const pid = await code.inHost(async (_code, api) => {
    const [node] = api.nodes();
    const [runtime] = (await api.refresh(node!.id)).runtimes;
    return runtime?.containers
      .find(({ name }) => name === 'supervisor')
      ?.ancestry.find(({ role }) => role === 'container')?.pid;
  });
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
  const v1 = /^\d+:memory:(.*)$/m.exec(groups)?.[1];
  const v2 = /^0::(.*)$/m.exec(groups)?.[1];
  const file =
    v1 === undefined ? `/sys/fs/cgroup${v2}/memory.max` : `/sys/fs/cgroup/memory${v1}/memory.limit_in_bytes`;
  await writeFile(file, String(bytes));
  return file;
}

test('a value says which field of the request it came from, and that the kernel agrees', async () => {
  await code.pickFromMenu(supervisor, 'Open OCI Spec');
  const view = await code.webview(/worker-tree.*supervisor/);
  const row = view.locator('.row', { has: view.getByText('Arguments', { exact: true }) });
  await row.locator('.badge', { hasText: 'CRI' }).waitFor();
  await row.focus();
  await row.press('Enter');
  const details = view.locator('.details').first();
  await details.getByText('ContainerConfig.command').first().waitFor();
  expect(await details.innerText()).toContain('checked');
  await view
    .locator('.row', { has: view.getByText('Memory limit', { exact: true }) })
    .locator('.verdict.same')
    .waitFor();
  await view
    .getByRole('region', { name: /^Findings/ })
    .getByText('Runs as root')
    .waitFor();
  await code.screenshots('spec-traced');
});

test('a limit that was changed by hand is drift, with both values and the file', async () => {
  const file = await changeLimit(48 * MiB);
  const view = await code.webview(/worker-tree.*supervisor/);
  await view.getByRole('button', { name: 'Read Again' }).click();
  const kernel = view.getByRole('region', { name: /^Spec and Kernel/ });
  await kernel.getByText('drift', { exact: true }).first().waitFor();
  const text = await kernel.innerText();
  for (const part of ['64 MiB', '48 MiB', file]) expect(text).toContain(part);
  await kernel.getByRole('button', { name: '.linux.resources.memory.limit' }).click();
  await until('the row has the focus', () =>
    view.evaluate(() => document.activeElement?.textContent.includes('Memory limit')),
  );
  await view.getByLabel('Show', { exact: true }).selectOption('drift');
  await until('one row is left', async () => (await view.locator('.row').count()) === 1);
  await code.screenshots('spec-drift');
  await view.getByLabel('Show', { exact: true }).selectOption('all');
});

test('a child of the first process is looked at too', async () => {
  const view = await code.webview(/worker-tree.*supervisor/);
  const picker = view.getByRole('region', { name: /^Spec and Kernel/ }).getByLabel('Process');
  const pids = await picker.locator('option').allInnerTexts();
  expect(pids.length).toBeGreaterThan(3);
  await picker.selectOption({ index: 1 });
  await until('its facts are shown', async () =>
    (await view.getByRole('region', { name: /^Spec and Kernel/ }).innerText()).includes(
      pids[1]?.split(' ')[0] ?? '?',
    ),
  );
  await view.getByText(/\d+ as the spec says/).waitFor();
});

test('the spec is compared with another container’s, and in the raw form', async () => {
  const view = await code.webview(/worker-tree.*supervisor/);
  await view.getByRole('button', { name: 'Compare With…' }).click();
  await until('containers are offered', async () => (await code.quickPicks()).length > 1);
  await code.quickInput.fill('sidecar');
  await code.pick('sidecar');
  await code.editorTab(/worker-tree\/supervisor ↔ .*sidecar/).waitFor();
  const uris = async (): Promise<string[]> =>
    code.inHost((vscode) => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff
        ? [input.original.authority, input.modified.authority]
        : [];
    });
  expect(await uris()).toEqual(['comparable', 'comparable']);
  await code.screenshots('spec-compare');
  await code.runCommand('CRI Explorer: Show or Fold What Differs');
  await until('the raw form is shown', async () => (await uris()).join() === 'spec,spec');
});

test('a row leads to its line in the JSON document, which tells what the field is for', async () => {
  await code.editorTab(/^Spec: worker-tree/).click();
  const view = await code.webview(/^Spec: worker-tree/);
  const row = view.locator('.row', { has: view.getByText('Memory limit', { exact: true }) });
  await row.hover();
  await row.getByRole('button', { name: 'Show in JSON' }).click();
  const hover = await until('a hover', () =>
    code.inHost(async (vscode) => {
      const editor = vscode.window.activeTextEditor;
      if (editor?.document.languageId !== 'json' || editor.selection.start.line === 0) return undefined;
      const hovers = await vscode.commands.executeCommand<{ contents: { value: string }[] }[]>(
        'vscode.executeHoverProvider',
        editor.document.uri,
        editor.selection.start,
      );
      return hovers.flatMap(({ contents }) => contents.map(({ value }) => value)).join('\n') || undefined;
    }),
  );
  expect(hover).toContain('.linux.resources.memory.limit');
  expect(hover).toContain('OCI runtime specification');
});

test('no secret of a request or an origin is in the page before it is asked for', async () => {
  await code.pickFromMenu(agent, 'Open OCI Spec');
  const view = await code.webview(/vault-agent.*agent/);
  const row = view.locator('.row', { has: view.getByText('DATABASE_PASSWORD', { exact: true }) });
  await row.locator('.badge', { hasText: 'CRI' }).waitFor();
  await row.focus();
  await row.press('Enter');
  await view.locator('.section-toggle', { hasText: 'The CRI Request' }).click();
  await view.getByText('ContainerConfig.envs').first().waitFor();
  expect(await view.content()).not.toContain('correct-horse');
  await view.getByText('Expected here').first().waitFor();
});

test('what is risky on the node is listed, and leads to its value', async () => {
  await code.pickFromMenu(['lab'], 'Find Risky Specs on Node');
  await until('findings are listed', async () => (await code.quickPicks()).length > 3);
  await code.screenshots('spec-findings');
  await code.quickInput.fill('sidecar');
  await until('only those of the sidecar are left', async () =>
    (await code.quickPicks()).every((pick) => pick.includes('sidecar')),
  );
  await code.pick('Runs as root');
  const view = await code.webview(/web-.*sidecar/);
  await until('the row has the focus', () =>
    view.evaluate(() => document.activeElement?.textContent.includes('User ID')),
  );
});
