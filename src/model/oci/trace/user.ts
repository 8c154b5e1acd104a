import { changers, type Claim, type Tracing } from './tracing.js';
import { askedText, at, itemsOf, sameSet, textOf, textsOf } from './values.js';

type Source = Pick<Claim, 'kind' | 'fields' | 'value'>;

const field = (tracing: Tracing, last: string): string => tracing.name(`linux.security_context.${last}`);
const wanted = (tracing: Tracing, last: string) => tracing.wants('linux', 'security_context', last);

/** An Int64Value: `{}` is 0, since Go leaves zero out. */
function numberOf(tracing: Tracing, last: string): string | undefined {
  const node = wanted(tracing, last);
  return node && (textOf(at(node, 'value')) ?? '0');
}

/** The user as a name, or as `name:group`, and who named it. A run_as_user makes the image's void. */
function nameOf(tracing: Tracing): { readonly source: Source; readonly name: string } | undefined {
  const name = askedText(wanted(tracing, 'run_as_username'));
  if (name !== undefined) {
    return { name, source: { kind: 'cri', fields: [field(tracing, 'run_as_username')], value: name } };
  }
  const user = askedText(tracing.imageHas('User'));
  if (user === undefined || wanted(tracing, 'run_as_user')) return undefined;
  return { name: user, source: { kind: 'image', fields: ['config.User'], value: user } };
}

/** run_as_username, else run_as_user, else the image's User, else root. */
export function traceUid(tracing: Tracing): void {
  const user = nameOf(tracing);
  const number = numberOf(tracing, 'run_as_user');
  if (user) lookedUp(tracing, 'uid', user.source, user.name.split(':')[0]);
  else if (number !== undefined) exactly(tracing, 'uid', 'run_as_user', number);
  else nobodyAsked(tracing, 'uid');
}

/** run_as_group, else the group of the user in the image's /etc/passwd. */
export function traceGid(tracing: Tracing): void {
  const user = nameOf(tracing);
  const number = numberOf(tracing, 'run_as_group');
  if (number !== undefined) exactly(tracing, 'gid', 'run_as_group', number);
  else if (user) lookedUp(tracing, 'gid', user.source, user.name.split(':')[1]);
  else if (numberOf(tracing, 'run_as_user') !== undefined) {
    const how = 'The group of this user in the image’s /etc/passwd; 0 where the user isn’t there.';
    claimId(tracing, 'gid', { kind: 'image', how });
  } else nobodyAsked(tracing, 'gid');
}

function claimId(tracing: Tracing, key: 'uid' | 'gid', claim: Omit<Claim, 'path'>): void {
  const path = ['process', 'user', key];
  if (tracing.has(...path)) tracing.claim({ path, ...claim });
}

function exactly(tracing: Tracing, key: 'uid' | 'gid', last: string, number: string): void {
  const path = ['process', 'user', key];
  const name = field(tracing, last);
  if (textOf(tracing.has(...path)) !== number) tracing.mismatch(path, name, number);
  else tracing.claim({ path, kind: 'cri', fields: [name], value: number, how: 'As it is.', fits: true });
}

/** @param number the name itself, which may be a number already */
function lookedUp(tracing: Tracing, key: 'uid' | 'gid', source: Source, number: string | undefined): void {
  const isNumber = number !== undefined && /^\d+$/.test(number);
  if (isNumber && textOf(tracing.has('process', 'user', key)) === number) {
    claimId(tracing, key, { ...source, how: 'As it is.', fits: true });
  } else if (!isNumber) {
    const file = key === 'gid' && number !== undefined ? '/etc/group' : '/etc/passwd';
    claimId(tracing, key, { ...source, how: `Looked up in the image’s ${file}.` });
  }
}

function nobodyAsked(tracing: Tracing, key: 'uid' | 'gid'): void {
  if (textOf(tracing.has('process', 'user', key)) !== '0') return;
  if (tracing.image)
    claimId(tracing, key, {
      kind: 'default',
      how: 'Neither the request nor the image names a user.',
      fits: true,
    });
  else
    claimId(tracing, key, {
      kind: 'default',
      how: 'The request names no user; the image’s config isn’t to be had.',
    });
}

/** process.user.additionalGids: the user's own group, the supplemental ones, and with Merge those of the image. */
export function traceGroups(tracing: Tracing): void {
  const path = ['process', 'user', 'additionalGids'];
  const found = tracing.has(...path);
  const groups = wanted(tracing, 'supplemental_groups');
  const name = field(tracing, 'supplemental_groups');
  if (!found) {
    if (itemsOf(groups).length > 0) tracing.say(name, `The spec has none: ${changers.any}.`);
    return;
  }
  const have = textsOf(found);
  const want = textsOf(groups);
  const own = textOf(tracing.has('process', 'user', 'gid')) ?? '0';
  const policy = field(tracing, 'supplemental_groups_policy');
  const source: Source =
    groups && want.length > 0 ? { kind: 'cri', fields: [name, policy], value: groups } : { kind: 'default' };
  if (sameSet(have, [own, ...want]) || sameSet(have, want)) {
    tracing.claim({ path, ...source, how: 'The user’s own group, then the supplemental ones.', fits: true });
  } else if (
    want.every((group) => have.includes(group)) &&
    askedText(wanted(tracing, 'supplemental_groups_policy')) !== '1'
  ) {
    const how =
      'The user’s own group, the supplemental ones, and, with the policy Merge, those of the user in the image’s /etc/group.';
    tracing.claim({ path, ...(want.length > 0 ? source : { kind: 'image' }), how });
  } else if (tracing.context.role === 'sandbox' && sameSet(have, [own]) && wanted(tracing, 'run_as_user')) {
    const how =
      'The user’s own group. Setting the user of a sandbox makes containerd drop the supplemental groups.';
    tracing.say(name, how);
    tracing.claim({ path, kind: 'default', how, fits: true });
  } else if (groups) tracing.mismatch(path, name, groups);
}
