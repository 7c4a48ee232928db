/** The simulation of a pool beside real runs on this machine, in the same process and minutes. */
import { cpuSnapshot, detectSystem, foreignCpuShare } from '@amorsize/features/system'
import { median } from '@amorsize/features'
import type { PreparedTask } from '@amorsize/sampler'
import { prepareTask, TaskPool } from '@amorsize/sampler'

import type { SuiteReport } from '../harness/report.ts'
import { measureCallerStartUp } from '../simulation/caller-start-up.ts'
import { HELD_WORKLOADS } from '../simulation/held-workloads.ts'
import type { HeldWorkload } from '../simulation/held-workloads.ts'
import { measureDispatch, measureInputs, medianInputs } from '../simulation/measured-inputs.ts'
import type { MeasuredInputs } from '../simulation/measured-inputs.ts'
import { runForReal } from '../simulation/real-run.ts'
import { simulatePool } from '../simulation/simulate-pool.ts'

const ROUNDS = 7
const LARGEST_MEDIAN_ERROR = 0.1

/** Most workers of any plan: all are warm before anything is measured, but for the cold cases. */
const MOST_WORKERS = 6

/** Plans of a cold pool, for a map that is long enough to start workers for. */
const COLD_WORKERS = [1, 2]
const COLD_CHUNK_SIZE = 5
const COLD_NAME = 'items of 2 ms'

interface Case {
  readonly workload: HeldWorkload
  readonly workers: number
  readonly chunkSize: number
  readonly isCold: boolean
  readonly measuredMs: number[]
}

interface Subject {
  readonly workload: HeldWorkload
  readonly task: PreparedTask<unknown, unknown>
  readonly inputs: MeasuredInputs[]
  readonly cases: Case[]
}

/** Prints each case and gives the median error. */
export async function benchSimulation(): Promise<SuiteReport> {
  const { usableCores } = detectSystem()
  const subjects = HELD_WORKLOADS.map(subjectOf)
  const dispatches: { dispatchMs: number; mainDispatchMs: number }[] = []
  const startUps: number[] = []
  const callerStartUps = { worker_threads: [] as number[], child_process: [] as number[] }
  const cpuBefore = cpuSnapshot()
  await using pool = new TaskPool()
  for (let round = -1; round < ROUNDS; round++) {
    const isCounted = round >= 0
    const dispatch = await measureDispatch(pool, subjects[0]!.task.definition)
    const startUpMs = await timeStartUp(subjects[0]!)
    if (isCounted) {
      dispatches.push(dispatch)
      startUps.push(startUpMs)
      await timeCallerStartUps(subjects[0]!, callerStartUps)
    }
    for (const subject of subjects) {
      const inputs = await measureRound(pool, subject, dispatch.dispatchMs, isCounted)
      if (isCounted) subject.inputs.push(inputs)
    }
  }

  const dispatch = {
    dispatchMs: median(dispatches.map(({ dispatchMs }) => dispatchMs)),
    mainDispatchMs: median(dispatches.map(({ mainDispatchMs }) => mainDispatchMs)),
    startUpMs: median(startUps),
    // Where it is not known, it is left out.
    mainStartUpMs:
      callerStartUps.worker_threads.length > 0 ? median(callerStartUps.worker_threads) : 0,
  }
  const foreignShare = foreignCpuShare(cpuBefore, cpuSnapshot()) ?? 0
  console.log(
    `\n  start-up ${dispatch.startUpMs.toFixed(1)} ms, chunk ${(dispatch.dispatchMs * 1000).toFixed(0)} us (${(dispatch.mainDispatchMs * 1000).toFixed(0)} us of it on the caller’s thread), others used ${Math.round(foreignShare * 100)} % of the machine`,
  )
  const cases = subjects.flatMap((subject) => {
    const { cloneMs, ...inputs } = medianInputs(subject.inputs)
    console.log(`  ${subject.workload.name}: ${describe(inputs, cloneMs)}`)
    return subject.cases.map(({ workers, chunkSize, isCold, measuredMs }) => {
      const warmWorkers = isCold ? 0 : workers
      const { makespanMs } = simulatePool({
        ...inputs,
        workers,
        chunkSize,
        dispatch: { ...dispatch, cloneMs, warmWorkers },
        cores: usableCores,
      })
      const measured = median(measuredMs)
      const error = makespanMs / measured - 1
      console.log(
        `    ${workers} ${isCold ? 'cold' : 'warm'}, chunks of ${String(chunkSize).padStart(4)}: measured ${measured.toFixed(1).padStart(7)} ms, simulated ${makespanMs.toFixed(1).padStart(7)} ms, ${(error * 100).toFixed(0).padStart(4)} %`,
      )
      const { name } = subject.workload
      return { name, workers, chunkSize, isCold, measuredMs: measured, simulatedMs: makespanMs }
    })
  })
  const errors = cases.map(({ measuredMs, simulatedMs }) => Math.abs(simulatedMs / measuredMs - 1))
  const medianError = median(errors)
  return {
    findings: [
      {
        what: `simulated / measured makespan, ${errors.length} cases, median absolute error`,
        target: `<= ${LARGEST_MEDIAN_ERROR * 100} %`,
        measured: `${(medianError * 100).toFixed(1)} %`,
        isMet: medianError <= LARGEST_MEDIAN_ERROR,
      },
      ...Object.entries(callerStartUps).map(([runtime, times]) => ({
        what: `calling thread’s time on a core for starting one of four workers, ${runtime}`,
        measured: times.length === 0 ? 'known on Linux only' : `${median(times).toFixed(1)} ms`,
      })),
    ],
    details: { dispatch, cases },
  }
}

