/** When a measurement says little because the machine had other things to do. */
import { detectSystem, takenCoreShare } from '@amorsize/features/system'

/** With a quarter of its cores in other hands, two workers on two cores already wait for each other. */
const TAINTED_SHARE = 0.25

/** Cores do not come and go within so long, milliseconds, and to look again would take half of one. */
const SYSTEM_AGE_MS = 30_000

/** @param foreignShare - Share of the whole machine that others used meanwhile, 0..1. */
export function isTaintedBy(foreignShare: number): boolean {
  return takenCoreShare(foreignShare, detectSystem({ maxAgeMs: SYSTEM_AGE_MS })) > TAINTED_SHARE
}
