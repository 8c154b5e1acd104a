import type { ProcessInfo } from '../process.js';
import { commandLine } from '../shell.js';
import type { Container, Sandbox } from '../snapshot.js';
import { clip, visible } from '../visible.js';
import type { StoryStep } from './graph.js';
import { partsOf, programIn } from './parts.js';

/** A moment that was looked for. */
export interface Looked {
  /** The file that tells it; absent when not even that is known. */
  readonly path?: string;
  /** Milliseconds since the epoch. */
  readonly at?: number;
  /** Where the time is from, or why there is none. */
  readonly source: string;
}

/** What the low-level runtime's files say of a sandbox or a container. */
export interface BundleTimes {
  /** The bundle's config.json was written. */
  readonly config: Looked;
  /** The file with the first process's pid was written: init.pid of a shim, the pidfile of conmon. */
  readonly pidFile: Looked;
  /** The low-level runtime's state says when it was made. */
  readonly state: Looked;
}

export interface StoryFacts {
  /** CRI's runtime_name. */
  readonly runtime: string;
  readonly sandbox?: Sandbox;
  readonly sandboxTimes?: BundleTimes;
  readonly network?: Looked;
  /** Absent when the story is the sandbox's own. */
  readonly container?: Container;
  readonly containerTimes?: BundleTimes;
  /** CRI's ContainerStatus; absent when the runtime doesn't answer, which `statusReason` says. */
  readonly status?: {
    readonly startedAt?: number;
    readonly finishedAt?: number;
    readonly exitCode?: number;
    readonly reason: string;
  };
  readonly statusReason?: string;
}

/** Who does what, by the runtime. */
interface Words {
  readonly server: string;
  /** Who writes the bundle and starts the monitor. */
  readonly maker: string;
  /** Whether the low-level runtime makes the container at CreateContainer; else at StartContainer. */
  readonly makesAtCreate: boolean;
}

function wordsOf(runtime: string): Words {
  if (runtime === 'docker')
    return { server: 'cri-dockerd', maker: 'Docker’s containerd', makesAtCreate: false };
  const server = runtime === 'cri-o' ? 'CRI-O' : runtime;
  return { server, maker: server, makesAtCreate: runtime === 'cri-o' };
}

/** How a sandbox or container came to be, from the kubelet's request on, in the order in which it happened. */
export function tellStory(facts: StoryFacts): readonly StoryStep[] {
  const words = wordsOf(facts.runtime);
  return [
    ...sandboxSteps(facts, words),
    ...(facts.container ? containerSteps(facts, facts.container, words) : []),
  ];
}

const step = (text: string, { at, source }: Looked): StoryStep => ({
  text,
  source,
  ...(at === undefined ? {} : { at }),
});
const unknown = (source: string): Looked => ({ source });

function sandboxSteps(
  { sandbox, sandboxTimes, network, runtime }: StoryFacts,
  words: Words,
): readonly StoryStep[] {
  const { server } = words;
  const asked = step(
    `The kubelet asked ${server} over its CRI socket for a sandbox (RunPodSandbox), the pod’s surroundings.`,
    unknown('Nobody keeps the time of the request; the sandbox’s own times follow it closely.'),
  );
  if (!sandbox)
    return [asked, step('The sandbox is gone.', unknown('The runtime does not list it any more.'))];
  const recorded = step(`${server} recorded the sandbox of ${sandbox.namespace}/${sandbox.name}.`, {
    at: sandbox.createdAt,
    source: 'created_at of the CRI’s PodSandbox',
  });
  const networked = network
    ? [step(`${networkMaker(runtime)} and CNI gave it its interfaces.`, network)]
    : [];
  // Which of the two comes first differs between runtimes and their versions; a file's time may be cut to a second.
  const networkFirst = network?.at !== undefined && network.at + 1000 <= sandbox.createdAt;
  const made = networkFirst ? [...networked, recorded] : [recorded, ...networked];
  return [asked, ...made, ...madeSteps({ kind: 'sandbox', of: sandbox }, sandboxTimes, words)];
}

const networkMaker = (runtime: string): string =>
  `${wordsOf(runtime).server} made the pod’s network namespace,`;

function containerSteps(facts: StoryFacts, container: Container, words: Words): readonly StoryStep[] {
  const { sandbox, containerTimes } = facts;
  const made = madeSteps({ kind: 'container', of: container }, containerTimes, words, sandbox);
  const startAsked =
    container.state === 'created'
      ? []
      : [
          step(
            `The kubelet asked ${words.server} to start the container (StartContainer).`,
            unknown('Nobody keeps the time of the request.'),
          ),
        ];
  return [
    ...attempts(container, sandbox),
    step(
      `The image ${shown(container.image)} was there already, or the kubelet had it pulled (PullImage).`,
      unknown('The CRI does not tell when an image was pulled.'),
    ),
    step(
      `The kubelet asked ${words.server} to create the container (CreateContainer), and it was recorded.`,
      {
        at: container.createdAt,
        source: 'created_at of the CRI’s Container',
      },
    ),
    ...(words.makesAtCreate ? [...made, ...startAsked] : [...startAsked, ...made]),
    ...startSteps(facts, container),
  ];
}

