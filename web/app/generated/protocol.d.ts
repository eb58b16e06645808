/* Written by `UPDATE_EXPECT=1 cargo test --workspace --test types`. Do not edit. */

/**
 * One change to a trained model: what is done, and where. Flat JSON: `{"site": "blocks.0.attn", "operator": "scale", "factor": 0.5}`.
 */
export type Ablation = { site: string, operator: string, [parameter: string]: string | number };

/**
 * One way of ablating a component, and by how much it raised the loss.
 */
export type AblationGap = {
  /**
   * Name of the operator.
   */
  operator: string,
  /**
   * Whether it does least damage on the tune split, and so is the primary ablation of the component.
   */
  primary: boolean,
  /**
   * `D - R` on the test split, unadjusted.
   */
  gap: Gap | null, };

/**
 * What an operator needs besides the model.
 */
export type AblationNeeds = "nothing" | "reference_set";

/**
 * One way of ablating a site of a trained model, graded.
 */
export type AblationOption = {
  /**
   * Name of the operator in links, files and tables.
   */
  operator: string,
  /**
   * Name as shown.
   */
  label: string,
  /**
   * What it does, as a sentence.
   */
  help: string,
  /**
   * What became of the component, to follow its name: `replaced by its mean`. `{factor}` stands for the value of that parameter.
   */
  phrase: string,
  /**
   * Numbers that it takes.
   */
  parameters: Array<AblationParameter>,
  /**
   * What it needs besides the model.
   */
  needs: AblationNeeds,
  /**
   * How far its number can be trusted.
   */
  grade: Grade, };

/**
 * A number that an operator takes.
 */
export type AblationParameter = {
  /**
   * Name in links and files.
   */
  name: string,
  /**
   * Name as shown.
   */
  label: string,
  /**
   * What it does, as a sentence.
   */
  help: string,
  /**
   * Smallest value.
   */
  minimum: number,
  /**
   * Largest value.
   */
  maximum: number,
  /**
   * Value when nothing is said.
   */
  default: number,
  /**
   * Value with which the component stays as it is; none if there is no such value.
   */
  intact: number | null,
  /**
   * Operators that do the same, where they are offered, as this one with the value 0.
   */
  at_zero: Array<string>, };

/**
 * The sites at which a setting's other values are offered as swaps.
 */
export type Affects = "nothing" | { "sites": Array<string> } | "everything";

/**
 * Two orders of the same components.
 */
export type Agreement = {
  /**
   * Kendall's tau-b between the mean gaps; none of two components, whose orders are the same or opposite and nothing between.
   */
  tau: number | null,
  /**
   * 95 % percentile bootstrap interval of it over units; none with fewer than five components or six units.
   */
  interval: Interval | null, };

/**
 * What was found.
 */
export type Analysis = {
  /**
   * Units of analysis.
   */
  units: number,
  /**
   * What they are.
   */
  unit_of_analysis: Unit,
  /**
   * The margin, in the unit of the loss.
   */
  margin: number | null,
  /**
   * Whether higher values are better.
   */
  higher_is_better: boolean,
  /**
   * One per component.
   */
  components: Array<Component>,
  /**
   * Every question with its adjusted p-values.
   */
  families: Array<Asked>,
  /**
   * The reference run again as if it were a variant.
   */
  aa_control: Answer | null,
  /**
   * Whether the A/A control may differ from the reference by more than the margin, or without a margin does differ: then nothing is called
   * equivalent, and no combined verdict rests on a gap that may be noise.
   */
  noise_floor_exceeded: boolean,
  /**
   * Whether the reference learned no more than the margin: then no verdict is given.
   */
  untrained: boolean,
  /**
   * Whether the reference solves the task exactly: its loss is below the margin, or its score is the highest in every seed.
   */
  at_ceiling: boolean,
  /**
   * How disruption, the untuned gap and necessity order the components.
   */
  ranks: Ranks | null,
  /**
   * Arms that have the same values in every unit, in groups.
   */
  identical?: Array<Array<Run>>,
  /**
   * Arms of which runs diverged.
   */
  diverged?: Array<Diverged>, };

/**
 * The answer for one component.
 */
export type Answer = {
  /**
   * The gap in every unit.
   */
  values: Array<number>,
  /**
   * Two-sided p-value, adjusted by the joint step-down max-T sign-flip test.
   */
  adjusted: number,
  /**
   * The same by Holm on paired t tests, as a second opinion.
   */
  adjusted_t: number | null,
  /**
   * p-value of the equivalence test, adjusted by Holm.
   */
  adjusted_tost: number | null,
  /**
   * Units in which a retrained model is worse by more than five margins: rare failures that a mean hides (methodology, section 11.5). 0
   * without a margin, and of other gaps.
   */
  failures?: number,
  /**
   * The verdict; none for a single unit, which cannot have one, unless it is that nothing was changed.
   */
  verdict: Verdict | null,
  /**
   * Pairs.
   */
  n: number,
  /**
   * Mean difference.
   */
  mean: number,
  /**
   * Standard deviation of the differences.
   */
  sd: number | null,
  /**
   * Paired t statistic. Also `None` if it is infinite, as all differences are one number other than 0.
   */
  t: number | null,
  /**
   * Its two-sided p-value; 0 if `t` is infinite.
   */
  p_t: number | null,
  /**
   * 95 % t interval of the mean difference.
   */
  ci95: Interval | null,
  /**
   * 90 % t interval, the one to hold against the margin.
   */
  ci90: Interval | null,
  /**
   * Two-sided sign-flip test.
   */
  signflip: Flips,
  /**
   * p-value of the equivalence test by t.
   */
  tost_p: number | null,
  /**
   * The equivalence test by sign flips.
   */
  tost_signflip: Flips | null,
  /**
   * p-value of the t test that the difference is the margin or more.
   */
  beyond_p?: number,
  /**
   * Pairs in which the variant is worse; a tie counts a half.
   */
  wins: number,
  /**
   * 95 % interval of P(worse).
   */
  clopper_pearson: Interval, };

/**
 * An arm. Symbols are those of the formulas for gaps, for example `N - R`.
 */
export type Arm = "reference" | "ablated" | "sham" | "recovered" | "short-retrain" | "retrained-untuned" | "retrained" | "aa" | "matched" | "variant";

/**
 * One arm in a panel.
 */
