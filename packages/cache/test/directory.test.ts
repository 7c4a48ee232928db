import { resolve } from 'node:path'

import { expect, test } from 'vitest'

import { defaultDirectory } from '../src/directory.ts'

const home = (): string => '/home/someone'

test.each([
  ['linux', {}, '/home/someone/.cache/amorsize'],
  ['linux', { XDG_CACHE_HOME: '/caches' }, '/caches/amorsize'],
  ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/someone/.cache/amorsize'],
  ['linux', { XDG_CACHE_HOME: '' }, '/home/someone/.cache/amorsize'],
  ['darwin', { XDG_CACHE_HOME: '/caches' }, '/home/someone/Library/Caches/amorsize'],
  ['win32', {}, '/home/someone/AppData/Local/amorsize'],
  ['win32', { LOCALAPPDATA: '/local' }, '/local/amorsize'],
  ['linux', { AMORSIZE_CACHE_DIR: '/chosen', XDG_CACHE_HOME: '/caches' }, '/chosen'],
  ['linux', { AMORSIZE_CACHE_DIR: 'chosen' }, resolve('chosen')],
] as const)('on %s with %j the folder is %s', (platform, env, folder) => {
  expect(defaultDirectory({ platform, env, home })).toBe(folder)
})

test.each([
  [
    'throws',
    () => {
      throw new Error('no such user')
    },
  ],
  ['is empty', () => ''],
  ['is relative', () => 'home'],
])('where the home folder %s there is no default', (_what, nowhere) => {
  expect(defaultDirectory({ platform: 'linux', env: {}, home: nowhere })).toBeUndefined()
})
