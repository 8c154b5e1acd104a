/**
 * The program behind SSH_ASKPASS: ssh(1) starts it with the question as its argument, and reads the answer from its
 * stdout. It asks the extension over a socket in a folder that only this user may enter, and ends with 1 when there is
 * no answer.
 */
import { connect } from 'node:net';

const socket = connect(process.env.CRI_EXPLORER_ASKPASS_SOCKET ?? '');
let answer = '';
socket.setEncoding('utf8');
socket.on('data', (text: string) => (answer += text));
socket.on('error', () => process.exit(1));
socket.on('end', () => {
  if (answer === '') process.exit(1);
  // The extension ends each answer with a newline; none means that there is no answer.
  process.stdout.write(answer, () => process.exit(0));
});
socket.write(
  `${JSON.stringify({ text: process.argv[2] ?? '', hint: process.env.SSH_ASKPASS_PROMPT ?? '' })}\n`,
);
