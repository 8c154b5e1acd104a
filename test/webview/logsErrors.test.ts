import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PanelLab } from './harness.js';
import { lines, openLogs } from './logsPanel.js';

vi.mock('vscode', () => ({ l10n: { t: (text: string) => text } }));

let lab: PanelLab;
beforeAll(async () => {
  lab = await PanelLab.start();
});
afterAll(() => lab.close());

test('no log path: says why', async () => {
  const panel = await openLogs(lab, { path: '' });
  await panel.page
    .getByRole('alert')
    .getByText(/keeps no log file/)
    .waitFor();
  await panel.close();
});

test('permission denied: says what to do, and tries again', async () => {
  const panel = await openLogs(lab, { content: lines(0, 3), denied: true });
  await panel.page
    .getByRole('alert')
    .getByText(/Permission denied.*root or with sudo/)
    .waitFor();
  expect(await panel.page.getByText('Following').count()).toBe(0);
  panel.node.denied = false;
  await panel.page.getByRole('button', { name: 'Try Again' }).click();
  await panel.page.getByText('line 2').waitFor();
  expect(await panel.page.getByRole('alert').count()).toBe(0);
  await panel.close();
});

test('the log is closed behind the panel’s back: what is shown stays, and it can be opened again', async () => {
  const panel = await openLogs(lab, { content: lines(0, 3) });
  await panel.page.getByText('line 2').waitFor();
  panel.session.close();
  await panel.page.getByRole('alert').getByText('the log was closed').waitFor();
  await panel.page.getByText('line 2').waitFor();
  await panel.page.getByRole('alert').getByRole('button', { name: 'Try Again' }).click();
  await panel.page.getByText('Following').waitFor();
  expect(await panel.page.getByRole('alert').count()).toBe(0);
  await panel.close();
});
