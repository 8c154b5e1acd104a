import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { samplePods, startLab, type Lab } from '../lab/containerd.js';
import { kill, pids, SshLab, commandLine, type LabUser, type Sshd } from '../lab/sshd.js';
import { openVsCode, until, type Session } from './harness.js';

const run = promisify(execFile);
const password = 'correct horse';
const ownPassword = 'battery staple';
const passphrase = 'open sesame';
const pods = samplePods.filter(({ name }) => /^(web|chatty)/.test(name));

let cri: Lab;
let lab: SshLab;
let sshd: Sshd;
/** One sits at VS Code, the other is who logs in on the node. */
let person: LabUser;
let login: LabUser;
let hostKey: string;
let code: Session;

beforeAll(async () => {
  [cri, lab] = await Promise.all([startLab({ pods }), SshLab.create()]);
  hostKey = join(lab.folder, 'host-key');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  sshd = await lab.sshd({ config: [`HostKey ${hostKey}`] });
  person = await lab.user({ password: ownPassword, sudoers: ['ALL=(ALL) ALL'] });
  login = await lab.user({
    password,
    sudoers: ['ALL=(ALL) ALL'],
    // The lab's socket is in no well-known place.
    bashrc: `export CONTAINER_RUNTIME_ENDPOINT=${cri.endpoint}\n`,
  });
  const account = { ...person, gid: Number((await run('id', ['-g', person.name])).stdout) };
  await configure(account);
  code = await openVsCode({ asUser: account, settings: { 'criExplorer.local.enabled': false } });
  await code.openExplorer();
  await code.widenSidebar(520);
});

afterAll(async () => {
  try {
    await code.stop();
    await lab.clean();
  } finally {
    await lab.dispose();
    await cri.stop();
  }
});

/** The person's own ~/.ssh, as VS Code and ssh find it. */
async function configure({ home, uid, gid }: LabUser & { gid: number }): Promise<void> {
  const folder = join(home, '.ssh');
  await mkdir(join(folder, 'conf.d'), { recursive: true });
  const key = join(folder, 'id');
  await copyFile(lab.key, key);
  const lockedKey = join(folder, 'locked');
  await copyFile(await lab.addKey('locked', passphrase), lockedKey);
  const otherKey = join(lab.folder, 'other-host-key');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', otherKey]);
  const where = ['HostName 127.0.0.1', `Port ${sshd.port}`, `User ${login.name}`];
  const known = ['Host node-1', ...where, `IdentityFile ${key}`];
  const stranger = ['Host stranger', ...where, 'PreferredAuthentications publickey'];
  const locked = ['Host locked', ...where, `IdentityFile ${lockedKey}`];
  const changed = ['Host changed', ...where, `UserKnownHostsFile ${join(folder, 'changed')}`];
  const files = {
    changed: [`[127.0.0.1]:${sshd.port} ${await readFile(`${otherKey}.pub`, 'utf8')}`],
    config: ['Include conf.d/*', 'Host *', 'IdentitiesOnly yes'],
    'conf.d/nodes': [...known, ...stranger, ...locked, ...changed, 'Host *.test', 'User nobody'],
  };
  for (const [name, lines] of Object.entries(files)) await writeFile(join(folder, name), lines.join('\n'));
  for (const path of ['', 'id', 'locked', 'changed', 'config', 'conf.d', 'conf.d/nodes'])
    await chown(join(folder, path), uid, gid);
}

const web = ['node-1', /^containerd/, 'default', /^web-/, 'server'] as const;
const shows = (what: string | RegExp): Promise<unknown> =>
  until(`the tree shows ${what}`, async () => (await code.treeText()).search(what) >= 0);

async function chooseHost(alias: string): Promise<void> {
  const asked = 'A host of your ssh configuration';
  await until('it is asked', async () => (await code.quickText()).includes(asked));
  await code.quickInput.fill(alias);
  await until('one is left', async () => (await code.quickPicks()).length === 1);
  await code.answer(asked);
}

