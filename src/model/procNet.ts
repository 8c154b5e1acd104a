import { textOf } from './procText.js';

/**
 * The IPv4 addresses of a network namespace, loopback left out, from /proc/PID/net/fib_trie: a local address is a leaf
 * `|-- A.B.C.D` followed by a line `/32 host LOCAL` (net/ipv4/fib_trie.c).
 */
export function parseFibTrie(bytes: Uint8Array): string[] {
  const addresses = new Set<string>();
  let leaf: string | undefined;
  for (const line of textOf(bytes).split('\n')) {
    const found = /\|-- (\d+\.\d+\.\d+\.\d+)\s*$/.exec(line);
    if (found) leaf = found[1];
    else if (leaf !== undefined && /^\s*\/32 host LOCAL\b/.test(line) && !leaf.startsWith('127.')) {
      addresses.add(leaf);
    }
  }
  return [...addresses];
}

const GLOBAL_SCOPE = '00';

/**
 * The IPv6 addresses of global scope (unique local ones too) of a network namespace, from /proc/PID/net/if_inet6: 32 hex
 * digits, interface index, prefix length, scope, flags, interface name (net/ipv6/addrconf.c).
 */
export function parseIfInet6(bytes: Uint8Array): string[] {
  const addresses: string[] = [];
  for (const line of textOf(bytes).split('\n')) {
    const [digits = '', , , scope] = line.trim().split(/\s+/);
    if (scope === GLOBAL_SCOPE && /^[0-9a-f]{32}$/.test(digits)) addresses.push(ipv6Text(digits));
  }
  return addresses;
}

/** 32 hex digits as RFC 5952 writes the address: the first longest run of two zero groups or more becomes `::`. */
function ipv6Text(digits: string): string {
  const groups = (digits.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16));
  let run = { from: 0, length: 0 };
  for (let from = 0; from < groups.length; from++) {
    let length = 0;
    while (groups[from + length] === '0') length++;
    if (length > run.length) run = { from, length };
  }
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.from).join(':')}::${groups.slice(run.from + run.length).join(':')}`;
}
