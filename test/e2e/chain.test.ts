import { afterAll, beforeAll, expect, test } from 'vitest';
import { samplePods, startLab, type Lab } from '../lab/containerd.js';
import { openVsCode, until, type Session } from './harness.js';

let lab: Lab;
let code: Session;
const web = ['lab', /^containerd/, 'default', /^web-/] as const;

beforeAll(async () => {
  lab = await startLab({ pods: samplePods.filter(({ name }) => /^(web|chatty)/.test(name)) });
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

/** The pids that the extension's own ancestry has for the container `server`. */
async function pidsOf(): Promise<{ readonly shim: number; readonly first: number }> {
  const [runtime] = await code.inHost(async (_code, api) => {
    const [node] = api.nodes();
    return (await api.refresh(node!.id)).runtimes;
  });
  const ancestry = runtime?.containers.find(({ name }) => name === 'server')?.ancestry ?? [];
  const pidOf = (role: string): number => ancestry.find((link) => link.role === role)?.pid ?? 0;
  return { shim: pidOf('shim'), first: pidOf('container') };
}

test('the chain opens from a container’s menu, with the pids of its shim, its process and containerd', async () => {
  await code.pickFromMenu([...web, 'server'], 'Show Runtime Chain');
  const view = await code.webview(/^Chain: web-.*server/);
  const { shim, first } = await pidsOf();
  expect(Math.min(shim, first)).toBeGreaterThan(0);
  const box = (kind: string) => view.locator(`.box.${kind}`);
  await box('monitor')
    .filter({ hasText: `pid ${shim}` })
    .filter({ hasText: 'containerd-shim-runc-v2' })
    .waitFor();
  await box('inside')
    .filter({ hasText: `pid ${first}` })
    .filter({ hasText: 'server' })
    .waitFor();
  await box('request')
    .filter({ hasText: `pid ${lab.pid}` })
    .waitFor();
  await box('making')
    .filter({ hasText: 'runc' })
    .filter({ hasText: 'no process any more' })
    .first()
    .waitFor();
  const details = view.getByRole('region', { name: 'Details' });
  expect(await details.innerText()).toContain(String(first));
  await view
    .getByRole('region', { name: 'How this container came to be' })
    .getByRole('listitem')
    .first()
    .waitFor();
  await code.screenshots('chain');
});

test('the list is reached by keyboard and says the same', async () => {
  const view = await code.webview(/^Chain: web-.*server/);
  await view.locator('.box[aria-pressed=true]').focus();
  await view.locator('.box[aria-pressed=true]').press('ArrowUp');
  const toggle = view.getByRole('button', { name: 'Show as List' });
  await toggle.focus();
  await code.page.keyboard.press('Enter');
  await view.getByRole('tree').waitFor();
  const { shim } = await pidsOf();
  await view
    .getByRole('treeitem')
    .filter({ hasText: `pid ${shim}` })
    .waitFor();
  await code.page.keyboard.press('Home');
  await until('the first item has the focus', () =>
    view
      .locator('[role=treeitem]')
      .first()
      .evaluate((item) => item === document.activeElement),
  );
  await code.screenshot('chain-list');
});

test('a node’s chain opens too, and follows a containerd that is killed and comes back', async () => {
  await code.pickFromMenu(['lab'], 'Show Runtime Chain');
  const view = await code.webview(/^Chain: lab/);
  await view
    .locator('.box')
    .filter({ hasText: `pid ${lab.pid}` })
    .first()
    .waitFor();
  await view.locator('.box.inside').first().waitFor();
  await code.screenshot('chain-node');
  const before = lab.pid;
  await lab.kill9();
  await view.getByText('does not answer now').waitFor();
  await view
    .locator('.box')
    .filter({ hasText: `pid ${before}` })
    .waitFor({ state: 'detached' });
  // Its shims and processes live on.
  await view.locator('.box.inside').first().waitFor();
  await lab.restart();
  await view
    .locator('.box')
    .filter({ hasText: `pid ${lab.pid}` })
    .first()
    .waitFor();
});
