import { expect, test, vi } from 'vitest';
import type { PromptRequest } from '../../../src/node/prompt.js';
import { Answers } from '../../../src/node/ssh/answers.js';
import { askpassEnvironment, socketPath, wrapperText } from '../../../src/node/ssh/askpassServer.js';
import { backoff } from '../../../src/node/ssh/backoff.js';
import { failureOf } from '../../../src/node/ssh/failure.js';
import { describe as describeState } from '../../../src/node/ssh/link.js';
import { questionOf } from '../../../src/node/ssh/questions.js';
import { Sessions } from '../../../src/node/ssh/sessions.js';

test.each([
  ['Are you sure you want to continue connecting (yes/no/[fingerprint])? ', '', 'hostKey', false],
  ["me@host's password: ", '', 'password', true],
  ['(me@host) Password: ', '', 'password', true],
  ["Enter passphrase for key '/home/me/.ssh/id_ed25519': ", '', 'passphrase', true],
  ['Enter PIN for ED25519-SK key /home/me/.ssh/id: ', '', 'passphrase', true],
  ['(me@host) Verification code: ', '', 'code', true],
  ['(me@host) One-time password (OATH): ', '', 'code', true],
  ['Passcode or option (1-2): ', '', 'code', true],
  ['Confirm user presence for key ED25519-SK SHA256:x', 'none', 'touch', false],
  ['Allow use of key x?', 'confirm', 'confirm', false],
  ['Favourite colour: ', '', 'other', true],
])('%j', (text, hint, kind, secret) => {
  expect(questionOf(text, hint)).toEqual({ kind, text, secret });
});

test('an answer is kept once it proved right, and asked for again when it is wrong', async () => {
  const prompt = vi.fn((_request: PromptRequest) => Promise.resolve('secret'));
  const answers = new Answers(prompt);
  const { signal } = new AbortController();
  const question = { text: "me@host's password: ", hint: '' };
  const refuse = vi.fn();
  const first = answers.attempt(true, refuse);
  expect(await first.answer(question, signal)).toBe('secret');
  expect(await answers.attempt(false, refuse).answer(question, signal)).toBeUndefined();
  expect(refuse).toHaveBeenCalledOnce();
  first.accepted();
  const again = answers.attempt(false, refuse);
  expect(await again.answer(question, signal)).toBe('secret');
  expect(prompt).toHaveBeenCalledOnce();
  expect(await again.answer(question, signal)).toBeUndefined();
  expect(refuse).toHaveBeenCalledTimes(2);
});

test('a code is never kept, and a declined question ends the login', async () => {
  const given = ['123', undefined];
  const answers = new Answers(() => Promise.resolve(given.shift()));
  const { signal } = new AbortController();
  const refuse = vi.fn();
  const attempt = answers.attempt(true, refuse);
  expect(await attempt.answer({ text: 'Verification code: ', hint: '' }, signal)).toBe('123');
  attempt.accepted();
  expect(
    await answers.attempt(true, refuse).answer({ text: 'Verification code: ', hint: '' }, signal),
  ).toBeUndefined();
  expect(refuse).toHaveBeenCalledWith('No answer was given to: Verification code:');
});

