//! The list of tasks: what can be chosen, and the task that was.

use ablation_settings::{Choice, Field, Group, Meaning, Settings};
use serde::Serialize;

use crate::about::{About, Need, Score, Trivial};
use crate::eight_gaussians::EightGaussians;
use crate::error::TaskError;
use crate::first::First;
use crate::masked_repeat::MaskedRepeat;
use crate::modular_addition::ModularAddition;
use crate::points::PointTask;
use crate::repeat::Repeat;
use crate::sequence::SequenceTask;
use crate::two_moons::TwoMoons;

/// A task with its settings.
pub enum Task {
    /// On tokens: for a transformer.
    Sequence(Box<dyn SequenceTask>),
    /// On points in the plane: for a denoiser.
    Points(Box<dyn PointTask>),
}

/// A task as the page and a record show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// Name in links and files.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// What the model sees and must do.
    pub help: &'static str,
    /// What a model that learned nothing reaches.
    pub trivial: Trivial,
    /// What is measured beside the loss.
    pub score: Score,
    /// Which components the task needs.
    pub needs: Vec<Need>,
}

/// One line of the list.
struct Entry {
    about: &'static About,
    fields: fn() -> Vec<Field>,
    build: fn(&Settings) -> Result<Task, TaskError>,
}

/// All tasks, in the order shown; the first is the default.
const TASKS: [Entry; 6] = [
    Entry { about: &Repeat::ABOUT, fields: Repeat::fields, build: |s| Ok(sequence(Repeat::from_settings(s)?)) },
    Entry { about: &MaskedRepeat::ABOUT, fields: MaskedRepeat::fields, build: |s| Ok(sequence(MaskedRepeat::from_settings(s)?)) },
    Entry { about: &First::ABOUT, fields: First::fields, build: |s| Ok(sequence(First::from_settings(s)?)) },
    Entry {
        about: &ModularAddition::ABOUT,
        fields: ModularAddition::fields,
        build: |s| Ok(sequence(ModularAddition::from_settings(s)?)),
    },
    Entry { about: &TwoMoons::ABOUT, fields: TwoMoons::fields, build: |s| Ok(points(TwoMoons::from_settings(s)?)) },
    Entry {
        about: &EightGaussians::ABOUT,
        fields: EightGaussians::fields,
        build: |s| Ok(points(EightGaussians::from_settings(s)?)),
    },
];

fn sequence(task: impl SequenceTask + 'static) -> Task {
    Task::Sequence(Box::new(task))
}

fn points(task: impl PointTask + 'static) -> Task {
    Task::Points(Box::new(task))
}

/// The fields of the task group given what is chosen so far: `task.kind`, then those of that task (of the default task as
/// long as none is chosen, none for a name that is no task's).
pub fn fields(chosen: &Settings) -> Vec<Field> {
    let options = TASKS.iter().map(|entry| Choice::new(entry.about.name, entry.about.label, entry.about.help)).collect();
    let kind = Field::choice("task.kind", Group::Task, "Task", "What the model has to learn.", options).means(Meaning::Data);
    let name = chosen.text("task.kind").unwrap_or(TASKS[0].about.name);
    let own = find(name).map(|entry| (entry.fields)()).unwrap_or_default();
    [vec![kind], own].concat()
}

fn find(name: &str) -> Option<&'static Entry> {
    TASKS.iter().find(|entry| entry.about.name == name)
}

impl Task {
    /// The task that complete settings describe.
    ///
    /// # Errors
    /// If `task.kind` is not in the list, or a setting of the task is missing or outside its range; never after validation.
    pub fn from_settings(settings: &Settings) -> Result<Self, TaskError> {
        let name = settings.text("task.kind")?;
        let known = || TASKS.map(|entry| entry.about.name).join(", ");
        let entry = find(name).ok_or_else(|| TaskError::Unknown { kind: name.to_string(), known: known() })?;
        (entry.build)(settings)
    }

