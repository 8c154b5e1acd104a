import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samplePods, startLab, type Lab } from '../lab/containerd.js';
import { createTestUser, openVsCode, until, type Session, type TestUser } from './harness.js';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ pods: samplePods });
});
afterAll(async () => lab.stop());

const settings = (): Record<string, unknown> => ({
  'criExplorer.local.enabled': false,
  'criExplorer.nodes': [{ name: 'lab', endpoint: lab.endpoint }],
});

describe('a node with a runtime', () => {
  let code: Session;
  const web = ['lab', /^containerd/, 'default', /^web-/] as const;

  beforeAll(async () => {
    code = await openVsCode({ settings: settings() });
    await code.openExplorer();
    await code.widenSidebar(520);
  });
  afterAll(async () => code.stop());

  test('the tree leads from the node to the process ancestry', async () => {
    await code.expand(...web, 'server');
    await code.treeItem(...web, 'server', /.+/, 'containerd-shim-runc-v2', 'runc', /httpd/);
    const shown = await code.treeText();
    expect(shown).toMatch(/server\s*running/);
    expect(shown).toMatch(/pid 1 /);
    await code.screenshots('tree');
  });

  test('the API agrees with containerd', async () => {
    const [seen] = await code.inHost(async (_code, api) => {
      const [node] = api.nodes();
      return (await api.refresh(node!.id)).runtimes;
    });
    const listed = await lab.client.listContainers();
    expect(seen).toMatchObject({ name: 'containerd', apiVersion: 'v1', endpoint: lab.endpoint });
    const attemptsOnce = (id: string): boolean => listed.some((container) => container.id === id);
    const server = seen?.containers.find((container) => container.name === 'server');
    expect(attemptsOnce(server!.id)).toBe(true);
    expect(server?.ancestry.map((link) => link.role)).toEqual(['init', 'shim', 'container']);
  });

  test('the OCI spec opens, with secrets masked until asked', async () => {
    const agent = ['lab', /^containerd/, 'kube-system', /^vault-agent/, 'agent'] as const;
    await code.pickFromMenu(agent, 'Open OCI Spec');
    const view = await code.webview(/vault-agent.*agent/);
    await view.getByText('DATABASE_PASSWORD').first().waitFor();
    expect(await view.locator('body').innerText()).not.toContain('correct-horse');
    await code.screenshots('spec');
  });

  test('the spec opens as a read-only JSON document', async () => {
    await code.pickFromMenu([...web, 'server'], 'Open OCI Spec as JSON');
    const text = await until('the JSON is open', () =>
      code.inHost((vscode) => {
        const editor = vscode.window.activeTextEditor;
        return editor?.document.languageId === 'json' ? editor.document.getText() : undefined;
      }),
    );
    expect(JSON.parse(text)).toMatchObject({
      process: { args: expect.arrayContaining(['httpd']) as string[] },
    });
    await code.screenshot('spec-json');
  });

  test('a log opens at its end and follows', async () => {
    await code.clickInline(['lab', /^containerd/, 'shop', /^chatty/, 'logger'], 'Open Logs');
    const view = await code.webview(/chatty.*logger/);
    await view
      .getByText(/request \d+ served/)
      .first()
      .waitFor();
    const last = async (): Promise<number> => {
      const numbers = [...(await view.locator('body').innerText()).matchAll(/request (\d+) served/g)];
      return Math.max(...numbers.map((match) => Number(match[1])));
    };
    const first = await last();
    await until('a new line is appended', async () => (await last()) > first);
    await code.screenshots('logs');
  });

  test('a shell opens, takes a command and shows its output and exit code', async () => {
    await code.clickInline([...web, 'server'], 'Open Shell in Container');
    await code.terminalShows(/[#$] $|[#$]\s*$/);
    await code.typeInTerminal('echo $((6*7))-answer; hostname\n');
    await code.terminalShows('42-answer');
    await code.terminalShows(/web-7d4b9c6f5-x2vlp/);
    await code.screenshots('exec');
    await code.typeInTerminal('exit 7\n');
    await code.terminalShows(/code 7/);
  });

  test('the filter leaves what it names, and can be cleared', async () => {
    await code.runCommand('CRI Explorer: Filter');
    await code.quickInput.fill('ns:batch');
    await code.page.keyboard.press('Enter');
    await until('only batch is left', async () => {
      const shown = await code.treeText();
      return shown.includes('worker-tree') && !shown.includes('shop');
    });
    await code.screenshot('filter');
    await code.runCommand('CRI Explorer: Clear Filter');
    await until('shop is back', async () => (await code.treeText()).includes('shop'));
  });

  test('panels come back after a window reload, without the sidebar being looked at', async () => {
    await code.page
      .getByRole('tab', { name: /^Explorer/ })
      .first()
      .click();
    await code.page.reload();
    const view = await code.webview(/chatty.*logger/);
    await view
      .getByText(/request \d+ served/)
      .first()
      .waitFor();
    await code.openExplorer();
    await code.treeItem(...web);
  });

  test('when containerd is killed the picture stays, marked; it recovers by itself', async () => {
    await lab.kill9();
    await until('the tree says lost', async () => /lost/i.test(await code.treeText()));
    const shown = await code.treeText();
    expect(shown).toContain('worker-tree');
    await code.treeItem(...web, 'server', /.+/, 'containerd-shim-runc-v2', 'runc', /httpd/);
    await code.screenshots('lost');
    await lab.restart();
    await until('the tree is fresh again', async () => !/lost/i.test(await code.treeText()));
  });
});

describe('a node without a runtime', () => {
  let code: Session;
  beforeAll(async () => {
    code = await openVsCode();
    await code.openExplorer();
  });
  afterAll(async () => code.stop());

  test('says so, with what to do next', async () => {
    await code.sidebar.getByText('No container runtime was found').waitFor();
    await code.screenshots('welcome-empty');
    await code.sidebar.getByRole('button', { name: 'Show Searched Endpoints' }).click();
    await until('the endpoints are listed', async () =>
      (await code.page.locator('body').innerText()).includes('/run/containerd/containerd.sock'),
    );
    await code.screenshot('endpoints');
  });
});

describe('an ordinary user', () => {
  let user: TestUser;
  let code: Session;
  beforeAll(async () => {
    user = await createTestUser();
    code = await openVsCode({ asUser: user, settings: settings() });
    await code.openExplorer();
  });
  afterAll(async () => {
    await code.stop();
    await user.remove();
  });

  test('is told that permission is denied, and what to do', async () => {
    await code.sidebar.getByText('Permission denied').waitFor({ timeout: 60_000 });
    await code.screenshots('denied');
  });
});
