/** What is used of `ml-xgboost`, which comes without types. */
declare module 'ml-xgboost' {
  /** Parameters of XGBoost, by the names of its documentation. */
  export interface XgboostOptions {
    readonly booster: 'gbtree'
    readonly objective: 'reg:linear'
    readonly silent: 0 | 1
    readonly iterations: number
    readonly max_depth: number
    readonly eta: number
    readonly lambda: number
    readonly min_child_weight: number
    readonly subsample: number
    readonly colsample_bylevel: number
    readonly num_parallel_tree: number
  }

  export interface Xgboost {
    train(rows: readonly (readonly number[])[], values: readonly number[]): void
    predict(rows: readonly (readonly number[])[]): number[]
    free(): void
  }

  export type XgboostClass = new (options: Partial<XgboostOptions>) => Xgboost
}
