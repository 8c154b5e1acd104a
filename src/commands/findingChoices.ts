import type { SpecFinding } from '../model/oci/insight.js';
import type { JsonPath } from '../model/oci/json.js';
import { looksSecret } from '../model/oci/secrets.js';
import { inert } from '../model/visible.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { ContainerFindings, NodeFindings } from '../runtime/specFindings.js';
import type { Translate } from '../util/translate.js';
import type { Choice } from './choices.js';

/** A place in the spec of a container or a sandbox. */
export interface FindingPlace {
  readonly runtime: RuntimeConnection;
  readonly id: string;
  readonly path?: JsonPath;
}

/** Choices under one heading. */
export interface FindingGroup {
  readonly title: string;
  readonly choices: readonly Choice<FindingPlace>[];
}

/** What was found by one runtime. */
export interface RuntimeFindings {
  readonly runtime: RuntimeConnection;
  readonly found: NodeFindings;
}

const icons = { high: '$(error)', medium: '$(warning)', low: '$(info)' } as const;

/** The findings of a node, the gravest first; then what the platform always does, and what couldn't be read. */
export function findingGroups(all: readonly RuntimeFindings[], t: Translate): readonly FindingGroup[] {
  const entries = all.flatMap(({ runtime, found }) =>
    found.read.flatMap((owner) => owner.findings.map((finding) => ({ runtime, owner, finding }))),
  );
  const choices = (wanted: (finding: SpecFinding) => boolean): readonly Choice<FindingPlace>[] =>
    entries
      .filter(({ finding }) => wanted(finding))
      .map(({ runtime, owner, finding }) => findingChoice(runtime, owner, finding, t));
  const unexpected = (severity: SpecFinding['severity']) => (finding: SpecFinding) =>
    finding.expected === undefined && finding.severity === severity;
  const groups = [
    { title: t('High'), choices: choices(unexpected('high')) },
    { title: t('Medium'), choices: choices(unexpected('medium')) },
    { title: t('Low'), choices: choices(unexpected('low')) },
    { title: t('Expected of the platform'), choices: choices(({ expected }) => expected !== undefined) },
    { title: t('Not read'), choices: all.flatMap(unreadChoices) },
  ];
  return groups.filter((group) => group.choices.length > 0);
}

function findingChoice(
  runtime: RuntimeConnection,
  owner: ContainerFindings,
  { severity, title, value, reason, expected, path }: SpecFinding,
  t: Translate,
): Choice<FindingPlace> {
  const pod = `${owner.namespace}/${owner.podName}`;
  const name = owner.containerName === undefined ? t('{0}, sandbox', pod) : `${pod} · ${owner.containerName}`;
  const words = [
    looksSecret('', value) ? '' : value,
    reason,
    ...(expected === undefined ? [] : [t('Expected here: {0}', expected)]),
  ];
  return {
    label: `${icons[severity]} ${inert(title)}`,
    description: inert(name),
    detail: words
      .filter((word) => word !== '')
      .map((word) => inert(word, 300))
      .join(' · '),
    value: { runtime, id: owner.id, path },
  };
}

function unreadChoices({ runtime, found }: RuntimeFindings): readonly Choice<FindingPlace>[] {
  return found.unread.map(({ id, name, reason }) => ({
    label: inert(name === '' ? id : name),
    description: id.slice(0, 13),
    detail: inert(reason, 300),
    value: { runtime, id },
  }));
}
