import { describe, expect, it } from 'vitest';
import { ancestries, runcByShim } from './tables.js';

describe('Docker below dockershim in the kubelet, tables made from public documentation', () => {
  const kubelet = '600 1 /system.slice/kubelet.service /usr/bin/kubelet --network-plugin=cni';

  it('Docker 20.10: shims runc-v2 for each container, systemd driver', () => {
    const bundles = '/run/containerd/io.containerd.runtime.v2.task/moby';
    const pod = '/kubepods.slice/kubepods-pod1_2.slice';
    const shim = '/usr/bin/containerd-shim-runc-v2 -namespace moby -address /run/containerd/containerd.sock';
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        ${kubelet}
        700 1 /system.slice/docker.service /usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock
        900 1 /system.slice/containerd.service cwd=${bundles}/SANDBOX ${shim} -id SANDBOX
        920 900 ${pod}/docker-SANDBOX.scope /pause
        940 1 /system.slice/containerd.service cwd=${bundles}/ONE ${shim} -id ONE
        960 940 ${pod}/docker-ONE.scope etcd`,
    });
    expect(shown.ONE).toEqual([
      ...['init 1 init', 'shim 940 containerd-shim-runc-v2', 'container 960 etcd'],
      ...runcByShim(940, 'ONE', bundles, '/run/docker/runtime-runc/moby'),
    ]);
  });

  it('Docker 18.06: docker-containerd-shim, below docker-containerd and dockerd', () => {
    const state = '/var/run/docker/containerd/daemon/io.containerd.runtime.v1.linux/moby';
    const shim = (id: string) =>
      `cwd=${state}/${id} docker-containerd-shim -namespace moby -workdir /var/lib/docker/containerd/daemon/io.containerd.runtime.v1.linux/moby/${id} -address /var/run/docker/containerd/docker-containerd.sock -containerd-binary /usr/bin/docker-containerd -runtime-root /var/run/docker/runtime-runc`;
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        ${kubelet}
        700 1 /system.slice/docker.service /usr/bin/dockerd
        710 700 /system.slice/docker.service docker-containerd --config /var/run/docker/containerd/containerd.toml
        900 710 /system.slice/docker.service ${shim('SANDBOX')}
        920 900 /kubepods/podx/SANDBOX /pause
        940 710 /system.slice/docker.service ${shim('ONE')}
        960 940 /kubepods/podx/ONE etcd`,
    });
    const above = ['init 1 init', 'init 700 dockerd', 'init 710 docker-containerd'];
    const stateRoot = '/var/run/docker/runtime-runc/moby';
    expect(shown).toEqual({
      SANDBOX: [
        ...[...above, 'shim 900 docker-containerd-shim', 'sandbox 920 pause'],
        ...runcByShim(900, 'SANDBOX', state, stateRoot, true),
      ],
      ONE: [
        ...[...above, 'shim 940 docker-containerd-shim', 'container 960 etcd'],
        ...runcByShim(940, 'ONE', state, stateRoot, true),
      ],
    });
  });

  it('Docker 1.12: the shim’s arguments are the id, the bundle and the runtime', () => {
    const bundles = '/var/run/docker/libcontainerd';
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        ${kubelet}
        700 1 /system.slice/docker.service dockerd
        710 700 /system.slice/docker.service docker-containerd -l unix:///var/run/docker/libcontainerd/docker-containerd.sock --shim docker-containerd-shim
        900 710 /system.slice/docker.service docker-containerd-shim SANDBOX ${bundles}/SANDBOX docker-runc
        920 900 /kubepods/podx/SANDBOX /pause
        940 710 /system.slice/docker.service docker-containerd-shim ONE ${bundles}/ONE docker-runc
        960 940 /kubepods/podx/ONE etcd`,
    });
    expect(shown.ONE).toEqual([
      ...['init 1 init', 'init 700 dockerd', 'init 710 docker-containerd'],
      ...['shim 940 docker-containerd-shim', 'container 960 etcd'],
      `docker-runc: ${bundles}/ONE /run/runc/ONE/state.json`,
      'by command line of shim 940; state path assumed from the default /run/runc',
    ]);
  });
});
