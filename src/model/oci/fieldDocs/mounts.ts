import { list, record, says, type Field } from './field.js';

const mountMapping = (what: string): Field =>
  says(`Maps the ${what} ids of the mounted files only (an id-mapped mount, mount_setattr(2)).`, {
    items: {
      fields: record({ containerID: 'First id.', hostID: 'What it is shown as.', size: 'How many.' }),
    },
  });

export const mounts: Field = list(
  'What is mounted in the container besides its root, in this order, before the process starts.',
  {
    text: 'One mount, as mount(8) would take it.',
    fields: {
      ...record({
        destination: 'Where it appears inside the container: an absolute path.',
        source: 'What is mounted: a device, a file or folder of the host for a bind mount, or a dummy name.',
        type: 'The filesystem type, as in /proc/filesystems. Of a bind mount it says nothing.',
      }),
      options: list(
        'Mount flags and filesystem options. `bind` and `rbind` mount a path of the host; `ro` makes it read-only; ' +
          '`rprivate`, `rslave`, `rshared` say whether later mounts travel in or out.',
        'A mount option, see mount(8).',
      ),
      uidMappings: mountMapping('user'),
      gidMappings: mountMapping('group'),
    },
  },
  'config.md, Mounts',
);