export type ArmView = {
  /**
   * Name of the [`Arm`].
   */
  name: Arm,
  /**
   * Its difference from the reference.
   */
  label: string,
  /**
   * How far it is.
   */
  status: Status,
  /**
   * Why it is refused.
   */
  reason: string | null,
  /**
   * Steps made.
   */
  step: number,
  /**
   * Steps to be made.
   */
  steps: number,
  /**
   * Test loss first.
   */
  measures: Array<Measure>, };

/**
 * A question as it was asked: of whom, in which units, and every adjusted p-value.
 */
export type Asked = {
  /**
   * What was asked.
   */
  question: Question,
  /**
   * Indices of the components it was asked of.
   */
  components: Array<number>,
  /**
   * Indices of the units that were used: those in which every one of them has been measured.
   */
  units: Array<number>,
  /**
   * Paired t tests, by Holm.
   */
  holm_on_t: Array<number> | null,
  /**
   * Sign-flip tests, by Holm. Of six pairs and more than one variant, none can be below 0.05.
   */
  holm_on_signflip: Array<number>,
  /**
   * Joint sign flips, every variant against the largest of all.
   */
  maxT_single_step: Array<number>,
  /**
   * Joint sign flips, stepping down: the primary test.
   */
  maxT_step_down: Array<number>,
  /**
   * Equivalence tests by t, by Holm.
   */
  holm_on_tost: Array<number> | null,
  /**
   * Equivalence tests by sign flips, by Holm.
   */
  holm_on_tost_signflip: Array<number> | null,
  /**
   * Tests that a difference is the margin or more, by Holm.
   */
  holm_on_beyond?: Array<number>, };

/**
 * What a bench does next.
 */
export type BenchPhase = "reference" | "recovery" | "short_retrain" | "retrained" | "done";

/**
 * Where a bench stands.
 */
export type BenchProgress = {
  /**
   * What is due next.
   */
  phase: BenchPhase,
  /**
   * Steps done and to be done in each phase.
   */
  steps: { [key in string]: [number, number] },
  /**
   * Latest training loss of each arm.
   */
  losses: { [key in string]: number | null }, };

/**
 * A protocol card.
 */
export type Card = {
  /**
   * Title of the study.
   */
  title: string,
  /**
   * Sections 0 to 14, in order.
   */
  sections: Array<CardSection>, };

/**
 * An item of a card.
 */
export type CardItem = {
  /**
   * Its name, such as `study_sha256`; it stays the same between releases.
   */
  name: string,
  /**
   * Its content.
   */
  content: Content, };

/**
 * A section of a card.
 */
export type CardSection = {
  /**
   * Its number.
   */
  number: number,
  /**
   * Its title.
   */
  title: string,
  /**
   * Its items, in order.
   */
  items: Array<CardItem>, };

/**
 * Version of the product and its named starting points.
 */
export type Catalog = {
  /**
   * Version of the product.
   */
  version: string,
  /**
   * Named starting points.
   */
  presets: Array<PresetLink>, };

/**
 * A cell of a table; JSON keeps numbers as numbers.
 */
export type Cell = number | string | null;

/**
 * One option of a choice.
 */
export type Choice = {
  /**
   * The value as typed.
   */
  value: string,
  /**
   * The value as shown.
   */
  label: string,
  /**
   * One sentence on what it means.
   */
  help: string, };

/**
 * The combined verdict on a component.
 */
export type Combined = "co_adapted" | "overstated_by_ablation" | "necessary" | "redundant" | "needed_during_training" | "not_necessary" | "harmful" | "unchanged" | "undetermined";

/**
 * Everything that was found about one component.
 */
export type Component = {
  /**
   * Its name.
   */
  component: string,
  /**
   * Its difference from the reference.
   */
  label: string,
  /**
   * Whether it is not left out but changed.
   */
  changed: boolean,
  /**
   * Mean loss of each of its arms, without those of recovery.
   */
  means: { [key in Arm]?: number },
  /**
   * The answer to every question that could be asked of it.
   */
  answers: { [key in Question]?: Answer },
  /**
   * Recovery, by budget.
   */
  recovery: Array<Recovered>,
  /**
   * `(D - H) / (D - S)` at the budget of the verdict, where ablating it raises the loss: what share of the damage recovery undoes.
   */
  recovered_share: number | null,
  /**
   * `(mean d_D - mean d_N) / mean d_D`, where ablating it raises the loss: what share of the damage is co-adaptation.
   */
  co_adaptation: number | null,
  /**
   * The verdict on disruption and necessity together.
   */
  combined: Combined | null,
  /**
   * What qualifies it.
   */
  modifiers: Array<Modifier>, };

/**
 * The speed of models without a component.
 */
export type ComponentSpeed = {
  /**
   * Retrained with its own settings, which may learn faster or slower because they are others; none before it was.
   */
  retrained: SpeedRatio | null,
  /**
   * Retrained with the settings of the reference; none before it was.
   */
  untuned: SpeedRatio | null, };

/**
 * How many outcomes an engine computed.
 */
export type Computed = {
  /**
   * How many there are.
   */
  runs: number,
  /**
   * The adapter's name.
   */
  device: string,
  /**
   * Version of the arithmetic; 0 where it is not known.
   */
  numerics: number, };

/**
 * Loss and score of the constant predictor, which ignores its input. A trained model has to reach a lower loss than this.
 */
export type ConstantPredictor = {
  /**
   * Its loss, in the unit of the training loss.
   */
  loss: number,
  /**
   * Its score.
   */
  score: number, };

/**
 * The content of an item.
 */
export type Content = { "kind": "text",
  /**
   * The sentence or value.
   */
  text: string, } | { "kind": "not_applicable",
  /**
   * The reason.
   */
  reason: string, } | { "kind": "list",
  /**
   * The sentences or values.
   */
  items: Array<string>, } | { "kind": "check",
  /**
   * Whether it holds.
   */
  passed: boolean,
  /**
   * The result of the check in words.
   */
  text: string, } | { "kind": "table",
  /**
   * Headings.
   */
  columns: Array<string>,
  /**
   * Rows, each as long as `columns`.
   */
  rows: Array<Array<Cell>>, };

/**
 * Gaps of one seed between arms. A gap is `None` until both of its arms are there, or when a loss is not finite.
 */
