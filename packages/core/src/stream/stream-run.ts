/** A stream from its first item to its last: the decision, the plans one after the other, the end. */
import { WorkerExitError } from '@amorsize/sampler'
import type { Data, Task } from '@amorsize/sampler'

import { keepToWorkers } from '../decide/weighing.ts'
import type { Decision } from '../decide/source.ts'
import { tell } from '../diagnostics.ts'
import type { DiagnosticMessages } from '../diagnostics.ts'
import { ItemRun } from '../executors/async.ts'
import { ChunkRun } from '../executors/chunk-run.ts'
import type { ExecutionCosts, MeasuredRun } from '../executors/executor.ts'
import { totalOf } from '../executors/total-costs.ts'
import { explainDecision } from '../explain.ts'
import type { ItemFailure } from '../item-failures.ts'
import { learnFromStream } from '../learn.ts'
import { decide, tellDecision } from '../decide/decide.ts'
import { forItems } from '../decide/for-items.ts'
import type { StreamOptions } from '../options.ts'
import { ProgressReporter } from '../progress.ts'
import type { Replanner } from '../replan.ts'
import { createRequest } from '../request.ts'
import type { Request } from '../request.ts'
import { announce, replannerOf } from '../run-plan.ts'
import { readHead } from './head.ts'
import { ItemFeed } from './item-feed.ts'
import type { Entry } from './item-feed.ts'
import { Outputs } from './outputs.ts'
import type { Outcome } from './outputs.ts'
import { ParallelPhase } from './parallel-phase.ts'
import type { Phase } from './phase.ts'
import { SerialPhase } from './serial-phase.ts'
import { StreamWork } from './stream-work.ts'

/** One pass over a stream. */
export class StreamRun<I, O> {
  readonly #feed: ItemFeed<I>
  readonly #options: StreamOptions<unknown>
  readonly #outputs: Outputs<O>
  readonly #work: StreamWork<I, O>
  readonly #reporter: ProgressReporter | undefined
  readonly #startMs: number = performance.now()
  readonly #costs: ExecutionCosts[] = []
  #openedMs = 0
  #doneCount = 0
  #failedCount = 0
  #hasEndedWorker = false
  #hasEnded = false
  /** What {@link StreamRun.open} finds out. */
  #plans: { request: Request<I, O>; decision: Decision<O>; replanner: Replanner } | undefined
  #phase: Phase<O> | undefined

