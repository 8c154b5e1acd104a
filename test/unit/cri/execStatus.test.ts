import { expect, it } from 'vitest';
import { readStatus } from '../../../src/cri/execStatus.js';

const noReason = 'The runtime ended the command without a reason.';

it.each([
  ['{"status":"Success"}', { code: 0 }],
  ['{"metadata":{},"status":"Success"}', { code: 0 }],
  ['{"status":"Failure","details":{"causes":[{"reason":"ExitCode","message":"137"}]}}', { code: 137 }],
  [
    '{"status":"Failure","details":{"causes":[null,{"reason":"Other"},{"reason":"ExitCode","message":"1"}]}}',
    { code: 1 },
  ],
  ['{"status":"Failure","message":"exit status 7"}', { message: 'exit status 7' }],
  [
    '{"status":"Failure","message":"x","details":{"causes":[{"reason":"ExitCode","message":"seven"}]}}',
    { message: 'x' },
  ],
  ['{"status":"Failure","details":{"causes":"none"}}', { message: noReason }],
  ['null', { message: noReason }],
  ['plain words', { message: 'plain words' }],
])('reads %s', (text, exit) => {
  expect(readStatus(text)).toEqual(exit);
});
