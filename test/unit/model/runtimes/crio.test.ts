import { describe, expect, it } from 'vitest';
import { ancestries } from './tables.js';

const pod = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podd1e8_11aa.slice';

describe('CRI-O, tables made from its public documentation', () => {
  it('conmon and crun with the systemd driver: scopes of their own, and crun’s group within', () => {
    const run = '/run/containers/storage/overlay-containers';
    const conmon = (id: string) =>
      `/usr/bin/conmon -b ${run}/${id}/userdata -c ${id} --exit-dir /var/run/crio/exits -n k8s_x -P ${run}/${id}/userdata/conmon-pidfile -r /usr/bin/crun --runtime-arg --root=/run/crun --socket-dir-path /var/run/crio --syslog -u ${id} -s`;
    const shown = ancestries({
      table: `
        1 0 /init.scope /usr/lib/systemd/systemd
        900 1 ${pod}/crio-conmon-SANDBOX.scope ${conmon('SANDBOX')}
        920 900 ${pod}/crio-SANDBOX.scope /usr/bin/pod
        940 1 ${pod}/crio-conmon-ONE.scope ${conmon('ONE')}
        960 940 ${pod}/crio-ONE.scope/container nginx`,
    });
    expect(shown).toEqual({
      SANDBOX: [
        ...['init 1 systemd', 'monitor 900 conmon', 'sandbox 920 pod'],
        `crun: ${run}/SANDBOX/userdata /run/crun/SANDBOX/status`,
        'by command line of conmon 900',
      ],
      ONE: [
        ...['init 1 systemd', 'monitor 940 conmon', 'container 960 nginx'],
        `crun: ${run}/ONE/userdata /run/crun/ONE/status`,
        'by command line of conmon 940',
      ],
    });
  });

  it('conmon without a pause container (drop_infra_ctr)', () => {
    const shown = ancestries({
      table: `
        1 0 /init.scope /usr/lib/systemd/systemd
        940 1 /system.slice/crio-conmon-ONE.scope /usr/bin/conmon -b /b/ONE/userdata -c ONE -r /usr/bin/youki --runtime-arg --root=/run/youki
        960 940 ${pod}/crio-ONE.scope nginx`,
    });
    expect(shown.SANDBOX).toEqual([expect.stringMatching(/drop_infra_ctr/)]);
    expect(shown.ONE).toEqual([
      ...['init 1 systemd', 'monitor 940 conmon', 'container 960 nginx'],
      'youki: /b/ONE/userdata /run/youki/ONE/state.json',
      'by command line of conmon 940',
    ]);
  });

  it('conmon-rs: one for the pod', () => {
    const storage = '/var/lib/containers/storage/overlay-containers';
    const shown = ancestries({
      containers: ['ONE', 'TWO'],
      table: `
        1 0 /init.scope /usr/lib/systemd/systemd
        900 1 ${pod}/crio-conmon-SANDBOX.scope /usr/libexec/crio/conmonrs --runtime /usr/libexec/crio/runc --runtime-dir ${storage}/SANDBOX/userdata --runtime-root /run/runc --log-level info --log-driver systemd --cgroup-manager systemd
        920 900 ${pod}/crio-SANDBOX.scope /pause
        960 900 ${pod}/crio-ONE.scope nginx
        970 900 ${pod}/crio-TWO.scope sh`,
    });
    const line = (id: string, first: string) => [
      ...['init 1 systemd', 'monitor 900 conmonrs', first],
      `runc: ${storage}/${id}/userdata /run/runc/${id}/state.json`,
      'by command line of conmon-rs 900; bundle: CRI-O’s persistent copy',
    ];
    expect(shown).toEqual({
      SANDBOX: line('SANDBOX', 'sandbox 920 pause'),
      ONE: line('ONE', 'container 960 nginx'),
      TWO: line('TWO', 'container 970 sh'),
    });
  });
});