/** The attempts before this one, oldest first. */
function attempts(container: Container, sandbox: Sandbox | undefined): readonly StoryStep[] {
  const before = (sandbox?.containers ?? []).filter(
    ({ name, attempt }) => name === container.name && attempt < container.attempt,
  );
  const missing = container.attempt - before.length;
  const gone = step(
    `${missing} earlier ${missing === 1 ? 'attempt' : 'attempts'} of the container came before and went.`,
    unknown('The kubelet has had them removed; their number is in the container’s metadata.'),
  );
  const listed = before.toReversed().map(({ attempt, createdAt, state }) =>
    step(`Attempt ${attempt} of the same container was created; it is ${state} now.`, {
      at: createdAt,
      source: 'created_at of the CRI’s Container',
    }),
  );
  return [...(missing > 0 ? [gone] : []), ...listed];
}

interface Made {
  readonly kind: 'sandbox' | 'container';
  readonly of: Sandbox | Container;
}

/** From the bundle to the first process. */
function madeSteps(
  { kind, of }: Made,
  times: BundleTimes | undefined,
  { maker }: Words,
  pod?: Sandbox,
): readonly StoryStep[] {
  const { monitor, first } = partsOf(of.ancestry);
  if (!times || !first) {
    const why = of.ancestry.reason ?? 'No process of it is known.';
    return [step(`The ${kind}’s bundle, monitor and first process are not known.`, unknown(why))];
  }
  const name = of.ancestry.lowLevel?.name ?? 'the low-level runtime';
  const bundle = step(
    `${maker} wrote the ${kind}’s bundle with its config.json, which says what to run and how.`,
    times.config,
  );
  const monitored = monitor ? [monitorStep(monitor, maker, pod)] : [];
  if (kind === 'container' && first.pid === pod?.pid) {
    const inside = `It was started inside of ${programIn(first)} (pid ${first.pid}), the pod’s own process.`;
    return [
      bundle,
      ...monitored,
      step(inside, unknown('What happens behind the pod’s own kernel the node does not see.')),
    ];
  }
  return [
    bundle,
    ...monitored,
    step(`${name} read it and started process ${first.pid}, which waited to be let go.`, startOf(first)),
    step(`${name} wrote its own state.`, times.state),
    step(`${name} wrote the process’s pid to a file for its monitor, and exited.`, times.pidFile),
  ];
}

function monitorStep(monitor: ProcessInfo, maker: string, pod: Sandbox | undefined): StoryStep {
  const program = `${programIn(monitor)} (pid ${monitor.pid})`;
  const same = pod && partsOf(pod.ancestry).monitor?.pid === monitor.pid;
  return same
    ? step(
        `${maker} asked ${program}, which has been there since the sandbox, to make the container.`,
        unknown('A monitor keeps no times.'),
      )
    : step(`${maker} started ${program}, which stays beside it and outlives ${maker}.`, startOf(monitor));
}

const startOf = ({ pid, startedAt }: ProcessInfo): Looked => ({
  at: Math.round(startedAt),
  source: `start time in /proc/${pid}/stat, to a hundredth of a second`,
});

/** What CRI's status says of the start and the end. */
function startSteps(
  { status, statusReason }: StoryFacts,
  { state, ancestry }: Container,
): readonly StoryStep[] {
  const why = statusReason ?? 'The CRI’s ContainerStatus tells no time.';
  const { first } = partsOf(ancestry);
  const name = ancestry.lowLevel?.name ?? 'The low-level runtime';
  const what = first ? `: ${shown(commandLine(first.command))}` : '';
  const source = 'of the CRI’s ContainerStatus';
  if (state === 'created') {
    return [
      step('It has not been started (StartContainer) yet.', unknown('The CRI says that it is created.')),
    ];
  }
  const started = step(
    `${name} let the waiting process go, and it became the container’s program${what}.`,
    status?.startedAt === undefined ? unknown(why) : { at: status.startedAt, source: `started_at ${source}` },
  );
  if (state !== 'exited') return [started];
  const { exitCode, reason = '', finishedAt } = status ?? {};
  const how = [
    exitCode === undefined ? '' : ` with code ${exitCode}`,
    reason === '' ? '' : ` (${shown(reason)})`,
  ];
  const ended = finishedAt === undefined ? unknown(why) : { at: finishedAt, source: `finished_at ${source}` };
  return [started, step(`Its first process ended${how.join('')}.`, ended)];
}

const shown = (text: string): string => clip(visible(text), 200);