export type Contrast = {
  /**
   * The site, as shown.
   */
  site: string | null,
  /**
   * `D - R`: loss of the ablated model minus loss of the reference.
   */
  disruption: number | null,
  /**
   * `H - S`: loss of the recovered model minus loss of its equally fine-tuned sham.
   */
  recovery: number | null,
  /**
   * `Z - H`: loss of the model that learned anew without the component for as long as fine-tuning took minus loss of the recovered model.
   */
  recovery_advantage: number | null,
  /**
   * `N - R`: loss of the model retrained without the component, with a search of its own, minus loss of the reference.
   */
  necessity: number | null,
  /**
   * `U - R`: the same with the learning rate of the reference.
   */
  untuned: number | null,
  /**
   * Unit of the losses.
   */
  unit: string,
  /**
   * The contrast in words.
   */
  sentence: string, };

/**
 * One change that validation made to what was given.
 */
export type Correction = {
  /**
   * The setting, or the part of a link, that was corrected.
   */
  path: string,
  /**
   * What was given.
   */
  given: string,
  /**
   * What is used instead.
   */
  used: string,
  /**
   * Why, as a sentence.
   */
  reason: string, };

/**
 * The cost of a study.
 */
export type Cost = {
  /**
   * By stage and arm, without empty parts.
   */
  items: Array<Item>,
  /**
   * Trials.
   */
  runs: number,
  /**
   * Training steps of all of them together.
   */
  updates: number, };

/**
 * A data set as the page and a record show it.
 */
export type DataSet = {
  /**
   * Name in links and files.
   */
  name: string,
  /**
   * Name as shown.
   */
  label: string,
  /**
   * What the model sees and must do.
   */
  help: string,
  /**
   * What the constant predictor reaches.
   */
  constant_predictor: ConstantPredictor,
  /**
   * What is measured beside the loss.
   */
  score: Score,
  /**
   * The lowest expected loss that any predictor can have; none where it is not stated.
   */
  floor?: number,
  /**
   * Which components a model needs for it.
   */
  needs: Array<Need>,
  /**
   * SHA-256 of the file that it reads, if it reads one.
   */
  file?: string,
  /**
   * What a reader should know of that file, as sentences.
   */
  notes?: Array<string>, };

/**
 * A study, described. `F` is what is looked at: numbers here, figures once they are drawn.
 */
export type Description<F = Shown> = {
  /**
   * Its canonical link, with what the link says of a study beside it.
   */
  link: string,
  /**
   * Every setting.
   */
  settings: Settings,
  /**
   * What the validator changed.
   */
  corrections: Array<Correction>,
  /**
   * What can be set, with its values.
   */
  fields: Array<SetField>,
  /**
   * The data set.
   */
  data_set: DataSet,
  /**
   * A sample of the data.
   */
  data: Array<F>,
  /**
   * The file without which nothing can be trained.
   */
  lacks?: Lacking,
  /**
   * The components of the model.
   */
  sites: Array<Site>,
  /**
   * Parameters of the whole model.
   */
  parameters: number, };

/**
 * How much is run: the tiers of the methodology, section 7.5, or numbers of one's own.
 */
export type Design = {
  /**
   * Name of the tier, or `own`.
   */
  tier: string,
  /**
   * Search points of each arm (T).
   */
  trials: number,
  /**
   * Seeds that each point is tried with (s_t).
   */
  tuning_seeds: number,
  /**
   * Independent repetitions of the whole search (K). With more than one, a repetition is the unit of analysis.
   */
  searches: number,
  /**
   * Final seeds of each repetition.
   */
  seeds: number, };

/**
 * One setting that is searched.
 */
export type Dimension = {
  /**
   * Path of the setting.
   */
  path: string,
  /**
   * Smallest value.
   */
  low: number,
  /**
   * Largest value.
   */
  high: number,
  /**
   * Its scale.
   */
  scale: Scale,
  /**
   * Whether its values are integers.
   */
  whole: boolean,
  /**
   * Smallest and largest valid value of the setting.
   */
  bounds: [number, number], };

/**
 * Runs of one arm that diverged, and so have the loss of the untrained model.
 */
export type Diverged = {
  /**
   * Units in which it diverged.
   */
  units: number,
  /**
   * Units in which it was run.
   */
  of: number,
  /**
   * Which arm.
   */
  arm: Arm,
  /**
   * Index of the component; none where all components share it.
   */
  component: number | null,
  /**
   * Index of the budget; 0 where there is none.
   */
  budget: number, };

/**
 * A trial that is known to be needed.
 */
export type Entry = {
  /**
   * Its id.
   */
  id: string,
  /**
   * Steps that it makes.
   */
  updates: number, } & ({ "role": "search",
  /**
   * The arm that is tuned.
   */
  arm: Searched,
  /**
   * Repetition of the search.
   */
  search: number,
  /**
   * Index of the point.
   */
  point: number,
  /**
   * Index of the tuning seed.
   */
  seed: number, } | { "role": "trained",
  /**
   * The arm.
   */
  arm: Searched,
  /**
   * Where.
   */
  pair: Pair, } | { "role": "untuned",
  /**
   * Index of the variant.
   */
  variant: number,
  /**
   * Where.
   */
  pair: Pair, } | { "role": "matched",
  /**
   * Index of the variant.
   */
  variant: number,
  /**
   * Where.
   */
  pair: Pair, } | { "role": "short_retrain",
  /**
   * Index of the variant.
   */
  variant: number,
  /**
   * Index of the budget.
   */
  budget: number,
  /**
   * Index of the rate.
   */
  rate: number,
  /**
   * Where.
   */
  pair: Pair, } | { "role": "ablated_candidate",
  /**
   * Index of the variant.
   */
  variant: number,
  /**
   * Index among the variant's ablations.
   */
  ablation: number,
  /**
   * Repetition of the search.
   */
  search: number,
  /**
   * Index of the point.
   */
  point: number,
  /**
   * Index of the tuning seed.
   */
  seed: number, } | { "role": "ablated",
  /**
   * Index of the variant.
   */
  variant: number,
  /**
   * Index among the variant's ablations.
   */
  ablation: number,
  /**
   * Where.
   */
  pair: Pair, } | { "role": "sham",
  /**
   * Index of the budget.
   */
  budget: number,
  /**
   * Index of the rate.
   */
  rate: number,
  /**
   * Where.
   */
  pair: Pair, } | { "role": "recovered",
  /**
   * Index of the variant.
   */
  variant: number,
  /**
   * Index of the budget.
   */
  budget: number,
  /**
   * Index of the rate.
   */
  rate: number,
  /**
   * Where.
   */
  pair: Pair, });

/**
 * How much worse, or how much better.
 */
export type Extent = "material" | "negligible" | "plain";

