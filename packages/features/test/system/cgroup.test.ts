import { expect, test } from 'vitest'

import { cgroupPath } from '../../src/system/cgroup.ts'
import { recording } from '../recorded-host.ts'

/** A line of mountinfo as the kernel writes it. */
function mount(root: string, point: string, type: string, options: string): string {
  return `36 35 0:31 ${root} ${point} rw,nosuid shared:9 - ${type} cgroup rw,${options}`
}

const UNIFIED = mount('/', '/sys/fs/cgroup', 'cgroup2', 'nsdelegate')

test('the groups go from the own one up to the mount', () => {
  const groups = cgroupPath('cpu', '0::/user.slice/user-1000.slice/app.scope\n', UNIFIED)

  expect(groups).toEqual({
    version: 2,
    isOwnGroupVisible: true,
    directories: [
      '/sys/fs/cgroup/user.slice/user-1000.slice/app.scope',
      '/sys/fs/cgroup/user.slice/user-1000.slice',
      '/sys/fs/cgroup/user.slice',
      '/sys/fs/cgroup',
    ],
  })
})

test('a hybrid system is read from the hierarchy that has the controller', () => {
  const membership = '4:memory:/job\n2:cpu,cpuacct:/\n0::/init.scope\n'
  const mounts = [
    mount('/', '/sys/fs/cgroup/unified', 'cgroup2', 'nsdelegate'),
    mount('/', '/sys/fs/cgroup/memory', 'cgroup', 'memory'),
  ].join('\n')

  expect(cgroupPath('memory', membership, mounts)?.directories[0]).toBe('/sys/fs/cgroup/memory/job')
  expect(cgroupPath('cpu', membership, mounts)?.version).toBe(2)
})

test('a container that sees only its own part of the tree is read at the mount', () => {
  const parts = recording('linux-cgroup1-quota-0.25')

  const groups = cgroupPath(
    'cpu',
    parts.get('/proc/self/cgroup')!,
    parts.get('/proc/self/mountinfo')!,
  )

  expect(groups).toEqual({
    version: 1,
    isOwnGroupVisible: true,
    directories: ['/sys/fs/cgroup/cpu,cpuacct'],
  })
})

test('of several mounts the one that shows the group is taken', () => {
  const mounts = [
    mount('/other', '/mnt/other', 'cgroup2', ''),
    mount('/docker/ab', '/mnt/own', 'cgroup2', ''),
  ].join('\n')

  const groups = cgroupPath('memory', '0::/docker/ab/init\n', mounts)

  expect(groups?.directories).toEqual(['/mnt/own/init', '/mnt/own'])
})

test.each([
  ['0::/', '/..'],
  ['0::/', '/../..'],
  ['0::/docker/ab', '/..'],
  ['0::/../sibling', '/..'],
  ['0::/../sibling', '/../..'],
  ['0::/../pod/b', '/../pod'],
])('of the group %s, hidden somewhere below a mount of %s, the top is read', (membership, root) => {
  const groups = cgroupPath('cpu', membership, mount(root, '/sys/fs/cgroup', 'cgroup2', ''))

  expect(groups).toEqual({
    version: 2,
    directories: ['/sys/fs/cgroup'],
    isOwnGroupVisible: false,
  })
})

test.each([
  ['0::/docker/ab', '/other'],
  ['0::/docker/ab', '/docker/ab/init'],
  ['0::/docker/ab', '/../docker'],
  ['0::/../sibling', '/'],
  ['0::/../sibling', '/sibling'],
  ['0::/../sibling', '/../other'],
  ['0::/../..', '/..'],
])('of the group %s, elsewhere than a mount of %s, nothing is read', (membership, root) => {
  const groups = cgroupPath('cpu', membership, mount(root, '/sys/fs/cgroup', 'cgroup2', ''))

  expect(groups).toEqual({ version: 2, directories: [], isOwnGroupVisible: false })
})

test('of several mounts that hide the group the one above it is read', () => {
  const mounts = [
    mount('/../other', '/mnt/other', 'cgroup2', ''),
    mount('/..', '/mnt/above', 'cgroup2', ''),
  ].join('\n')

  expect(cgroupPath('cpu', '0::/', mounts)?.directories).toEqual(['/mnt/above'])
})

test('a name that begins like the root of the mount is not below it', () => {
  const groups = cgroupPath('cpu', '0::/docker/abc', mount('/docker/ab', '/m', 'cgroup2', ''))

  expect(groups).toMatchObject({ directories: [], isOwnGroupVisible: false })
})

test('blanks in a path, which the kernel writes as octal numbers, are read', () => {
  const groups = cgroupPath('cpu', '0::/a b', mount('/', '/my\\040groups', 'cgroup2', ''))

  expect(groups?.directories).toEqual(['/my groups/a b', '/my groups'])
})

test.each(['', 'nonsense', '0:/', ':::', '1:cpu:relative'])(
  'the membership %j leads nowhere',
  (membership) => {
    expect(cgroupPath('cpu', membership, UNIFIED)).toBe(undefined)
  },
)

test('without a mount there is nothing to read', () => {
  expect(cgroupPath('cpu', '0::/a', '')).toBe(undefined)
  expect(cgroupPath('cpu', '0::/a', '36 35 0:31 / /x rw - tmpfs tmpfs rw')).toBe(undefined)
})
