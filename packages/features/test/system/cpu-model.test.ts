import { expect, test } from 'vitest'

import { cpuModelFromCpuinfo } from '../../src/system/cpu-model.ts'

test.each([
  ['model name\t: Intel(R)  Xeon(R) CPU @ 2.50GHz \n', 'Intel(R) Xeon(R) CPU @ 2.50GHz'],
  ['processor\t: 0\nBogoMIPS : 1\n\nModel\t\t: Raspberry Pi 4 Model B\n', 'Raspberry Pi 4 Model B'],
  ['cpu\t\t: POWER9, altivec supported\n', 'POWER9, altivec supported'],
  ['CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n', 'arm 0x41 0xd0c'],
  ['CPU implementer\t: 0x41\n', undefined],
  ['model name\t:\nmodel\t: 6\n', undefined],
  ['', undefined],
])('of %j the name is %j', (cpuinfo, name) => {
  expect(cpuModelFromCpuinfo(cpuinfo)).toBe(name)
})