/**
 * A figure, ready to be shown.
 */
export type Figure = {
  /**
   * A short address within its panel, such as `loss` or `attention`; the same figure keeps its name between updates.
   */
  name: string,
  /**
   * The caption; also the picture's accessible name.
   */
  title: string,
  /**
   * What the picture shows, in sentences; also inside the SVG.
   */
  description: string,
  /**
   * A complete `<svg>` element.
   */
  svg: string,
  /**
   * The numbers behind the picture.
   */
  table: Table, };

/**
 * A methodological problem.
 */
export type Finding = {
  /**
   * Severity.
   */
  level: Level,
  /**
   * Code, such as `one-seed`; stable between releases.
   */
  code: string,
  /**
   * The components, arms or fields of the study that are concerned.
   */
  places: Array<string>,
  /**
   * The problem.
   */
  message: string,
  /**
   * How to fix it.
   */
  hint: string, };

/**
 * Trials that train in lock-step.
 */
export type Fleet = {
  /**
   * The trials as text.
   */
  trials: string,
  /**
   * Their ids.
   */
  ids: Array<string>,
  /**
   * Steps of all of them together.
   */
  updates: number,
  /**
   * The trainings that they go on from.
   */
  origins: Array<Origin>,
  /**
   * Those whose weights others go on from.
   */
  keep: Array<string>, };

/**
 * The number of equally likely flips that are at least as extreme as the observed one, which is included. Written as
 * `[count, total]`.
 */
export type Flips = [count: number, total: number];

/**
 * The statistics of one variant's paired differences, in the unit of the losses. A positive mean is harm. What cannot be
 * computed is `None`: everything that needs a spread from a single pair, everything that needs a margin without one.
 */
export type Gap = {
  /**
   * Pairs.
   */
  n: number,
  /**
   * Mean difference.
   */
  mean: number,
  /**
   * Standard deviation of the differences.
   */
  sd: number | null,
  /**
   * Paired t statistic. Also `None` if it is infinite, as all differences are one number other than 0.
   */
  t: number | null,
  /**
   * Its two-sided p-value; 0 if `t` is infinite.
   */
  p_t: number | null,
  /**
   * 95 % t interval of the mean difference.
   */
  ci95: Interval | null,
  /**
   * 90 % t interval, the one to hold against the margin.
   */
  ci90: Interval | null,
  /**
   * Two-sided sign-flip test.
   */
  signflip: Flips,
  /**
   * p-value of the equivalence test by t.
   */
  tost_p: number | null,
  /**
   * The equivalence test by sign flips.
   */
  tost_signflip: Flips | null,
  /**
   * p-value of the t test that the difference is the margin or more.
   */
  beyond_p?: number,
  /**
   * Pairs in which the variant is worse; a tie counts a half.
   */
  wins: number,
  /**
   * 95 % interval of P(worse).
   */
  clopper_pearson: Interval, };

/**
 * The whole vocabulary.
 */
export type Glossary = {
  /**
   * Every word, by group.
   */
  terms: Array<Term>,
  /**
   * The numbers that a link may set for a study.
   */
  numbers: Array<StudyNumber>, };

/**
 * Which way a score is better.
 */
export type Goal = "higher" | "lower";

/**
 * How far the number that comes out can be trusted.
 */
export type Grade = { "grade": "sound",
  /**
   * Why.
   */
  reason: string, } | { "grade": "approximate",
  /**
   * What is different.
   */
  reason: string, } | { "grade": "refused",
  /**
   * Why not, and what to do instead.
   */
  reason: string, };

/**
 * Which part of a study a field belongs to; the page groups its form by it.
 */
export type Group = "data" | "model" | "training" | "ablation";

/**
 * From `low` to `high`, both included, in the unit of what it covers. Written as `[low, high]`.
 */
export type Interval = [low: number, high: number];

/**
 * One part of the cost.
 */
export type Item = {
  /**
   * Its phase.
   */
  stage: Stage,
  /**
   * Its arm; a search belongs to the arm that it tunes.
   */
  arm: Arm,
  /**
   * Trials.
   */
  runs: number,
  /**
   * Training steps of all of them together.
   */
  updates: number, };

/**
 * What a study has to know of a setting: planning and reporting name no setting and have no catalogue.
 */
export type Known = {
  /**
   * What it decides.
   */
  role: Role,
  /**
   * What it means.
   */
  meaning?: Meaning | null,
  /**
   * The value that a trial does not write.
   */
  absent?: Value | null, };

/**
 * A file that is not at hand, or of no use.
 */
export type Lacking = {
  /**
   * What it is for, such as `corpus`.
   */
  what: string,
  /**
   * Its SHA-256.
   */
  sha256: string,
  /**
   * What is the matter with it, as a part of a sentence.
   */
  reason: string, };

/**
 * Where a lane stands.
 */
export type LaneProgress = {
  /**
   * Steps made.
   */
  done: number,
  /**
   * Steps to be made.
   */
  total: number,
  /**
   * Latest training loss of each trial; none before the first update, or where it is not a number.
   */
  losses: Array<number | null>, };

/**
 * The verdicts on all components without one unit of analysis.
 */
export type LeftOut = {
  /**
   * Index of the unit.
   */
  unit: number,
  /**
   * By component.
   */
  verdicts: Array<Combined | null>, };

/**
 * Severity of a finding.
 */
export type Level = "error" | "warning" | "note";

/**
 * The smallest gap that matters.
 */
export type Margin = { "share": number } | { "absolute": number };

/**
 * A setting that others reason about, by what it means and not by its path.
 */
export type Meaning = "data" | "steps" | "recovery_steps" | "batch" | "learning_rate" | "warmup" | "seed" | "width" | "hidden" | "layers" | "site";

/**
 * One number about a trained model.
 */
export type Measure = {
  /**
   * Short name in tables: `loss`, `accuracy`.
   */
  name: string,
  /**
   * Name as shown.
   */
  label: string,
  /**
   * Unit.
   */
  unit: string,
  /**
   * `lower` or `higher` is better.
   */
  goal: string,
  /**
   * The number; `None` until it is known or when it is not finite.
   */
  value: number | null,
  /**
   * What the constant predictor reaches.
   */
  constant_predictor: number | null, };

/**
 * What qualifies a combined verdict.
 */
export type Modifier = "recoverable" | "untuned_misleading" | "explained_by_size" | "search_at_edge" | "untuned_depends" | "search_failed" | "below_margin" | "at_ceiling";

