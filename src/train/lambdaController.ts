/** What the controller is steering. */
export interface ControlOptions {
  /** Cost of the whole network, and what it is to come down to; any unit. */
  readonly whole: number;
  readonly limit: number;
  /** λ to begin with. */
  readonly initial: number;
  /** Share of the phase after which the target should be reached. */
  readonly reachedAfter?: number;
}

/** How much λ changes at most at one look. */
const GAIN = 1.3;
/** How far from its first value λ may go. */
const RANGE = 1e4;

/**
 * Raises or lowers λ so that the alive cost follows a straight line from the whole cost down to the limit.
 *
 * A line rather than one jump: each channel that dies leaves its work to those that stay, and they need steps to take
 * it over. At the limit λ becomes 0, so that nothing dies in vain.
 */
export class LambdaController {
  private current: number;

  constructor(private readonly options: ControlOptions) {
    this.current = options.initial;
  }

  get lambda(): number {
    return this.current;
  }

  /** Looks at the alive cost when a share `done` of the phase is over. @returns the λ to go on with */
  look(done: number, aliveCost: number): number {
    const { whole, limit, initial, reachedAfter = 0.8 } = this.options;
    if (aliveCost <= limit) return 0;
    const progress = Math.min(1, done / reachedAfter);
    const wanted = whole + (limit - whole) * progress;
    const error = (aliveCost - wanted) / (whole - limit);
    const factor = Math.max(1 / GAIN, Math.min(GAIN, GAIN ** (10 * error)));
    this.current = Math.max(initial / RANGE, Math.min(initial * RANGE, this.current * factor));
    return this.current;
  }
}
