import type { Container, Sandbox } from '../model/snapshot.js';

const fields = ['state', 'ns', 'image', 'id', 'name', 'label'] as const;
type Field = (typeof fields)[number];

interface Term {
  /** Absent: any field. */
  readonly field?: Field;
  /** In lower case, not empty. */
  readonly text: string;
}

/** What a person typed into the filter box. All terms must match. */
export interface Filter {
  readonly text: string;
  readonly terms: readonly Term[];
}

/** A sandbox and those of its containers that a filter leaves. */
export interface Pod {
  readonly sandbox: Sandbox;
  readonly containers: readonly Container[];
}

/**
 * Parses `web state:running ns:kube-system image:nginx id:3f2a name:main label:app=web`. A word with any other
 * prefix is plain (`busybox:1.36`). Undefined when there is nothing to filter by.
 */
export function parseFilter(text: string): Filter | undefined {
  const terms = text.toLowerCase().split(/\s+/).flatMap(parseTerm);
  return terms.length === 0 ? undefined : { text: text.trim(), terms };
}

function parseTerm(word: string): Term[] {
  const colon = word.indexOf(':');
  const field = fields.find((name) => name === word.slice(0, colon));
  const text = field === undefined ? word : word.slice(colon + 1);
  if (text === '') return [];
  return [field === undefined ? { text } : { field, text }];
}

type Words = Readonly<Record<Field, readonly string[]>>;

/**
 * What is left of a sandbox: all of it when it matches by itself, else the containers that match together with
 * their sandbox's name, namespace and labels; undefined when none does.
 */
export function filterPod(sandbox: Sandbox, filter: Filter | undefined): Pod | undefined {
  if (filter === undefined) return { sandbox, containers: sandbox.containers };
  const own = sandboxWords(sandbox);
  if (matches(own, filter)) return { sandbox, containers: sandbox.containers };
  const containers = sandbox.containers.filter((container) =>
    matches(containerWords(container, own), filter),
  );
  return containers.length === 0 ? undefined : { sandbox, containers };
}

/** Whether a container without a sandbox matches. */
export function filterOrphan(container: Container, filter: Filter | undefined): boolean {
  return filter === undefined || matches(containerWords(container), filter);
}

function matches(words: Words, filter: Filter): boolean {
  return filter.terms.every(({ field, text }) =>
    field === undefined
      ? fields.some((each) => matchesField(words[each], each, text))
      : matchesField(words[field], field, text),
  );
}

function matchesField(values: readonly string[], field: Field, text: string): boolean {
  return values.some((value) => {
    const lower = value.toLowerCase();
    return field === 'id' || field === 'state' ? lower.startsWith(text) : lower.includes(text);
  });
}

const pairs = (labels: Readonly<Record<string, string>>): string[] =>
  Object.entries(labels).map(([key, value]) => `${key}=${value}`);

function sandboxWords(sandbox: Sandbox): Words {
  return {
    state: [sandbox.state],
    ns: [sandbox.namespace],
    image: [],
    id: [sandbox.id],
    name: [sandbox.name],
    label: pairs(sandbox.labels),
  };
}

function containerWords(container: Container, sandbox?: Words): Words {
  return {
    state: [container.state],
    ns: sandbox?.ns ?? [],
    image: [container.image, container.imageRef],
    id: [container.id],
    name: [container.name, ...(sandbox?.name ?? [])],
    label: [...pairs(container.labels), ...(sandbox?.label ?? [])],
  };
}