/**
 * Whether a model that is trained from scratch without a component does clearly worse: the ground truth for necessity.
 *
 * It is about what can be learned without the component, not about what breaks when it is ablated in a trained model: the two
 * differ. A need whose pattern names no site of a model says nothing about that model.
 */
export type Need = {
  /**
   * A site's path, or a pattern in which `*` stands for one step of a path. A pattern speaks of *all* sites that match,
   * removed together: `blocks.*.mlp` is needed if a model without any MLP fails.
   */
  site: string,
  /**
   * Whether a model without it, trained from the start, does clearly worse.
   */
  needed: boolean,
  /**
   * The statement holds for models of at most so many blocks; `None` for any number. What one block cannot do without,
   * two can sometimes do in two steps.
   */
  blocks: number | null,
  /**
   * The statement holds only for bidirectional models. Causal ones learn something of the order from their mask.
   */
  bidirectional: boolean,
  /**
   * Why, in a sentence.
   */
  why: string, };

/**
 * How many pairs it takes.
 */
export type Needs = {
  /**
   * In all.
   */
  pairs: number,
  /**
   * To tell what.
   */
  sought: Sought, };

/**
 * Where numbers come from.
 */
export type NumberSource = {
  /**
   * `stored` or `computed`.
   */
  kind: string,
  /**
   * The device that computed them.
   */
  device: string,
  /**
   * How many seeds they rest on.
   */
  seeds: number, };

/**
 * A training that others go on from.
 */
export type Origin = {
  /**
   * Its id.
   */
  id: string,
  /**
   * Its trial as text of a list of one.
   */
  trials: string, };

/**
 * The verdicts on all components if the reference used another setting that scored as well.
 */
export type OtherSetting = {
  /**
   * The setting.
   */
  settings: Settings,
  /**
   * By component.
   */
  verdicts: Array<Combined | null>, };

/**
 * A repetition of the search and a seed within it: the runs of one pair share data and every weight they have in common.
 */
export type Pair = {
  /**
   * Repetition of the search, from 0.
   */
  search: number,
  /**
   * Seed within it, from 0.
   */
  seed: number, };

/**
 * One panel; every panel has the same shape and the same scales. `F` is what is looked at: numbers here, figures once they are drawn.
 */
export type Panel<F = Shown> = {
  /**
   * Name of its first arm.
   */
  name: string,
  /**
   * Title.
   */
  label: string,
  /**
   * What it means, as a sentence.
   */
  note: string,
  /**
   * Its arms.
   */
  arms: Array<ArmView>,
  /**
   * The loss curve, then samples.
   */
  figures: Array<F>, };

/**
 * Where a component stands. It decides what training without it means, how it is drawn and which ablation operators fit it.
 */
export type Placement = "branch" | "inline" | "source" | "slice" | "group";

/**
 * What can be run now.
 */
export type Plan = {
  /**
   * In the order in which they should run.
   */
  fleets: Array<Fleet>,
  /**
   * Everything that is known to be needed, done or not.
   */
  schedule: Array<Entry>,
  /**
   * The margin in the unit of the loss, once it is fixed.
   */
  margin: number | null,
  /**
   * Whether all is done and nothing will be added.
   */
  complete: boolean, };

/**
 * A point of a search.
 */
export type Point = {
  /**
   * What was tried.
   */
  settings: Settings,
  /**
   * Mean loss on the tune split over the tuning seeds, no worse than untrained; `None` until all of them are there.
   */
  score: number | null,
  /**
   * The same over the fresh seeds as well, of a point that was scored again; `None` until all of them are there.
   */
  rescored?: number,
  /**
   * Tuning runs whose loss stopped being a number.
   */
  diverged: number, };

/**
 * The named starting points with their links.
 */
export type PresetLink = {
  /**
   * Name in links.
   */
  name: string,
  /**
   * Name as shown.
   */
  label: string,
  /**
   * One sentence on what it shows.
   */
  help: string,
  /**
   * Its link.
   */
  link: string, };

/**
 * What is asked of every component. Each is a family of its own: p-values are adjusted within and never across questions.
 */
export type Question = "necessity" | "disruption" | "recovery" | "tuning_confound" | "co_adaptation_gap" | "untuned" | "matched" | "recovery_advantage" | "aa" | "variant";

/**
 * Mean gaps of the components that have all three. What lies within the margin counts as 0: components that are not needed have no order.
 */
export type Ranks = {
  /**
   * Indices of those components.
   */
  components: Array<number>,
  /**
   * Mean disruption.
   */
  disruption: Array<number>,
  /**
   * Mean harm of the untuned retraining.
   */
  untuned: Array<number>,
  /**
   * Mean harm when retrained with its own search.
   */
  necessity: Array<number>,
  /**
   * Disruption against necessity.
   */
  disruption_and_necessity: Agreement,
  /**
   * The untuned retraining against necessity retraining.
   */
  untuned_and_necessity: Agreement, };

/**
 * A rate that was chosen although it stands at an end of its list, so that one beyond might be better (methodology, section 11.7).
 */
export type RateAtEnd = {
  /**
   * The arm that chose it.
   */
  arm: Arm,
  /**
   * Index of the component; none for the sham, which all share.
   */
  component: number | null,
  /**
   * The budget, as a share of the training.
   */
  budget: number,
  /**
   * The rate, as a share of the reference's learning rate.
   */
  rate: number, };

/**
 * A record with its study and its outcomes.
 */
export type ReadRecord = {
  /**
   * The study.
   */
  sheet: Sheet,
  /**
   * Every outcome as text.
   */
  outcomes: Array<string>, };

/**
 * Recovery with one budget.
 */
export type Recovered = {
  /**
   * Steps as a share of the training.
   */
  budget: number,
  /**
   * Mean loss of the recovered model (H), its sham (S) and the model that learned anew (Z).
   */
  means: [number | null, number | null, number | null],
  /**
   * 95 % t intervals of these means, over units; for drawing, as the gap is what is judged.
   */
  intervals: [Interval | null, Interval | null, Interval | null],
  /**
   * `H - S`, without adjustment: one budget was chosen beforehand for the verdict.
   */
  gap: Gap | null, };

/**
 * How recovery is tried.
 */
export type RecoveryPlan = {
  /**
   * Steps after the ablation, as shares of those of the reference; ascending.
   */
  budgets: Array<number>,
  /**
   * Learning rates that are tried, as shares of the reference's.
   */
  rates: Array<number>,
  /**
   * Whether the architecture without the component is also trained from scratch for as long (arm Z): recovery that is no faster than learning anew has
   * recovered nothing.
   */
  short_retrain: boolean, };