async function add(alias: string): Promise<void> {
  await code.runCommand('CRI Explorer: Add SSH Node…');
  await chooseHost(alias);
  await code.answer('What the sidebar calls the node');
  await code.answer('Never');
}

async function remove(name: string): Promise<void> {
  await code.pickFromMenu([name], 'Remove Node…');
  await code.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await until(`${name} is gone`, async () => !(await code.treeText()).includes(name));
}

test('a node is added from the ssh configuration; its host key is asked for', async () => {
  await code.sidebar.locator('.welcome-view').getByRole('button', { name: 'Add SSH Node…' }).click();
  await until('the hosts are offered', async () => (await code.quickPicks()).length === 4);
  await code.screenshot('ssh-add');
  await code.quickInput.fill('-oProxyCommand=x');
  await until('the reason is shown', async () => (await code.quickText()).includes('begins with a dash'));
  await code.screenshot('ssh-add-refused');
  await chooseHost('node-1');
  await code.answer('What the sidebar calls the node');
  await until('sudo is offered', async () => (await code.quickText()).includes('Never'));
  await code.screenshot('ssh-add-sudo');
  await code.pick('Never');

  const { stdout } = await run('ssh-keygen', ['-lf', `${hostKey}.pub`]);
  const fingerprint = stdout.split(' ')[1]!;
  await until('the fingerprint is shown', async () => (await code.quickText()).includes(fingerprint));
  await code.screenshots('ssh-host-key');
  await code.pick('Accept and Connect');
});

test('where the socket is root’s, sudo is offered, and its password asked for', async () => {
  await code.treeItem('node-1', cri.endpoint);
  await code.screenshots('ssh-denied');
  await (await code.treeItem('node-1', 'Use sudo on this node…')).click();
  await until('sudo is offered', async () => (await code.quickText()).includes('Ask for the password'));
  await code.pick('Ask for the password');
  await until('it is asked', async () => (await code.quickText()).includes('Password for sudo on node-1'));
  expect(await code.quickInput.getAttribute('type')).toBe('password');
  await code.screenshot('ssh-sudo');
  await code.answer('Password for sudo', 'wrong');
  await code.answer('Sorry, try again', password);
  await code.treeItem(...web);
});

