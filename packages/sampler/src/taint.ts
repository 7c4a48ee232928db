/** When a measurement says little because the machine had other things to do. */

/** With a quarter of the machine in other hands, two workers on two cores already wait for each other. */
export const TAINTED_SHARE = 0.25