function describe(
  { itemTimesMs, contention = 0, waitShare = 0 }: Omit<MeasuredInputs, 'cloneMs'>,
  cloneMs: number,
): string {
  const totalMs = Array.from(itemTimesMs).reduce((sum, timeMs) => sum + timeMs, 0)
  return `${itemTimesMs.length} items of ${((totalMs / itemTimesMs.length) * 1000).toFixed(1)} us, clone ${(cloneMs * 1000).toFixed(2)} us, contention ${contention.toFixed(2)}, waiting ${waitShare.toFixed(2)}`
}

function subjectOf(workload: HeldWorkload): Subject {
  const cases = workload.plans.map(([workers, chunkSize]) => ({
    workload,
    workers,
    chunkSize,
    isCold: false,
    measuredMs: [],
  }))
  const cold = COLD_WORKERS.map((workers) => ({
    workload,
    workers,
    chunkSize: COLD_CHUNK_SIZE,
    isCold: true,
    measuredMs: [],
  }))
  return {
    workload,
    task: prepareTask(workload.task as (item: unknown) => unknown, undefined),
    inputs: [],
    cases: workload.name === COLD_NAME ? [...cases, ...cold] : cases,
  }
}

/** Inputs first, then each case once: what the machine does meanwhile falls on all of them. */
async function measureRound(
  pool: TaskPool,
  { workload, task, cases }: Subject,
  dispatchMs: number,
  isCounted: boolean,
): Promise<MeasuredInputs> {
  const { items } = workload
  await runForReal(pool, task.definition, items.slice(0, MOST_WORKERS * 2), {
    workers: MOST_WORKERS,
    chunkSize: 1,
  })
  const inputs = await measureInputs(pool, task.definition, items, dispatchMs)
  for (const each of cases) {
    const { makespanMs } = each.isCold
      ? await runCold(task, each)
      : await runForReal(pool, task.definition, items, each)
    if (isCounted) each.measuredMs.push(makespanMs)
  }
  return inputs
}

async function runCold(
  task: PreparedTask<unknown, unknown>,
  each: Case,
): Promise<{ makespanMs: number }> {
  await using cold = new TaskPool()
  return await runForReal(cold, task.definition, each.workload.items, each)
}

async function timeStartUp({ task }: Subject): Promise<number> {
  await using cold = new TaskPool()
  const startMs = performance.now()
  await cold.runChunk(task.definition, [], { maxWorkers: 1 })
  return performance.now() - startMs
}

async function timeCallerStartUps(
  { task }: Subject,
  times: Record<'worker_threads' | 'child_process', number[]>,
): Promise<void> {
  for (const runtime of ['worker_threads', 'child_process'] as const) {
    const startUpMs = await measureCallerStartUp(task.definition, runtime)
    if (startUpMs !== undefined) times[runtime].push(startUpMs)
  }
}