/**
 * Why there is no study.
 */
export type Refusal = {
  /**
   * Where.
   */
  path: string,
  /**
   * Why, and the way out.
   */
  message: string, };

/**
 * An outcome that cannot be used.
 */
export type RefusedOutcome = {
  /**
   * Id of its trial; empty if it gives none.
   */
  id: string,
  /**
   * Why.
   */
  reason: string, };

/**
 * What a study says.
 */
export type Report = {
  /**
   * Hash of the study.
   */
  study: string,
  /**
   * SHA-256 of the study's hash and the margin in the unit of the loss, which exists before any variant runs.
   */
  registration: string | null,
  /**
   * How far it is.
   */
  progress: StudyProgress,
  /**
   * What was spent.
   */
  spent: Spent,
  /**
   * What computed it.
   */
  engines: Array<Computed>,
  /**
   * What the best predictor loses that does not look at its input.
   */
  constant_predictor: number | null,
  /**
   * The reference.
   */
  reference: Summary | null,
  /**
   * Every search, the reference's first.
   */
  tuning: Array<Tuning>,
  /**
   * The ablations of every component that has been ablated, by component.
   */
  ablations: Array<Array<AblationGap>>,
  /**
   * Gaps, verdicts and orders.
   */
  analysis: Analysis,
  /**
   * Steps to the threshold, where the reference solves the task exactly.
   */
  speed?: Speed | null,
  /**
   * How far the verdicts hang on single choices, once the study is complete.
   */
  stability: Stability,
  /**
   * Recovery rates that were chosen at an end of their list.
   */
  rates_at_end?: Array<RateAtEnd>,
  /**
   * What a reader has to know of all verdicts together.
   */
  warnings: Array<Warning>, };

/**
 * What a setting decides, and so who may set it to what: packing, matching, searching, and what a variant may change derive from it.
 */
export type Role = "data" | "shape" | "budget" | "shared" | "per_replica" | "scope";

/**
 * One arm of one component, as a table has it.
 */
export type Run = {
  /**
   * Which arm.
   */
  arm: Arm,
  /**
   * Index of the component; none where all components share it.
   */
  component: number | null,
  /**
   * Index of the budget; 0 where there is none.
   */
  budget: number, };

/**
 * The scale of a range.
 */
export type Scale = "log" | "linear";

/**
 * A data set's own measure, which unlike the loss means something to a reader.
 */
export type Score = {
  /**
   * Name in files.
   */
  name: string,
  /**
   * Name as shown.
   */
  label: string,
  /**
   * Unit; empty for a plain number.
   */
  unit: string,
  /**
   * Which way is better.
   */
  goal: Goal, };

/**
 * The arms with their own hyper-parameter search.
 */
export type Searched = "reference" | "aa" | { "own": number };

/**
 * What is said of a component, or of all of them.
 */
export type Sentence = {
  /**
   * The component; none of what is about all of them.
   */
  component: string | null,
  /**
   * Both gaps and the verdict; it begins with the label of the component.
   */
  first: string,
  /**
   * What qualifies it; empty if nothing does.
   */
  rest: string, };

/**
 * A field with the value that it has in this study.
 */
export type SetField = {
  /**
   * Its value.
   */
  value: Value,
  /**
   * Dotted path, as in links and files.
   */
  path: string,
  /**
   * The part of the study it belongs to.
   */
  group: Group,
  /**
   * Name as shown.
   */
  label: string,
  /**
   * One sentence on what it does.
   */
  help: string,
  /**
   * Unit of the number, if it has one.
   */
  unit: string | null,
  /**
   * The value that means: as before this field existed. A trial does not write it, so that a new field changes no id of a trial; none
   * where the value is always written.
   */
  absent: Value | null,
  /**
   * What it decides.
   */
  role: Role,
  /**
   * What it means to those who reason about it; none where nobody does.
   */
  meaning: Meaning | null,
  /**
   * Where its other values are offered as swaps.
   */
  affects: Affects, } & ({ "kind": "integer",
  /**
   * Smallest value.
   */
  minimum: number,
  /**
   * Largest value.
   */
  maximum: number,
  /**
   * Value when nothing is said.
   */
  default: number, } | { "kind": "number",
  /**
   * Smallest value.
   */
  minimum: number,
  /**
   * Largest value.
   */
  maximum: number,
  /**
   * Value when nothing is said.
   */
  default: number, } | { "kind": "choice",
  /**
   * The list, in the order shown.
   */
  options: Array<Choice>,
  /**
   * Value when nothing is said; one of the list.
   */
  default: string, } | { "kind": "file",
  /**
   * The file that is read when nothing is said.
   */
  default: string, });

/**
 * Dotted paths and their values, in path order.
 *
 * Copies share their values until one of them is changed: a study plans thousands of trials with the same settings.
 */
export type Settings = { [key in string]: Value };

/**
 * What one of several components costs: rises of the loss, none where a loss is not finite.
 */
export type Shares = {
  /**
   * Its path.
   */
  component: string,
  /**
   * Ablated by itself.
   */
  first: number | null,
  /**
   * Ablated when all others are.
   */
  last: number | null,
  /**
   * The mean over all orders.
   */
  shapley: number | null, };

/**
 * A study as the page shows it before it runs.
 */
export type Sheet = {
  /**
   * The study's own link, if it can be said in one.
   */
  link: string | null,
  /**
   * What could not be used of a link.
   */
  corrections: Array<Correction>,
  /**
   * The variants that leave components out, as a link says them.
   */
  without: Array<string>,
  /**
   * The variants that change settings, as a link says them.
   */
  with: Array<string>,
  /**
   * Those of both that are trained at the reference's size as well.
   */
  matched: Array<string>,
  /**
   * Those that cannot be trained at the reference's size, with the reasons.
   */
  unmatched: { [key in string]: string },
  /**
   * The study file that says the same, to be run elsewhere.
   */
  file: string,
  /**
   * Why there is no study.
   */
  refused: Refusal | null,
  /**
   * The study.
   */
  study: ShownStudy | null, };

/**
 * One thing to look at.
 */
export type Shown = Figure;

/**
 * A study with what follows from it.
 */
