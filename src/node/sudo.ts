import { NodeError } from './node.js';
import type { ChannelEnd } from './shell/launcher.js';
import type { SudoPassword } from './sudoPassword.js';

/** How a node uses sudo, as the setting `criExplorer.nodes` writes it. */
export type SudoMode = 'never' | 'without password' | 'ask';

/** Commands run under sudo. Without `password` nobody is asked for one. */
export interface Sudo {
  readonly password?: SudoPassword;
}

/**
 * sudo(8)'s command line up to the program. With a prompt it asks on stderr and reads stdin (`-S`), and always asks (`-k`),
 * so that a question is sure to be the answer to our password and not somebody's cached one.
 */
export function sudoArguments(prompt?: string): readonly string[] {
  return prompt === undefined ? ['sudo', '-n', '--'] : ['sudo', '-S', '-k', '-p', prompt, '--'];
}

/** `sudo -n` says this (sudo and sudo-rs) where a password is needed. */
export function passwordNeeded(end: ChannelEnd): boolean {
  return /\bsudo: .*(password is required|authentication is required|askpass helper)/i.test(end.stderr);
}

/** What sudo itself says when it runs nothing; undefined when the fault is elsewhere. */
export function sudoFault(end: ChannelEnd): NodeError | undefined {
  const { stderr, code } = end;
  if (passwordNeeded(end)) {
    return new NodeError('denied', 'sudo needs a password on this node. Set sudo to "ask" for it.');
  }
  if (
    /is not in the sudoers file|may not run sudo|is not allowed to (execute|run)|not permitted to/i.test(
      stderr,
    )
  ) {
    return new NodeError('denied', `sudo does not let this user act as root: ${lastLine(stderr)}`);
  }
  if (/must have a tty/i.test(stderr)) {
    return new NodeError(
      'denied',
      'sudo wants a terminal on this node (requiretty in sudoers). Lift that for this user.',
    );
  }
  if (code === 127 && /sudo.*not found/i.test(stderr)) {
    return new NodeError('unsupported', 'There is no sudo on this node. Log in as root, or install it.');
  }
  return /^sudo: /m.test(stderr) ? new NodeError('denied', lastLine(stderr)) : undefined;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