  constructor(data: Data<I>, options: StreamOptions<unknown>) {
    const { ordered = true, window, onError, onProgress } = options
    this.#feed = new ItemFeed(data)
    this.#options = options
    this.#outputs = new Outputs(ordered)
    this.#reporter = onProgress && new ProgressReporter(onProgress)
    this.#work = new StreamWork(this.#feed, this.#outputs, {
      window,
      endsOnFailure: onError !== 'collect',
      onOutcome: this.#noteOutcome,
    })
  }

  /** Samples the head and decides. */
  async open<C>(task: Task<I, O, C>): Promise<void> {
    const { window = Infinity, signal } = this.#options
    const head = await readHead(this.#feed, window, signal)
    const failures = new Map<number, ItemFailure>()
    const request = await createRequest<I, O, C>(
      task,
      head.map(({ item }) => item),
      this.#options as StreamOptions<C>,
      {
        onItemError: (failure) => failures.set(failure.index, failure),
        streamLength: this.#feed.total,
      },
    )
    const decision = await decide(request)
    this.#takeOverSample(head, decision, failures)
    const whole = withAllItems(decision, request, this.#feed)
    tellDecision(request, whole)
    request.say(() => explainDecision(whole, head.length, performance.now() - this.#startMs))
    this.#openedMs = performance.now()
    this.#plans = { request, decision: whole, replanner: replannerOf(request, whole) }
    this.#phase = await this.#startPhase()
  }

  /** The next outcome, a promise only where it is not there yet; `undefined` at the end of a plan. */
  next(): Outcome<O> | undefined | Promise<Outcome<O> | undefined> {
    return this.#phase!.next()
  }

  /**
   * Ends the work and the source: nothing is read or started when it resolves.
   *
   * @param hasFailed - Whether somebody waits for the error that ended it: not for long for the source.
   * @throws What the source throws.
   */
  async end(hasFailed: boolean): Promise<void> {
    await this.#endPhase()
    this.#hasEnded = true
    if (this.#plans) {
      const { request, decision } = this.#plans
      if (this.#hasEndedWorker) await keepToWorkers(request)
      // A run that failed says nothing of its plan.
      const run = { ...totalOf(this.#costs), ...this.#outcome }
      if (!hasFailed) learnFromStream(request, decision, run)
    }
    await this.#feed.end(hasFailed)
  }

  /** Says that the stream ended well: with its last item, or because its consumer had enough. */
  tellEnd(): void {
    tell('end', () => this.#report())
  }

  /**
   * The first outcome under the next plan; `undefined` where nothing is left.
   * @throws What the source threw.
   */
  async nextPhase(): Promise<Outcome<O> | undefined> {
    await this.#endPhase()
    const { request, decision, replanner } = this.#plans!
    if (!this.#feed.isDone) {
      // A change that was called off leaves the plan as it was.
      const replan = replanner.takeOver(this.#costs.at(-1)?.lostWorkers ?? 0)
      if (replan) announce(request, decision, replan)
      this.#phase = await this.#startPhase()
      return (await this.next()) ?? this.nextPhase()
    }
    if (this.#feed.error) throw this.#feed.error.thrown
    this.#reporter?.report(this.#doneCount, this.#doneCount)
    return undefined
  }

  async #endPhase(): Promise<void> {
    if (!this.#phase) return
    await this.#phase.end()
    this.#costs.push(this.#phase.costs)
    this.#phase = undefined
  }

  /** What was sampled is on its way out, what was not is to be run. */
  #takeOverSample(
    head: readonly Entry<I>[],
    { results }: Decision<O>,
    failures: ReadonlyMap<number, ItemFailure>,
  ): void {
    this.#feed.giveBack(head.filter(({ position }) => !results?.has(position)))
    for (const { position } of head) {
      if (!results?.has(position)) continue
      const failure = failures.get(position)
      if (failure) this.#work.fail(position, failure)
      else this.#work.succeed(position, results.values[position]!)
    }
  }

  async #startPhase(): Promise<Phase<O>> {
    const { request, replanner } = this.#plans!
    const { task, signal, itemTimeoutMs, pool } = request
    const { plan } = replanner
    const [feed, work, outputs] = [this.#feed, this.#work, this.#outputs]
    const reconsider = (measured: MeasuredRun): boolean => {
      const isToEnd = replanner.reconsider(measured)
      if (isToEnd) work.stop()
      return isToEnd
    }
    if (plan.executor === 'serial') {
      const call = await task.load(signal)
      const onOutcome = this.#noteOutcome
      return new SerialPhase({ call, feed, outputs, signal, itemTimeoutMs, onOutcome, reconsider })
    }
    const settings = {
      plan,
      plannedItemTimeMs: replanner.itemTimeMs,
      dispatchMs: replanner.dispatchMs,
      coefficientOfVariation: replanner.coefficientOfVariation,
      trend: replanner.trend,
      pool,
      signal,
      itemTimeoutMs,
      retries: this.#options.retries,
      workerLimit: request.workerLimit,
      reconsider,
      onProgress: () => {},
    }
    const run =
      plan.executor === 'async'
        ? new ItemRun(await task.load(signal), work, settings)
        : new ChunkRun<I, O>(task.definition, work, settings)
    return new ParallelPhase({ run, nJobs: plan.nJobs, work, outputs, signal })
  }

  #report(): DiagnosticMessages['end'] {
    const { request, replanner } = this.#plans!
    const { busyMs: _, ...costs } = totalOf(this.#costs)
    const nowMs = performance.now()
    return {
      ...costs,
      ...this.#outcome,
      signature: request.task.signature,
      plan: replanner.plan,
      totalTimeMs: nowMs - this.#startMs,
      makespanMs: nowMs - this.#openedMs,
    }
  }

  get #outcome(): Pick<DiagnosticMessages['end'], 'replans' | 'failedCount'> {
    return { replans: this.#plans!.replanner.replans, failedCount: this.#failedCount }
  }

  /** One that ends the stream is told with its end. */
  #noteFailure(error: ItemFailure): void {
    if (error instanceof WorkerExitError) this.#hasEndedWorker = true
    this.#failedCount++
    if (this.#options.onError === 'collect') tell('error', () => ({ index: error.index, error }))
  }

  readonly #noteOutcome = (outcome: Outcome<unknown>): void => {
    // Nobody waits any more for what could not be ended.
    if (this.#hasEnded) return
    this.#doneCount++
    if ('failure' in outcome) this.#noteFailure(outcome.failure)
    this.#reporter?.report(this.#doneCount, this.#feed.total)
  }
}

/** The plan for all items and not only for the head, as far as anybody can know how many follow. */
function withAllItems<I, O>(
  decision: Decision<O>,
  request: Request<I, O>,
  feed: ItemFeed<I>,
): Decision<O> {
  const known = feed.remaining
  if (Number.isFinite(known)) return forItems(decision, request, known)
  const whole = forItems(decision, request, 2 * feed.readCount)
  // As many at once as there are, which nobody knows yet.
  const isOpen = whole.plan.executor === 'async'
  return isOpen ? { ...whole, plan: { ...whole.plan, nJobs: request.maxInFlight } } : whole
}
