/**
 * Where the control groups of this process are. A process is in one group of each hierarchy
 * (version 1 has several hierarchies, version 2 has one), a limit of any ancestor binds it too, and
 * a container may see only a part of the tree.
 */

/** A resource that a control group limits. */
export type Controller = 'cpu' | 'memory'

/** The groups that bind this process for one resource. */
export interface CgroupPath {
  /** Version of the hierarchy, which decides the names of its files. */
  readonly version: 1 | 2
  /**
   * Directories from the process's own group up to the top of what is mounted; empty where only
   * groups are mounted that the process is not in.
   */
  readonly directories: readonly string[]
  /** False where no mount shows the process's own group, so that at most a top can be read. */
  readonly isOwnGroupVisible: boolean
}

interface Mount {
  readonly root: string
  readonly point: string
}

/**
 * Finds the groups that bind this process.
 *
 * @param controller - The resource.
 * @param membership - `/proc/self/cgroup`.
 * @param mountinfo - `/proc/self/mountinfo`.
 * @returns The groups; `undefined` where no mounted hierarchy limits the resource.
 */
export function cgroupPath(
  controller: Controller,
  membership: string,
  mountinfo: string,
): CgroupPath | undefined {
  return (
    pathIn(
      1,
      groupOf(membership, (names) => names.includes(controller)),
      mountinfo,
      controller,
    ) ??
    pathIn(
      2,
      groupOf(membership, (names) => names.length === 0),
      mountinfo,
      controller,
    )
  )
}

/** Lines are `<hierarchy>:<controllers>:<path>`; version 2 is the one without controllers. */
function groupOf(
  membership: string,
  isWanted: (controllers: readonly string[]) => boolean,
): string | undefined {
  for (const line of membership.split('\n')) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line)
    if (match === null) continue
    const controllers = match[1]!.split(',').filter((name) => name !== '')
    if (isWanted(controllers)) return match[2]
  }
  return undefined
}

function pathIn(
  version: 1 | 2,
  group: string | undefined,
  mountinfo: string,
  controller: Controller,
): CgroupPath | undefined {
  if (group === undefined) return undefined
  const mounts = mountsOf(version, mountinfo, controller)
  for (const mount of mounts) {
    const directory = directoryOf(group, mount)
    if (directory === undefined) continue
    return { version, directories: ancestors(mount.point, directory), isOwnGroupVisible: true }
  }
  if (mounts.length === 0) return undefined
  const above = mounts.find(({ root }) => isWithin(group, root))
  return { version, directories: above ? [above.point] : [], isOwnGroupVisible: false }
}

/** Lines are `… <root> <mount point> <options> … - <type> <source> <super options>`. */
function mountsOf(version: 1 | 2, mountinfo: string, controller: Controller): Mount[] {
  const mounts: Mount[] = []
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ')
    const [, , , root, point] = left?.split(' ') ?? []
    const [type, , options] = right?.split(' ') ?? []
    if (root === undefined || point === undefined) continue
    const isWanted =
      version === 2
        ? type === 'cgroup2'
        : type === 'cgroup' && (options ?? '').split(',').includes(controller)
    if (isWanted) mounts.push({ root: unescaped(root), point: unescaped(point) })
  }
  return mounts
}

/** The kernel writes blanks and backslashes of a path as octal numbers. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  )
}

/**
 * Directory of a group under a mount, which shows the tree from its root downwards. Both are paths
 * as the process's namespace sees them: what is above the namespace has `..` in it.
 */
function directoryOf(group: string, { root, point }: Mount): string | undefined {
  if (`${group}/${root}`.split('/').includes('..')) return undefined
  if (group === root) return point
  if (root === '/') return point + group
  return group.startsWith(`${root}/`) ? point + group.slice(root.length) : undefined
}

/**
 * Whether a group is a mount's root or below it, though the names in between may be hidden: where the
 * two paths part, the root's goes on upwards only, and the group's does not.
 */
function isWithin(group: string, root: string): boolean {
  const groupNames = namesOf(group)
  const rootNames = namesOf(root)
  let shared = 0
  while (shared < rootNames.length && rootNames[shared] === groupNames[shared]) shared++
  return rootNames.slice(shared).every((name) => name === '..') && groupNames[shared] !== '..'
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}

function ancestors(point: string, directory: string): string[] {
  const directories = [directory]
  for (let path = directory; path.length > point.length;) {
    path = path.slice(0, path.lastIndexOf('/'))
    directories.push(path)
  }
  return directories
}
