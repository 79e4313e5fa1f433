/** What the controller is steering. */
export interface ControlOptions {
  /** Cost of the whole network, and what it is to come down to; any unit. */
  readonly whole: number;
  readonly limit: number;
  /** Sum of the learning rates of all steps of the phase: what λ = 1 pulls in all. */
  readonly pull: number;
}

/** What the network looks like at one moment. */
export interface ControlState {
  /** Share of the phase that is done. */
  readonly done: number;
  readonly aliveCost: number;
  /** The price of the dearest unit that has to die for the alive cost to come down to `cost`. */
  priceFor(cost: number): number;
}

/** What the controller has come to. */
export interface SteeringState {
  readonly boost: number;
  readonly lambda: number;
}

/** Share of the phase after which the limit should be reached; the rest is there to recover. */
const REACHED_AFTER = 0.8;
/** How far the controller looks ahead, as a share of the phase. */
const HORIZON = 0.1;
/** How much more it pulls at each look that finds the cost above the line. */
const BOOST = 1.05;
const LARGEST_BOOST = 20;

/**
 * Steers λ so that the alive cost follows a straight line from the whole cost down to the limit: a line and no jump,
 * since each channel that dies leaves its work to those that stay, which need steps to take it over.
 *
 * A unit's price says how far the penalty must pull until it dies, so the λ that kills the right units within the
 * horizon follows from the prices; where the loss resists, and the cost stays above the line, it is boosted. At the
 * limit λ becomes 0, so that nothing dies in vain.
 */
export class LambdaController {
  private boost: number;
  private lambda: number;

  /** @param from what another one has come to */
  constructor(
    private readonly options: ControlOptions,
    from: SteeringState = { boost: 1, lambda: 0 },
  ) {
    ({ boost: this.boost, lambda: this.lambda } = from);
  }

  /** All that it keeps from look to look. */
  get state(): SteeringState {
    return { boost: this.boost, lambda: this.lambda };
  }

  /** @returns the λ to go on with */
  look({ done, aliveCost, priceFor }: ControlState): number {
    const { whole, limit, pull } = this.options;
    const line = (share: number) => whole + (limit - whole) * Math.min(1, share / REACHED_AFTER);
    const ahead = line(done + HORIZON);
    const isLate = aliveCost > line(done);
    this.boost = isLate ? Math.min(LARGEST_BOOST, this.boost * BOOST) : Math.max(1, this.boost / BOOST);
    const wanted = aliveCost <= ahead ? 0 : (this.boost * priceFor(ahead)) / (HORIZON * pull);
    // A price falls as it is paid: a pull in proportion to it would never take it to zero.
    this.lambda = isLate && aliveCost > limit ? Math.max(this.lambda, wanted) : wanted;
    return this.lambda;
  }
}