test('the node behaves as this machine does: ancestry, spec, log, terminal', async () => {
  await code.treeItem(...web, /.+/, 'containerd-shim-runc-v2', 'runc', /httpd/);
  await code.screenshots('ssh-tree');

  await code.pickFromMenu(web, 'Open OCI Spec');
  const spec = await code.webview(/web-.*server/);
  await spec.getByText('httpd').first().waitFor();

  await code.clickInline(['node-1', /^containerd/, 'shop', /^chatty/, 'logger'], 'Open Logs');
  const first = await lastRequest();
  await until('the log goes on', async () => (await lastRequest()) > first);

  await code.clickInline(web, 'Open Shell in Container');
  await code.terminalShows(/[#$]\s*$/);
  await code.typeInTerminal('echo $((6*7))-answer; hostname\n');
  await code.terminalShows(/42-answer\n+web-/);
});

/** The number in the log's last line; 0 before there is one. */
async function lastRequest(): Promise<number> {
  const view = await code.webview(/chatty.*logger/);
  const numbers = (await view.locator('body').innerText()).matchAll(/request (\d+) served/g);
  return Math.max(0, ...[...numbers].map((match) => Number(match[1])));
}

test('what is kept is the host and how to use sudo, and no secret', async () => {
  const kept = await code.inHost((vscode) =>
    vscode.workspace.getConfiguration('criExplorer').get<unknown[]>('nodes'),
  );
  expect(kept).toEqual([{ name: 'node-1', host: 'node-1', sudo: 'ask' }]);
  const log = await code.extensionHostLog();
  expect(log).toContain('node-1');
  expect(log).not.toContain(password);
});

test('a cut link is told, its picture stays, and it comes back by itself', async () => {
  const before = await lastRequest();
  for (const pid of sshd.sessions()) kill(pid, 'SIGKILL');
  await sshd.stop();
  await shows(/node-1 lost · retrying/);
  await code.treeItem(...web, /.+/, 'containerd-shim-runc-v2', 'runc', /httpd/);
  await code.terminalShows('The connection ended without an exit code');
  await code.screenshots('ssh-lost');
  sshd = await lab.sshd({ config: [`HostKey ${hostKey}`], port: sshd.port });
  await shows(/node-1 ready/);
  await until('the log goes on', async () => (await lastRequest()) > before);
  await code.screenshot('ssh-back');
});

test('a refused login says why, and waits for the person', async () => {
  await code.runCommand('CRI Explorer: Add SSH Node…');
  await chooseHost('stranger');
  await code.answer('What the sidebar calls the node', 'refused');
  await code.answer('Never');
  await code.treeItem('refused', /Permission denied/);
  await code.treeItem('refused', 'Reconnect');
  await code.screenshots('ssh-refused');
  await (await code.treeItem('refused', /Permission denied/)).click();
  await code.page
    .getByRole('dialog')
    .getByText(/Permission denied/)
    .waitFor();
  await code.screenshot('ssh-reason');
  await code.page.keyboard.press('Escape');
  await remove('refused');
});

test('a key’s passphrase is asked for, and not shown', async () => {
  await add('locked');
  await until('it is asked', async () => (await code.quickText()).includes('Enter passphrase for key'));
  expect(await code.quickInput.getAttribute('type')).toBe('password');
  await code.screenshot('ssh-passphrase');
  await code.answer('Enter passphrase for key', passphrase);
  await code.treeItem('locked', cri.endpoint);
  expect(await code.extensionHostLog()).not.toContain(passphrase);
  await remove('locked');
});

test('a changed host key is refused, in ssh’s words, with the command that helps', async () => {
  await add('changed');
  await (await code.treeItem('changed', /REMOTE HOST IDENTIFICATION HAS CHANGED/)).click();
  const dialog = code.page.getByRole('dialog');
  await dialog.getByText(/ssh-keygen -f '.*changed' -R '\[127\.0\.0\.1\]:\d+'/).waitFor();
  await code.screenshot('ssh-changed-key');
  await code.page.keyboard.press('Escape');
  await remove('changed');
});

test('a node can be left, renamed, opened again and removed, and leaves nothing', async () => {
  await code.pickFromMenu(['node-1'], 'Disconnect');
  await shows(/node-1 not connected/);
  await code.screenshot('ssh-idle');
  await until('no ssh is left', () => pids().every((pid) => !/^ssh .*node-1/.test(commandLine(pid))));
  await code.pickFromMenu(['node-1'], 'Rename Node…');
  await code.answer('What the sidebar calls the node', 'worker');
  await shows(/worker not connected/);
  await code.expand('worker');
  await code.answer('Password for sudo', password);
  await code.treeItem('worker', /^containerd/, 'default', /^web-/, 'server');
  expect(await readFile(join(person.home, '.ssh/known_hosts'), 'utf8')).toContain('ssh-ed25519');
  await remove('worker');
  await until('no folder is left', () => !existsSync(`/tmp/cri-explorer-${person.uid}`));
});

test('on this machine too, sudo is offered where the socket is root’s', async () => {
  await code.set('criExplorer.nodes', [{ name: 'here', endpoint: cri.endpoint }]);
  await code.sidebar.getByRole('button', { name: 'Use sudo on This Machine…' }).click();
  await until('sudo is offered', async () => (await code.quickText()).includes('Ask for the password'));
  await code.pick('Ask for the password');
  await until('it is asked', async () => (await code.quickText()).includes('Password for sudo'));
  expect(await code.quickInput.getAttribute('type')).toBe('password');
  await code.answer('Password for sudo on this machine', ownPassword);
  await code.treeItem(
    'here',
    /^containerd/,
    'default',
    /^web-/,
    'server',
    /.+/,
    'containerd-shim-runc-v2',
    'runc',
    /httpd/,
  );
  await code.screenshot('local-sudo');
  await code.set('criExplorer.nodes', []);
});
