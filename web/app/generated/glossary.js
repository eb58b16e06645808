/* Written by `UPDATE_EXPECT=1 cargo test --workspace --test page`. Do not edit. */

export const GLOSSARY = {
  "terms": [
    {
      "group": "word",
      "key": "component",
      "name": "component",
      "meaning": "Any part of a model that can be ablated. Its path, such as `blocks.0.mlp`, is its site.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "variant",
      "name": "variant",
      "meaning": "One change of the reference that a study asks about: components left out, or settings changed.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "arm",
      "name": "arm",
      "meaning": "How a model came to be that a loss was measured on, such as ablated after training or retrained without.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "gap",
      "name": "gap",
      "meaning": "The difference of the loss between two arms of the same seed.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "trial",
      "name": "trial",
      "meaning": "One model of one arm with one seed, trained as its arm says and measured. A study is a set of trials; `ablation plan` prints them.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "step",
      "name": "step",
      "meaning": "One update of the weights by the optimiser, on one batch.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "search point",
      "name": "search point",
      "meaning": "One setting of the searched hyper-parameters; every arm with a search tries the same points.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "fleet",
      "name": "fleet",
      "meaning": "Several models that are trained together, step by step. What each learns does not depend on the others.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "replica",
      "name": "replica",
      "meaning": "One model of a fleet.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "tune split",
      "name": "tune split",
      "meaning": "Held-out examples on which choices are made: hyper-parameters, the primary ablation, rates of fine-tuning.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "test split",
      "name": "test split",
      "meaning": "Held-out examples on which the reported losses are measured; nothing is chosen on them.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "constant predictor",
      "name": "constant predictor",
      "meaning": "The best model that ignores its input. A trained model has to reach a lower loss than this.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "floor",
      "name": "floor",
      "meaning": "The lowest expected loss that any predictor can have on the data: the entropy of the targets given the input. It is above 0 where chance decides a part of the answer.",
      "symbol": null,
      "source": null
    },
    {
      "group": "word",
      "key": "label noise",
      "name": "label noise",
      "meaning": "The share of the targets that are replaced by a uniform draw among the possible answers, in training and evaluation alike.",
      "symbol": null,
      "source": null
    },
    {
      "group": "arm",
      "key": "reference",
      "name": "reference",
      "meaning": "Trained from scratch, with its own hyper-parameter search.",
      "symbol": "R",
      "source": null
    },
    {
      "group": "arm",
      "key": "ablated",
      "name": "ablated",
      "meaning": "The reference with the component ablated after training, not trained further.",
      "symbol": "D",
      "source": null
    },
    {
      "group": "arm",
      "key": "sham",
      "name": "fine-tuned, not ablated (sham)",
      "meaning": "The reference, fine-tuned for as long as the ablated model: the control for the effect of further training.",
      "symbol": "S",
      "source": null
    },
    {
      "group": "arm",
      "key": "recovered",
      "name": "ablated, then fine-tuned",
      "meaning": "The ablated model, trained further for a stated fraction of the reference's steps.",
      "symbol": "H",
      "source": null
    },
    {
      "group": "arm",
      "key": "short-retrain",
      "name": "short retraining",
      "meaning": "Trained from scratch without the component, for only as many steps as the fine-tuning: separates recovery from learning anew.",
      "symbol": "Z",
      "source": null
    },
    {
      "group": "arm",
      "key": "retrained-untuned",
      "name": "retrained without, untuned",
      "meaning": "Trained from scratch without the component, with the hyper-parameters of the reference: the common shortcut.",
      "symbol": "U",
      "source": null
    },
    {
      "group": "arm",
      "key": "retrained",
      "name": "retrained without",
      "meaning": "Trained from scratch without the component, with its own hyper-parameter search of the same budget.",
      "symbol": "N",
      "source": null
    },
    {
      "group": "arm",
      "key": "aa",
      "name": "A/A control",
      "meaning": "The reference once more, searched and trained as if it were a variant: its difference from the reference is noise.",
      "symbol": "P",
      "source": null
    },
    {
      "group": "arm",
      "key": "matched",
      "name": "retrained, parameter-matched",
      "meaning": "As retrained without, widened until it has as many parameters as the reference.",
      "symbol": "M",
      "source": null
    },
    {
      "group": "arm",
      "key": "variant",
      "name": "variant",
      "meaning": "A changed model of which the table does not say how it was made.",
      "symbol": "V",
      "source": null
    },
    {
      "group": "stage",
      "key": "search",
      "name": "Hyper-parameter search",
      "meaning": "Every arm with hyper-parameters of its own searches for them.",
      "symbol": null,
      "source": null
    },
    {
      "group": "stage",
      "key": "train",
      "name": "Final training",
      "meaning": "Trainings from scratch with every final seed.",
      "symbol": null,
      "source": null
    },
    {
      "group": "stage",
      "key": "ablate",
      "name": "Ablation",
      "meaning": "Components are ablated in trained models; nothing is trained.",
      "symbol": null,
      "source": null
    },
    {
      "group": "stage",
      "key": "recover",
      "name": "Recovery fine-tuning",
      "meaning": "Ablated models and their shams are trained further.",
      "symbol": null,
      "source": null
    },
    {
      "group": "tier",
      "key": "sketch",
      "name": "sketch",
      "meaning": "Six seeds: shows the direction of large effects. Where there is no difference, among six components, it shows that in 7, 60 or 97 of 100 studies if the margin is 1, 1.5 or 2 standard deviations of the gap.",
      "symbol": null,
      "source": null
    },
    {
      "group": "tier",
      "key": "standard",
      "name": "standard",
      "meaning": "Ten seeds and twice as many search points: what a paper should report.",
      "symbol": null,
      "source": null
    },
    {
      "group": "tier",
      "key": "gold",
      "name": "gold",
      "meaning": "The whole search repeated eight times: measures the variance of tuning as well.",
      "symbol": null,
      "source": null
    },
    {
      "group": "grade",
      "key": "sound",
      "name": "sound",
      "meaning": "The number measures what its name says.",
      "symbol": null,
      "source": null
    },
    {
      "group": "grade",
      "key": "approximate",
      "name": "approximate",
      "meaning": "It measures something close to what its name says; the reason says what differs.",
      "symbol": null,
      "source": null
    },
    {
      "group": "grade",
      "key": "refused",
      "name": "refused",
      "meaning": "Not offered: the number would be misread. The reason says what to do instead.",
      "symbol": null,
      "source": null
    },
    {
      "group": "reading energy_distance",
      "key": "denoising-error",
      "name": "Denoising error",
      "meaning": "Mean squared error of the predicted clean example over held-out examples at five fixed noise levels; lower is better. A model that always predicts the mean of the data has 1. The gaps above are differences of this error.",
      "symbol": null,
      "source": null
    },
    {
      "group": "reading energy_distance",
      "key": "loss",
      "name": "Loss",
      "meaning": "The training loss over the steps, on a scale of its own.",
      "symbol": null,
      "source": null
    },
    {
      "group": "reading energy_distance",
      "key": "samples",
      "name": "Samples",
      "meaning": "Generated from pure noise, drawn with held-out examples.",
      "symbol": null,
      "source": null
    },
    {
      "group": "reading energy_distance",
      "key": "energy-distance",
      "name": "Energy distance",
      "meaning": "Distance between the distributions of generated and held-out examples; 0 means equal. It need not move with the denoising error, which is measured one step at a time.",
      "symbol": null,
      "source": null
    },
    {
      "group": "card",
      "key": "updates",
      "name": "steps",
      "meaning": "Steps of one training from scratch.",
      "symbol": null,
      "source": null
    },
    {
      "group": "card",
      "key": "trials",
      "name": "search points",
      "meaning": "Points that the search of every arm tries.",
      "symbol": null,
      "source": null
    },
    {
      "group": "card",
      "key": "aa",
      "name": "A/A control",
      "meaning": "Whether the reference, trained once more as if it were a variant, differs from the reference.",
      "symbol": null,
      "source": null
    },
    {
      "group": "card",
      "key": "short-retrain",
      "name": "recovery advantage",
      "meaning": "Short retraining minus the ablated, then fine-tuned model.",
      "symbol": null,
      "source": null
    },
    {
      "group": "card",
      "key": "matched",
      "name": "parameter-matched gap",
      "meaning": "The retrained, parameter-matched model minus the reference.",
      "symbol": null,
      "source": null
    },
    {
      "group": "gap",
      "key": "disruption",
      "name": "disruption",
      "meaning": "Loss of the ablated model minus loss of the reference.",
      "symbol": "D − R",
      "source": null
    },
    {
      "group": "gap",
      "key": "recovery",
      "name": "recovery gap",
      "meaning": "Loss of the ablated, then fine-tuned model minus loss of the sham: the damage that fine-tuning does not undo.",
      "symbol": "H − S",
      "source": null
    },
    {
      "group": "gap",
      "key": "untuned",
      "name": "untuned gap",
      "meaning": "Loss when retrained without the component at the reference's hyper-parameters, minus loss of the reference: what ablation tables usually report where they retrain.",
      "symbol": "U − R",
      "source": null
    },
    {
      "group": "gap",
      "key": "necessity",
      "name": "necessity",
      "meaning": "Loss when retrained without the component, with its own search, minus loss of the reference.",
      "symbol": "N − R",
      "source": null
    },
    {
      "group": "gap",
      "key": "matched",
      "name": "parameter-matched gap",
      "meaning": "Necessity with a model that is widened to as many parameters as the reference.",
      "symbol": "M − R",
      "source": null
    },
    {
      "group": "gap",
      "key": "tuning_confound",
      "name": "tuning confound",
      "meaning": "The part of the untuned gap that comes from hyper-parameters chosen for another model.",
      "symbol": "U − N",
      "source": null
    },
    {
      "group": "gap",
      "key": "co_adaptation_gap",
      "name": "co-adaptation gap",
      "meaning": "Disruption minus necessity: how far ablation overstates the need for a component.",
      "symbol": "D − N",
      "source": null
    },
    {
      "group": "gap",
      "key": "recovery_advantage",
      "name": "recovery advantage",
      "meaning": "Loss of the short retraining minus loss of the ablated, then fine-tuned model.",
      "symbol": "Z − H",
      "source": null
    },
    {
      "group": "gap",
      "key": "aa",
      "name": "A/A gap",
      "meaning": "Loss of the A/A control minus loss of the reference: noise.",
      "symbol": "P − R",
      "source": null
    },
    {
      "group": "gap",
      "key": "variant",
      "name": "gap",
      "meaning": "Loss of the variant minus loss of the reference, where it is not said how the variant was made.",
      "symbol": "variant − reference",
      "source": null
    },
    {
      "group": "verdict",
      "key": "worse",
      "name": "worse",
      "meaning": "The loss is higher, with an adjusted p-value below 0.05.",
      "symbol": null,
      "source": null
    },
    {
      "group": "verdict",
      "key": "better-without",
      "name": "better",
      "meaning": "The loss is lower, with an adjusted p-value below 0.05.",
      "symbol": null,
      "source": null
    },
    {
      "group": "verdict",
      "key": "equivalent",
      "name": "equivalent",
      "meaning": "The difference lies within the margin that was fixed before any variant ran.",
      "symbol": null,
      "source": "two one-sided tests, Schuirmann 1987"
    },
    {
      "group": "verdict",
      "key": "unchanged",
      "name": "unchanged",
      "meaning": "Identical in every seed: nothing was changed, or the switch is not connected.",
      "symbol": null,
      "source": null
    },
    {
      "group": "verdict",
      "key": "inconclusive",
      "name": "inconclusive",
      "meaning": "Neither a difference nor its absence was shown. This is not evidence of no effect.",
      "symbol": null,
      "source": null
    },
    {
      "group": "extent",
      "key": "material",
      "name": "by the margin or more",
      "meaning": "A test shows that the difference is the margin or more.",
      "symbol": null,
      "source": null
    },
    {
      "group": "extent",
      "key": "negligible",
      "name": "but by less than the margin",
      "meaning": "The equivalence test shows that it lies within the margin.",
      "symbol": null,
      "source": null
    },
    {
      "group": "extent",
      "key": "plain",
      "name": "size open",
      "meaning": "Neither is shown, or there is no margin.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "co_adapted",
      "name": "co-adapted, not necessary",
      "meaning": "Ablating it in the trained model makes it worse, because the rest has adapted to it. A model retrained without it is as good, within the margin.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "overstated_by_ablation",
      "name": "useful, overstated by ablation",
      "meaning": "A model retrained without it is worse, so it is useful. Ablating it in a trained model overstates how useful.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "necessary",
      "name": "necessary",
      "meaning": "A model retrained without it is worse, even with its own hyper-parameter search. It is needed for this task.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "redundant",
      "name": "redundant",
      "meaning": "Neither ablating it nor retraining without it makes a difference above the margin. Other components may do its work.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "needed_during_training",
      "name": "needed during training",
      "meaning": "A model retrained without it is worse. That ablating it makes the trained model worse was not shown, or was not measured.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "not_necessary",
      "name": "not necessary",
      "meaning": "A model without it is as good, within the margin. That ablating it makes the trained model worse was not shown, or was not measured.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "harmful",
      "name": "harmful here",
      "meaning": "A model retrained without it is better. This model does better on this task without the component.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "unchanged",
      "name": "unchanged",
      "meaning": "Two arms have the same values in every seed: the switch had no effect. Check whether it changes the parameter count, or any output of the model.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined",
      "key": "undetermined",
      "name": "undetermined",
      "meaning": "Neither a difference nor equivalence was shown. This is not evidence that the component is not needed.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined-of-change",
      "key": "needed_during_training",
      "name": "worse with the change",
      "meaning": "A model trained with the change from the start is worse. The original setting is needed here; no ablation measures that.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined-of-change",
      "key": "not_necessary",
      "name": "as good with the change",
      "meaning": "A model trained with the change from the start is as good, within the margin. The original setting is not necessary here.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined-of-change",
      "key": "harmful",
      "name": "better with the change",
      "meaning": "A model trained with the change from the start is better. The change improves this model on this task.",
      "symbol": null,
      "source": null
    },
    {
      "group": "combined-of-change",
      "key": "undetermined",
      "name": "undetermined",
      "meaning": "Neither a difference nor its absence was shown. This is not evidence that the change has no effect.",
      "symbol": null,
      "source": null
    },
    {
      "group": "modifier",
      "key": "recoverable",
      "name": "recoverable",
      "meaning": "Fine-tuning for at most a twentieth of the training recovers the loss, and faster than training from scratch.",
      "symbol": null,
      "source": null
    },
    {
      "group": "modifier",
      "key": "untuned_misleading",
      "name": "untuned gap misleading",
      "meaning": "Part of the untuned gap comes from hyper-parameters that were chosen for another model.",
      "symbol": null,
      "source": null
    },
    {
      "group": "modifier",
      "key": "untuned_depends",
      "name": "untuned gap depends on the reference's setting",
      "meaning": "Whether the untuned gap is misleading depends on which of several equally good settings the reference uses.",
      "symbol": null,
      "source": null
    },
    {
      "group": "modifier",
      "key": "explained_by_size",
      "name": "explained by size",
      "meaning": "With as many parameters as the reference the difference is gone.",
      "symbol": null,
      "source": null
    },
    {
      "group": "modifier",
      "key": "search_at_edge",
      "name": "search at an edge",
      "meaning": "The best search point lies at the edge of the range even after it was widened, so the arm may be under-tuned.",
      "symbol": null,
      "source": null
    },
    {
      "group": "modifier",
      "key": "search_failed",
      "name": "search failed",
      "meaning": "A model without it is as good as the reference with the reference's hyper-parameters, so its own search failed.",
      "symbol": null,
      "source": null
    },
    {
      "group": "modifier",
      "key": "below_margin",
      "name": "may be below the margin",
      "meaning": "A difference was found, and it may be smaller than the margin.",
      "symbol": null,
      "source": null
    },
    {
      "group": "modifier",
      "key": "at_ceiling",
      "name": "at the ceiling",
      "meaning": "The reference solves the task exactly. The verdict is about solving this task; on a harder one it may be another.",
      "symbol": null,
      "source": null
    }
  ],
  "numbers": [
    {
      "key": "study.seeds",
      "label": "Seeds",
      "help": "Paired runs of every arm. With fewer than six no test can find a difference.",
      "minimum": 1.0,
      "maximum": 64.0,
      "integer": true
    },
    {
      "key": "study.trials",
      "label": "Search points",
      "help": "Hyper-parameter settings that each arm tries; the same number for every arm.",
      "minimum": 1.0,
      "maximum": 256.0,
      "integer": true
    },
    {
      "key": "study.margin",
      "label": "Margin",
      "help": "The smallest difference that matters, as a fraction of what the reference learned. Fixed before any variant runs.",
      "minimum": 0.0001,
      "maximum": 0.5,
      "integer": false
    },
    {
      "key": "study.seed",
      "label": "Root seed",
      "help": "All seeds are derived from it; the same study has the same seeds everywhere.",
      "minimum": 0.0,
      "maximum": 4294967295.0,
      "integer": true
    }
  ]
};