    /// Name, description and score.
    pub fn about(&self) -> &'static About {
        match self {
            Self::Sequence(task) => task.about(),
            Self::Points(task) => task.about(),
        }
    }

    /// What a model that learned nothing reaches.
    pub fn trivial(&self) -> Trivial {
        match self {
            Self::Sequence(task) => task.trivial(),
            Self::Points(task) => task.trivial(),
        }
    }

    /// Which components the task needs.
    pub fn needs(&self) -> Vec<Need> {
        match self {
            Self::Sequence(task) => task.needs(),
            Self::Points(task) => task.needs(),
        }
    }

    /// All that is said about it.
    pub fn describe(&self) -> Description {
        let About { name, label, help, score } = *self.about();
        Description { name, label, help, score, trivial: self.trivial(), needs: self.needs() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequence::Sequence;
    use crate::split::Split;
    use ablation_random::Stream;
    use ablation_settings::{Kind, Value};

    /// Settings in which every field of a task has its default.
    fn defaults(kind: &str) -> Settings {
        let chosen = Settings::default().with("task.kind", kind);
        let own = fields(&chosen).into_iter().skip(1);
        own.fold(chosen.clone(), |settings, field| settings.with(&field.path, field.default_value()))
    }

    #[test]
    fn every_task_is_built_from_its_own_defaults() {
        for entry in &TASKS {
            let task = Task::from_settings(&defaults(entry.about.name)).unwrap();
            assert_eq!(task.about(), entry.about);
            let Description { label, help, trivial, needs, .. } = task.describe();
            assert!(!label.is_empty() && help.ends_with('.'));
            assert!(trivial.loss > 0.0 && trivial.score > 0.0);
            assert!(needs.iter().any(|need| need.needed) && needs.iter().all(|need| !need.why.is_empty()));
        }
    }

    #[test]
    fn every_field_explains_itself() {
        for field in TASKS.iter().flat_map(|entry| (entry.fields)()) {
            assert!(field.path.starts_with("task.") && field.group == Group::Task, "{field:?}");
            assert!(!field.label.is_empty() && field.help.ends_with('.'), "{field:?}");
        }
    }

    #[test]
    fn every_field_works_at_both_ends_of_its_range_and_is_refused_beyond() {
        for (entry, field) in TASKS.iter().flat_map(|entry| (entry.fields)().into_iter().map(move |field| (entry, field))) {
            let (ends, beyond): ([Value; 2], [Value; 2]) = match field.kind {
                Kind::Integer { minimum, maximum, .. } => {
                    ([minimum, maximum].map(Value::Integer), [minimum - 1, maximum + 1].map(Value::Integer))
                }
                Kind::Number { minimum, maximum, .. } => {
                    ([minimum, maximum].map(Value::Number), [minimum - 0.01, maximum + 0.01].map(Value::Number))
                }
                Kind::Choice { .. } => continue,
            };
            let build = |value: Value| Task::from_settings(&defaults(entry.about.name).with(&field.path, value));
            for value in ends {
                match build(value).unwrap() {
                    Task::Sequence(task) => {
                        let Sequence { tokens, targets } = task.example(&Stream::root(1), Split::Test, u64::MAX);
                        let all = tokens.iter().chain(targets.iter().flatten());
                        assert!(all.copied().all(|token| (token as usize) < task.vocabulary()));
                        assert_eq!([tokens.len(), targets.len()], [task.length(); 2]);
                    }
                    Task::Points(task) => {
                        let point = task.example(&Stream::root(1), Split::Test, u64::MAX);
                        assert!(point.iter().all(|c| c.is_finite()) && task.trivial().score > 0.0);
                    }
                }
            }
            for value in beyond {
                let message = build(value).err().map(|error| error.to_string()).unwrap();
                assert!(message.contains(&format!("`{}`", field.path)) && message.contains("choose a value from"), "{message}");
            }
        }
    }

    #[test]
    fn the_fields_follow_the_choice() {
        let paths = |settings: &Settings| fields(settings).into_iter().map(|field| field.path).collect::<Vec<_>>();
        assert_eq!(paths(&Settings::default()), ["task.kind", "task.length", "task.vocabulary"]);
        let chosen = |kind: &str| paths(&Settings::default().with("task.kind", kind));
        assert_eq!(chosen("modular-addition"), ["task.kind", "task.modulus", "task.train_share"]);
        assert_eq!(chosen("first"), ["task.kind", "task.length", "task.vocabulary"]);
        assert_eq!(chosen("masked-repeat"), ["task.kind", "task.length", "task.vocabulary"]);
        assert_eq!(chosen("two-moons"), ["task.kind", "task.noise"]);
        assert_eq!(chosen("no such task"), ["task.kind"]);
    }

    #[test]
    fn a_task_that_does_not_exist_is_refused_with_the_list() {
        let message = |settings| Task::from_settings(&settings).err().map(|error| error.to_string()).unwrap();
        let unknown = message(Settings::default().with("task.kind", "chess"));
        assert_eq!(
            unknown,
            "there is no task `chess`; `task.kind` is one of: repeat, masked-repeat, first, modular-addition, two-moons, eight-gaussians"
        );
        assert!(message(Settings::default()).contains("`task.kind`"));
        assert!(message(defaults("repeat").with("task.length", "long")).contains("`task.length`"));
    }
}
