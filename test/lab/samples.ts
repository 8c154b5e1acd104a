import type { PodSpec } from './pods.js';

const forever = 'while :; do sleep 3600 & wait; done';
const MiB = 1024 * 1024;

const twoContainers: PodSpec = {
  name: 'web-7d4b9c6f5-x2vlp',
  labels: { app: 'web', 'pod-template-hash': '7d4b9c6f5' },
  containers: [
    { name: 'server', command: ['httpd', '-f', '-p', '8080', '-h', '/tmp'], user: 1000 },
    { name: 'sidecar', command: ['sh', '-c', 'i=0; while :; do echo "probe $((i=i+1)) ok"; sleep 5; done'] },
  ],
};

const crashing: PodSpec = {
  name: 'payments-crash-0',
  namespace: 'shop',
  labels: { app: 'payments' },
  containers: [
    {
      name: 'payments',
      command: [
        'sh',
        '-c',
        'echo starting payments; sleep 1; echo "panic: no database at db:5432" >&2; exit 3',
      ],
      restart: true,
    },
  ],
};

const chatty: PodSpec = {
  name: 'chatty-logger',
  namespace: 'shop',
  labels: { app: 'chatty' },
  containers: [
    {
      name: 'logger',
      command: [
        'sh',
        '-c',
        `i=0
while :; do
  i=$((i+1))
  printf '\\033[32mINFO\\033[0m  request %d served in \\033[1m%d ms\\033[0m\\n' $i $((i*7%90))
  [ $((i%5)) = 0 ] && printf '\\033[31mERROR\\033[0m upstream timed out, request %d\\n' $i >&2
  [ $((i%7)) = 0 ] && { printf 'uploading '; sleep 0.2; printf '%d%% ' 10 50 100; echo done; }
  # A line of 40,000 bytes: the runtime cuts it into parts of 16 KiB, tagged P.
  [ $((i%20)) = 0 ] && { head -c 40000 /dev/zero | tr '\\0' x; echo; }
  sleep 1
done`,
      ],
    },
  ],
};

const tree: PodSpec = {
  name: 'worker-tree',
  namespace: 'batch',
  qos: 'guaranteed',
  labels: { app: 'worker' },
  containers: [
    {
      name: 'supervisor',
      command: [
        'sh',
        '-c',
        `sh -c '(sleep 3601 & sleep 3602 & wait) & sleep 3603 & wait' & sleep 3604 & ${forever}`,
      ],
      cpuLimit: 250,
      memoryLimit: 64 * MiB,
    },
  ],
};

const secrets: PodSpec = {
  name: 'vault-agent-5c9d8',
  namespace: 'kube-system',
  qos: 'besteffort',
  annotations: { 'example.com/team': 'platform' },
  containers: [
    {
      name: 'agent',
      command: ['sh', '-c', `echo agent is up; ${forever}`],
      env: {
        APP_MODE: 'production',
        DATABASE_PASSWORD: 'correct-horse-battery-staple',
        API_TOKEN: 'tok_live_51Habcdefghijklmnop',
        AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
        DATABASE_URL: 'postgres://app:hunter2@db:5432/app',
        HTTP_PROXY: '',
      },
      addCapabilities: ['NET_ADMIN', 'SYS_PTRACE'],
      dropCapabilities: ['MKNOD', 'AUDIT_WRITE'],
      readOnlyRoot: true,
      cpuLimit: 500,
      memoryLimit: 128 * MiB,
    },
  ],
};

/** Pods with something to show in every panel. */
export const samplePods: readonly PodSpec[] = [twoContainers, crashing, chatty, tree, secrets];
