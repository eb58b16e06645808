//! All components of one sort, so that none holds another one: what `--pairs`, `--greedy` and `--all-but-one` ablate together.

use ablation_models::Operator;
use ablation_protocol::{Ablation, Placement, Site};
use clap::ValueEnum;

use crate::arguments::{Over, SweepArguments};
use crate::failure::bad_input;
use crate::fleets;
use crate::trained::Trained;

/// Components that a sentence names; of the others it gives the number.
const NAMED: usize = 3;

/// Components with the operator that ablates each of them.
pub struct Components {
    /// Which they are, as it is typed.
    pub over: String,
    /// The operator.
    pub operator: &'static str,
    /// Their paths, in the order of the model.
    pub names: Vec<String>,
}

/// What ablating sets of components costs in one trained model.
pub struct Costs<'a> {
    /// The components.
    pub components: &'a Components,
    /// The model.
    pub trained: &'a Trained,
    /// Threads that share the sets.
    pub threads: usize,
    /// The loss before any ablation.
    pub loss: Option<f64>,
}

/// The components that the options ask for; none if no option does.
///
/// # Errors
/// If options contradict each other, there are fewer than two components, or the operator is not offered at each of them.
pub fn chosen(arguments: &SweepArguments, sites: &[Site], operators: &[&'static Operator]) -> anyhow::Result<Option<Components>> {
    let Some(option) = option(arguments) else {
        return arguments.over.map_or(Ok(None), |over| {
            let over = typed(over);
            Err(bad_input(format!(
                "`--over {over}` says what `--pairs`, `--greedy` and `--all-but-one` ablate; write one of them as well"
            )))
        });
    };
    if !arguments.together.is_empty() {
        let named = arguments.together.join(",");
        return Err(bad_input(format!(
            "`{option}` takes all components of a sort, and `--together {named}` those that it names; write one of the two"
        )));
    }
    let names: Vec<&str> = operators.iter().map(|operator| operator.name).collect();
    let [operator] = operators else {
        let count = names.len();
        return Err(bad_input(format!("`{option}` takes one operator, and there are {count} ({}); keep one", names.join(", "))));
    };
    all(sites, arguments.over.unwrap_or_default(), operator).map(Some)
}

/// The option that asks for sets of all components.
pub fn option(arguments: &SweepArguments) -> Option<&'static str> {
    let options = [("--pairs", arguments.pairs), ("--greedy", arguments.greedy), ("--all-but-one", arguments.all_but_one)];
    options.into_iter().find(|(_, asked)| *asked).map(|(option, _)| option)
}

/// The operator where none was typed.
pub fn usual_operator(arguments: &SweepArguments) -> &'static str {
    if arguments.over == Some(Over::Blocks) { "skip" } else { "mean" }
}

/// All components of a sort with one operator.
fn all(sites: &[Site], over: Over, operator: &'static Operator) -> anyhow::Result<Components> {
    let found = of_sort(sites, over);
    let (over, name) = (typed(over), operator.name);
    if found.len() < 2 {
        let one = found.first().map_or("none".to_string(), |site| format!("only `{}`", site.path));
        let larger = Over::value_variants().iter().filter(|other| of_sort(sites, **other).len() > 1);
        let larger: Vec<String> = larger.map(|other| format!("`--over {}`", typed(*other))).collect();
        let way_out =
            if larger.is_empty() { "set `model.layers=2`".to_string() } else { format!("choose {}", larger.join(" or ")) };
        return Err(bad_input(format!("`--over {over}` takes two components or more, and this model has {one}; {way_out}")));
    }
    let is_offered =
        |site: &Site, name: &str| site.ablations.iter().any(|option| option.operator == name && option.grade.allowed());
    let missing: Vec<&str> = found.iter().filter(|site| !is_offered(site, name)).map(|site| site.path.as_str()).collect();
    if !missing.is_empty() {
        let first = found[0].ablations.iter().map(|option| option.operator.as_str());
        let offered: Vec<&str> = first.filter(|name| found.iter().all(|site| is_offered(site, name))).collect();
        return Err(bad_input(format!(
            "`--operator {name}` is not offered at {}, which `--over {over}` takes; offered at all of them: {}",
            listed(&missing),
            offered.join(", ")
        )));
    }
    Ok(Components { over, operator: name, names: found.iter().map(|site| site.path.clone()).collect() })
}

/// The components of a sort.
fn of_sort(sites: &[Site], over: Over) -> Vec<&Site> {
    let is_one = |site: &&Site| match over {
        // Positions are a branch of no block.
        Over::Branches => site.placement == Placement::Branch && site.parent.is_some(),
        Over::Heads => site.kind == "head",
        Over::Blocks => site.placement == Placement::Group,
    };
    sites.iter().filter(is_one).collect()
}

/// The first few names, and how many more there are.
fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = names.len() - shown.len();
    format!("{}{}", shown.join(", "), if more > 0 { format!(" and {more} more") } else { String::new() })
}

/// A sort as it is typed.
fn typed(over: Over) -> String {
    over.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
}

impl Costs<'_> {
    /// The rise of the loss when each set of components is ablated, each set as the indices of its members.
    ///
    /// # Errors
    /// If the device stops answering.
    pub fn of(&self, sets: &[Vec<usize>]) -> anyhow::Result<Vec<Option<f64>>> {
        let Components { names, operator, .. } = self.components;
        let ablations = |set: &Vec<usize>| set.iter().map(|&index| Ablation::new(&names[index], operator)).collect();
        let lists: Vec<Vec<Ablation>> = sets.iter().map(ablations).collect();
        let (_, losses) = fleets::losses(self.trained, &lists, self.threads)?;
        Ok(losses.into_iter().map(|after| Some(after? - self.loss?)).collect())
    }
}