test('a security key is touched: nothing is answered, and the question lasts until ssh takes it back', async () => {
  const prompt = vi.fn((_request: PromptRequest, _signal: AbortSignal) => Promise.resolve(undefined));
  const refuse = vi.fn();
  const attempt = new Answers(prompt).attempt(true, refuse);
  const touched = new AbortController();
  let isOver = false;
  const question = { text: 'Confirm user presence for key ED25519-SK SHA256:x', hint: 'none' };
  const answer = attempt.answer(question, touched.signal).finally(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(prompt).toHaveBeenCalledExactlyOnceWith(
    { kind: 'touch', text: question.text, secret: false },
    touched.signal,
  );
  expect(isOver).toBe(false);
  touched.abort();
  expect(await answer).toBeUndefined();
  expect(refuse).not.toHaveBeenCalled();
});

test.each([
  ['yes', 'yes'],
  ['no', undefined],
  [undefined, undefined],
])('the use of an agent’s key is confirmed: %s', async (given, answer) => {
  const refuse = vi.fn();
  const answers = new Answers(() => Promise.resolve(given));
  const { signal } = new AbortController();
  const question = { text: 'Allow use of key id?\nKey fingerprint SHA256:x.', hint: 'confirm' };
  const attempt = answers.attempt(true, refuse);
  expect(await attempt.answer(question, signal)).toBe(answer);
  // No to one key is not the end: ssh goes on with the next.
  expect(refuse).not.toHaveBeenCalled();
  attempt.accepted();
  // It is never kept.
  expect(await answers.attempt(false, refuse).answer(question, signal)).toBeUndefined();
});

test('nobody at the screen touches a key', async () => {
  const prompt = vi.fn(() => Promise.resolve(undefined));
  const refuse = vi.fn();
  const attempt = new Answers(prompt).attempt(false, refuse);
  const question = { text: 'Confirm user presence for key x', hint: 'none' };
  expect(await attempt.answer(question, new AbortController().signal)).toBeUndefined();
  expect(prompt).not.toHaveBeenCalled();
  expect(refuse).toHaveBeenCalledExactlyOnceWith('ssh asks: Confirm user presence for key x');
});

const changed = `@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
Offending ED25519 key in /home/me/.ssh/known_hosts:7
Host key for [host]:2222 has changed and you have requested strict checking.
Host key verification failed.`;

test('a changed host key is told in ssh’s words, with the command that helps', () => {
  const failure = failureOf(changed);
  expect(failure.type).toBe('failed');
  expect(failure.reason).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
  expect(failure.reason).toContain("ssh-keygen -f '/home/me/.ssh/known_hosts' -R '[host]:2222'");
  const hostile = failureOf(
    changed.replace('[host]:2222', "x';rm${IFS}-rf${IFS}~;'").replace('/home/me', '/$(id)'),
  );
  expect(hostile.reason).toMatch(/reconnect: ssh-keygen -R 'HOST'$/);
});

test.each([
  ['me@host: Permission denied (publickey,password).', 'needsAuth'],
  [
    'me@jump: Permission denied (publickey).\nkex_exchange_identification: Connection closed by remote host',
    'needsAuth',
  ],
  ['Received disconnect from 1.2.3.4 port 22:2: Too many authentication failures', 'needsAuth'],
  ['Host key verification failed.', 'needsAuth'],
  ['/c: line 3: Bad configuration option: foo\n/c: terminating, 1 bad configuration options', 'failed'],
  ['ssh: Could not resolve hostname nope: Name or service not known', 'lost'],
  ['ssh: connect to host h port 22: Connection refused', 'lost'],
  ['Timeout, server h not responding.', 'lost'],
  ['', 'lost'],
])('%j', (stderr, type) => {
  expect(failureOf(stderr).type).toBe(type);
});

test('waits grow from half a second to half a minute', () => {
  expect(backoff(0, 0)).toBe(500);
  expect([0, 1, 2, 3].map((tries) => backoff(tries, 1))).toEqual([1000, 2000, 4000, 8000]);
  expect([backoff(50, 0), backoff(50, 1)]).toEqual([15_000, 30_000]);
});

test('a lost link says when the next try comes', () => {
  expect(describeState('h', { name: 'lost', reason: 'refused', retryAt: 2500 }, 0)).toBe(
    'There is no connection to h: refused. Trying again in 3 s.',
  );
});

test('sessions: short ones wait for a place that lasting ones leave them', async () => {
  const sessions = new Sessions();
  expect([
    await sessions.take('lasting'),
    await sessions.take('short'),
    await sessions.take('short'),
  ]).toEqual([true, true, true]);
  sessions.release('short'); // refused by the server
  sessions.refused();
  expect(await sessions.take('lasting')).toBe(false);
  let taken = false;
  const waiting = sessions.take('short').then((is) => (taken = is));
  await Promise.resolve();
  expect(taken).toBe(false);
  sessions.release('short');
  expect(await waiting).toBe(true);
  sessions.release('short');
  sessions.refused(); // the lasting one holds the only place
  expect(await sessions.take('short')).toBe(false);
});

test('the program behind SSH_ASKPASS is a file that runs ours, quoted', () => {
  const program = { execPath: "/it's/code", script: '/ext/dist/askpass.cjs' };
  expect(wrapperText(program, 'linux')).toBe(
    `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec '/it'\\''s/code' '/ext/dist/askpass.cjs' "$@"\n`,
  );
  expect(wrapperText({ execPath: 'C:\\Code.exe', script: 'C:\\e x\\askpass.cjs' }, 'win32')).toBe(
    '@echo off\r\nset ELECTRON_RUN_AS_NODE=1\r\n"C:\\Code.exe" "C:\\e x\\askpass.cjs" %*\r\n',
  );
  expect(socketPath('C:\\d', 'win32')).toMatch(/^\\\\\.\\pipe\\cri-explorer-[0-9a-f]{32}$/);
  expect(socketPath('/d', 'linux')).toMatch(/^\/d\/a[0-9a-f]{6}$/);
  expect(askpassEnvironment('/w', '/s', {})).toMatchObject({ SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' });
});