export type ShownStudy = {
  /**
   * The text that is the study. Its hash names it, and JavaScript would write other numbers, so the page keeps it as it came.
   */
  json: string,
  /**
   * The hash of the text.
   */
  hash: string,
  /**
   * Units of analysis.
   */
  units: number,
  /**
   * Trials and steps.
   */
  cost: Cost,
  /**
   * The named tiers, and what each would take.
   */
  tiers: Array<Tier>,
  /**
   * Version of the format.
   */
  version: number,
  /**
   * A line for people.
   */
  title: string,
  /**
   * The claim under test, in a sentence; may be empty.
   */
  claim: string,
  /**
   * Name of the preset that its settings started from.
   */
  preset: string,
  /**
   * Unit of the loss, such as `nats`.
   */
  unit: string,
  /**
   * Settings of data, model and training of the reference, without those that mean "as before this setting existed".
   */
  settings: Settings,
  /**
   * What has to be known of every setting that the reference has or an arm changes.
   */
  known: { [key in string]: Known },
  /**
   * What is compared with the reference.
   */
  variants: Array<Variant>,
  /**
   * How much is run.
   */
  design: Design,
  /**
   * What every arm searches.
   */
  space: Array<Dimension>,
  /**
   * How recovery is tried.
   */
  recovery: RecoveryPlan,
  /**
   * The smallest gap that matters.
   */
  margin: Margin,
  /**
   * Root of all seeds.
   */
  seed: number, };

/**
 * An addressable component of a model.
 */
export type Site = {
  /**
   * Address of the component, its parameters and its output, e.g. `blocks.0.attn.heads.2`.
   */
  path: string,
  /**
   * The site it belongs to and is drawn inside, if any.
   */
  parent: string | null,
  /**
   * What it is, in a word that the backbone chooses: `attention`. Only a name; see `placement` for what it means.
   */
  kind: string,
  /**
   * Where it stands.
   */
  placement: Placement,
  /**
   * Name as shown.
   */
  label: string,
  /**
   * What it does, as a sentence.
   */
  help: string,
  /**
   * Parameters in it and in what it contains.
   */
  parameters: number,
  /**
   * Positions of its output for one example; 1 where there are none.
   */
  positions: number,
  /**
   * Channels of its output at each position.
   */
  channels: number,
  /**
   * Paths of the sites whose outputs it reads; none where it reads the data. A branch that is read stands for the stream after it.
   */
  reads: Array<string>,
  /**
   * For a branch: the path of the site to whose output it adds, by a skip connection around it.
   */
  adds_to: string | null,
  /**
   * Training without it from the start.
   */
  removal: Grade,
  /**
   * Ablating it in a trained model, the most trustworthy operator first.
   */
  ablations: Array<AblationOption>,
  /**
   * What can be put in its place.
   */
  swaps: Array<Swap>, };

/**
 * The target effect of a sample size calculation, in the unit of the losses.
 */
export type Sought = { "difference": number } | { "either": number };

/**
 * The speed of the reference and of every component.
 */
export type Speed = {
  /**
   * The reference.
   */
  reference: Steps,
  /**
   * One per component, in order.
   */
  components: Array<ComponentSpeed>, };

/**
 * Steps of an arm over steps of the reference.
 */
export type SpeedRatio = {
  /**
   * Steps of the arm.
   */
  steps: Steps,
  /**
   * Geometric means of the reference and of the arm over the units in which both reached the threshold, which [`ratio`](Self::ratio)
   * compares; none where there is no such.
   */
  paired: [number, number] | null,
  /**
   * Geometric mean of the ratios, over the units in which both reached the threshold; none where there is no such.
   */
  ratio: number | null,
  /**
   * Its 95 % t interval, computed on logarithms; none of one unit.
   */
  ci95: Interval | null, };

/**
 * What was spent.
 */
export type Spent = {
  /**
   * Trials run, those that diverged included.
   */
  runs: number,
  /**
   * Of them those whose loss stopped being a number.
   */
  diverged: number,
  /**
   * Training steps of all of them together.
   */
  updates: number, };

/**
 * How far the verdicts of a study hang on single choices.
 */
export type Stability = {
  /**
   * For every other setting of the reference that scored within the margin of the chosen one, by its index in the search.
   */
  settings: Array<OtherSetting>,
  /**
   * For every unit that is left out; none of a study with so few units that none can be spared.
   */
  left_out: Array<LeftOut>, };

/**
 * Phases of a study, in the order in which they run.
 */
export type Stage = "search" | "train" | "ablate" | "recover";

/**
 * How far an arm is.
 */
export type Status = "waiting" | "training" | "done" | "refused";

/**
 * Steps of an arm to the threshold.
 */
export type Steps = {
  /**
   * Their geometric mean over the units that reached it; none where none did.
   */
  mean: number | null,
  /**
   * Units that reached it.
   */
  reached: number,
  /**
   * Units that were trained.
   */
  of: number, };

/**
 * A number that a link may set for a study.
 */
export type StudyNumber = {
  /**
   * The key in links.
   */
  key: string,
  /**
   * Its name.
   */
  label: string,
  /**
   * What it is.
   */
  help: string,
  /**
   * The smallest value.
   */
  minimum: number,
  /**
   * The largest value.
   */
  maximum: number,
  /**
   * Whether only whole numbers are taken.
   */
  integer: boolean, };

/**
 * How far a study is.
 */
export type StudyProgress = {
  /**
   * Distinct trials with an outcome.
   */
  done: number,
  /**
   * Distinct trials that are known to be needed.
   */
  known: number,
  /**
   * Whether all are done and no more will be added.
   */
  complete: boolean, };

/**
 * What the engine makes of a study and its outcomes.
 */
export type StudyReport = {
  /**
   * Gaps and verdicts.
   */
  report: Report,
  /**
   * Drawn.
   */
  figures: Array<Figure>,
  /**
   * Which figures have nothing to show, and why; none if all are drawn.
   */
  left_out: string | null,
  /**
   * The protocol card.
   */
  card: Card,
  /**
   * The protocol card as files.
   */
  written: Written,
  /**
   * What the linter finds.
   */
  findings: Array<Finding>,
  /**
   * The table of results as files.
   */
  tables: Tables,
  /**
   * What is said of each component, and of all of them.
   */
  sentences: Array<Sentence>, };

/**
 * Mean and spread of the reference over the units.
 */
export type Summary = {
  /**
   * Units.
   */
  n: number,
  /**
   * Mean loss on the test split.
   */
  mean: number,
  /**
   * Standard deviation.
   */
  sd: number | null, };

