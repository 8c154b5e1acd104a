import { describe, expect, it } from 'vitest';
import { parseStreamUrl } from '../../../src/cri/streamUrl.js';

describe('parseStreamUrl', () => {
  it.each([
    ['http://127.0.0.1:1234/exec/AbC-_9', false, '127.0.0.1', 1234, '/exec/AbC-_9'],
    ['//127.0.0.1:1234/cri/exec/t', false, '127.0.0.1', 1234, '/cri/exec/t'],
    ['//[::]:1234/cri/exec/t', false, '127.0.0.1', 1234, '/cri/exec/t'],
    ['http://0.0.0.0:1234/exec/t', false, '127.0.0.1', 1234, '/exec/t'],
    ['https://[::1]:1234/exec/t?a=b', true, '::1', 1234, '/exec/t?a=b'],
    ['wss://node/exec/t', true, 'node', 443, '/exec/t'],
    ['ws://node/exec/t', false, 'node', 80, '/exec/t'],
  ])('reads %s', (text, secure, host, port, path) => {
    expect(parseStreamUrl(text)).toEqual({ secure, host, port, path });
  });

  it.each([
    '',
    '/exec/t',
    '///exec/t',
    'http:/exec/t',
    'http:///exec/t',
    'exec/t',
    'ftp://127.0.0.1/exec/t',
    'file:///etc/passwd',
    'javascript://127.0.0.1/%0aalert(1)',
    'http://user:secret@127.0.0.1:1/exec/t',
    'http://127.0.0.1:99999/exec/t',
    'http://a b/exec/t',
    'HTTP//127.0.0.1/exec',
  ])('refuses %s', (text) => {
    expect(() => parseStreamUrl(text)).toThrow(/no usable address/);
  });
});
