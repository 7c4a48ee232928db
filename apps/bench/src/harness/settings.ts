/** What was asked for on the command line. */
import { parseArgs } from 'node:util'

/** Which suites, how thoroughly, over what. */
export interface Settings {
  /** Names of the suites to run; all where none is named. */
  readonly suites: readonly string[]
  /** Fewer repetitions: to see that all runs, not to quote. */
  readonly isQuick: boolean
  /** Only workloads with this in their name. */
  readonly only: string | undefined
  /** How long each workload may wait for other processes to leave the machine alone, milliseconds. */
  readonly patienceMs: number
  /** Where the JSON goes; a dated file in `results/` where it is not said. */
  readonly jsonFile: string | undefined
  /** Where observations of real workloads are read from, or written to where there is none yet. */
  readonly observationsFile: string | undefined
}

const MS_PER_SECOND = 1000

/** Reads `[suite…] [--quick] [--only NAME] [--patience SECONDS] [--json FILE] [--observations FILE]`. */
export function readSettings(args: readonly string[], known: readonly string[]): Settings {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      patience: { type: 'string', default: '0' },
      json: { type: 'string' },
      observations: { type: 'string' },
    },
  })
  const unknown = positionals.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new Error(`Unknown suite ${unknown.join(', ')}; there are ${known.join(', ')}.`)
  }
  if (!(Number(values.patience) >= 0)) throw new Error('--patience takes seconds from 0.')
  return {
    suites: positionals.length === 0 ? known : positionals,
    isQuick: values.quick,
    only: values.only,
    patienceMs: Number(values.patience) * MS_PER_SECOND,
    jsonFile: values.json,
    observationsFile: values.observations,
  }
}