/**
 * Something to put in the place of a component: a setting and its other value.
 */
export type Swap = {
  /**
   * The setting.
   */
  path: string,
  /**
   * Its value after the swap.
   */
  value: string,
  /**
   * The difference, e.g. `gelu → relu`.
   */
  label: string, };

/**
 * The table twin of a figure. Cells are text made by [`crate::number`]; a missing value is an em dash.
 */
export type Table = {
  /**
   * Column headings.
   */
  columns: Array<string>,
  /**
   * Rows, each as long as `columns`.
   */
  rows: Array<Array<string>>, };

/**
 * The table of results as files.
 */
export type Tables = { markdown: string, latex: string, csv: string, text: string, };

/**
 * One word of the vocabulary.
 */
export type Term = {
  /**
   * What kind of word it is: `word`, `arm`, `gap`, `verdict`, ...
   */
  group: string,
  /**
   * The key in files, tables and messages; unique within its group.
   */
  key: string,
  /**
   * The name that people read.
   */
  name: string,
  /**
   * What it means, in a sentence or two.
   */
  meaning: string,
  /**
   * The symbol of the methodology, if it has one.
   */
  symbol: string | null,
  /**
   * Where the idea comes from, if it has a source.
   */
  source: string | null, };

/**
 * A named tier and what it would take.
 */
export type Tier = {
  /**
   * Trials and steps.
   */
  cost: Cost,
  /**
   * Name of the tier, or `own`.
   */
  tier: string,
  /**
   * Search points of each arm (T).
   */
  trials: number,
  /**
   * Seeds that each point is tried with (s_t).
   */
  tuning_seeds: number,
  /**
   * Independent repetitions of the whole search (K). With more than one, a repetition is the unit of analysis.
   */
  searches: number,
  /**
   * Final seeds of each repetition.
   */
  seeds: number, };

/**
 * What several components cost, one by one and together.
 */
export type Together = {
  /**
   * What each is ablated by.
   */
  operator: string,
  /**
   * Of each component.
   */
  shares: Array<Shares>,
  /**
   * The rise of the loss when all are ablated.
   */
  all: number | null,
  /**
   * Whether leaving out (`first`) and leaving in (`last`) rank the components alike: Kendall's tau, 1 if they do.
   */
  kendall_tau: number | null, };

/**
 * The search of one arm in one repetition.
 */
export type Tuning = {
  /**
   * Key of the arm: `reference`, `aa`, or the name of a component.
   */
  arm: string,
  /**
   * Repetition of the search, from 0.
   */
  search: number,
  /**
   * The ranges, after any extension.
   */
  space: Array<Dimension>,
  /**
   * Every point with its score.
   */
  points: Array<Point>,
  /**
   * Index of the chosen one.
   */
  chosen: number | null,
  /**
   * Indices of the points that might as well have been chosen: those that were scored again and lie within the margin of the best of them,
   * the chosen one included.
   */
  plateau: Array<number>,
  /**
   * Paths of the settings whose chosen value lies in the outer tenth of its range, with every value outside it worse by more than the
   * margin.
   */
  edges: Array<string>,
  /**
   * Expected lowest score after 1, 2, ... points in random order (Tang et al. 2020; unbiased).
   */
  expected_best: Array<number>,
  /**
   * Whether the last quarter of the points still brought more than the margin: more points may bring more.
   */
  under_tuned: boolean, };

/**
 * The unit of analysis: what is drawn anew, paired and counted.
 */
export type Unit = "seed" | "repetition";

/**
 * One setting's value.
 */
export type Value = number | number | string;

/**
 * One change to the recipe.
 */
export type Variant = {
  /**
   * Name in tables and files; unique.
   */
  name: string,
  /**
   * The difference from the reference in words.
   */
  label: string,
  /**
   * Sites that are left out.
   */
  remove: Array<string>,
  /**
   * Settings that are changed, with those that the change brings along.
   */
  set: Settings,
  /**
   * Settings of the reference that do not exist with this change, such as those of its optimiser.
   */
  drops?: Array<string>,
  /**
   * The ways it is ablated in the trained reference; the most trustworthy first.
   */
  ablations: Array<Way>,
  /**
   * Why it has no disruption arm, where it has none.
   */
  not_ablated: string | null,
  /**
   * How far its retraining can be trusted.
   */
  grade: Grade,
  /**
   * Parameter counts of the reference and of the variant.
   */
  parameters: [number, number],
  /**
   * The settings that give the variant as many parameters as the reference has (arm M), where that was asked for and is possible.
   */
  matched: Settings | null, };

/**
 * The verdict on one gap.
 */
export type Verdict = { "verdict": "worse",
  /**
   * By how much.
   */
  extent: Extent, } | { "verdict": "better-without",
  /**
   * By how much.
   */
  extent: Extent, } | { "verdict": "unchanged" } | { "verdict": "equivalent" } | { "verdict": "inconclusive",
  /**
   * Pairs with a power of [`POWER`], at [`LEVEL`] over the size of the family, more than there are and no fewer than
   * [`FEWEST_PAIRS`]. `None` if the variance or the effect is zero, or more than a million would be required.
   */
  needs: Needs | null, };

/**
 * Everything a bench shows. `F` is what is looked at: numbers here, figures once they are drawn.
 */
export type View<F = Shown> = {
  /**
   * The study.
   */
  link: string,
  /**
   * Where the numbers come from.
   */
  source: NumberSource,
  /**
   * Reference, ablated, recovered beside its controls, retrained.
   */
  panels: Array<Panel<F>>,
  /**
   * The statement.
   */
  contrast: Contrast, };

/**
 * One warning.
 */
export type Warning = {
  /**
   * Its code, for programs; it does not change between releases.
   */
  code: string,
  /**
   * A sentence or two, with a full stop.
   */
  text: string, };

/**
 * One way of ablating a variant's sites in the trained reference: an operator, with its parameters, at each of them.
 */
export type Way = {
  /**
   * Name in tables: `mean`, or `scale (factor 0.5)`.
   */
  label: string,
  /**
   * What becomes of each site, to follow its path in a sentence: `replaced by its mean`; empty where each has an operator of its own.
   */
  phrase: string,
  /**
   * How far its number can be trusted: as far as that of the site where it can be trusted least.
   */
  grade: Grade,
  /**
   * What is done, one a site.
   */
  sites: Array<Ablation>, };

/**
 * The protocol card as files.
 */
export type Written = { html: string, markdown: string, json: string, };
