//! The settings of the ablation: which site, which operator, and the numbers that the operator takes.
//!
//! They follow from the sites, so an operator that takes a number has its field in forms, links and on the command line without a line of
//! code elsewhere.

use ablation_protocol::{AblationOption, Grade, Site};
use ablation_settings::{Choice, Field, Group, Meaning, Settings};

/// What every setting of the ablation starts with.
pub(crate) const PREFIX: &str = "ablation.";
/// The setting that names the site.
pub(crate) const SITE: &str = "ablation.site";
/// The setting that names the operator.
pub(crate) const OPERATOR: &str = "ablation.operator";

/// The value of `ablation.site` when nothing is ablated.
pub const NO_SITE: &str = "none";

/// The fields of the ablation: the site, then the operator, then its parameters; only what is offered.
pub(crate) fn ablation_fields(sites: &[Site], chosen: &Settings) -> Vec<Field> {
    let none = Choice::new(NO_SITE, "none", "No component is ablated.");
    let ablatable = sites.iter().filter(|site| offered(site).next().is_some());
    let options = ablatable.map(|site| Choice::new(&site.path, &site.path, &site.help));
    let help = "The component that is ablated in the trained model.";
    let mut fields = vec![
        Field::choice(SITE, Group::Ablation, "Component", help, std::iter::once(none).chain(options).collect())
            .means(Meaning::Site),
    ];
    let Some(site) = sites.iter().find(|site| chosen.text(SITE) == Ok(&site.path)) else { return fields };
    let operators = offered(site).map(|option| Choice::new(&option.operator, &option.label, &in_full(option)));
    let help = "What the output of the component is replaced by.";
    fields.push(Field::choice(OPERATOR, Group::Ablation, "Operator", help, operators.collect()));
    let operator = offered(site).find(|option| chosen.text(OPERATOR) == Ok(&option.operator));
    for parameter in operator.iter().flat_map(|option| &option.parameters) {
        let (path, range) = (format!("{PREFIX}{}", parameter.name), (parameter.minimum, parameter.maximum));
        let field = Field::number(&path, Group::Ablation, &parameter.label, &parameter.help, range, parameter.default);
        fields.push(field);
    }
    fields
}

fn offered(site: &Site) -> impl Iterator<Item = &AblationOption> {
    site.ablations.iter().filter(|option| option.grade.allowed())
}

/// What an operator does, and how far its number can be trusted.
fn in_full(option: &AblationOption) -> String {
    let grade = if matches!(option.grade, Grade::Sound { .. }) { "Sound" } else { "Approximate" };
    format!("{} {grade}: {}", option.help, option.grade.reason())
}
