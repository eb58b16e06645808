//! Sites as the catalogue lists them: a backbone describes its components, and this adds parameters, grades and ablation operators.

use ablation_protocol::{AblationOption, AblationParameter, Grade, Needs, Placement, Site};
use ablation_settings::arrange_by_key;

use crate::grades::{self, Override, What};
use crate::layers::norms::{INNER, NormPlacement, Norms};
use crate::objectives::Input;
use crate::operators::{self, OPERATORS, Operator, Resolve};
use crate::parameter::Parameter;

/// A site as its backbone describes it.
#[derive(Clone, Debug)]
pub struct Component {
    pub path: String,
    pub parent: Option<String>,
    pub kind: &'static str,
    pub placement: Placement,
    pub label: String,
    pub help: &'static str,
    pub positions: usize,
    pub channels: usize,
    pub reads: Vec<String>,
    pub adds_to: Option<String>,
    /// Grades that differ from those of its kind.
    pub grades: &'static [Override],
}

impl Component {
    /// The site with its grades; its parameters are those whose path starts with the site's path.
    /// `input`: what the model reads.
    pub(crate) fn site(self, parameters: &[Parameter], input: Input) -> Site {
        let inside = |parameter: &&Parameter| parameter.path.strip_prefix(&self.path).is_some_and(|rest| rest.starts_with('.'));
        Site {
            parameters: parameters.iter().filter(inside).map(Parameter::count).sum(),
            removal: grades::removal(self.kind, self.placement, self.grades),
            ablations: self.ablations(input),
            label: self.label,
            help: self.help.to_string(),
            path: self.path,
            parent: self.parent,
            kind: self.kind.to_string(),
            placement: self.placement,
            positions: self.positions,
            channels: self.channels,
            reads: self.reads,
            adds_to: self.adds_to,
            // The catalogue adds them: they are the other values of settings.
            swaps: Vec::new(),
        }
    }

    /// The operators that have a meaning here, the most trustworthy first.
    fn ablations(&self, input: Input) -> Vec<AblationOption> {
        let reads_tokens = matches!(input, Input::Tokens(_));
        let has_what_it_needs = |operator: &&Operator| {
            (self.positions > 1 || !operator.by_position) && (reads_tokens || !matches!(operator.resolve, Resolve::Tokens(_)))
        };
        let fits = OPERATORS.iter().filter(has_what_it_needs);
        let mut options: Vec<AblationOption> = fits.filter_map(|operator| self.ablation(operator)).collect();
        arrange_by_key(&mut options, |option| match option.grade {
            Grade::Sound { .. } => 0,
            Grade::Approximate { .. } => 1,
            Grade::Refused { .. } => 2,
        });
        options
    }

    fn ablation(&self, operator: &Operator) -> Option<AblationOption> {
        let grade =
            grades::grade(What::Operator(operator.name), self.kind, self.grades, operator.fit(self.kind, self.placement))?;
        let parameter = |one: &operators::Parameter| AblationParameter {
            name: one.name.to_string(),
            label: one.label.to_string(),
            help: one.help.to_string(),
            minimum: one.minimum,
            maximum: one.maximum_of(self.channels),
            default: one.default.min(one.maximum_of(self.channels)),
            intact: one.intact,
            at_zero: one.at_zero.iter().map(|name| (*name).to_string()).collect(),
        };
        Some(AblationOption {
            operator: operator.name.to_string(),
            label: operator.label.to_string(),
            help: operator.help.to_string(),
            phrase: operator.phrase.to_string(),
            parameters: operator.parameters.iter().map(parameter).collect(),
            needs: if operator.needs_reference() { Needs::ReferenceSet } else { Needs::Nothing },
            grade,
        })
    }
}

/// The activation of an MLP. `mlp`: the MLP as the parent of what is inside it.
pub(crate) fn activation(mlp: &Component, hidden: usize) -> Component {
    Component {
        path: format!("{}.act", mlp.path),
        kind: "activation",
        placement: Placement::Inline,
        label: "activation".to_string(),
        help: "The non-linearity between the two linear maps of the MLP.",
        channels: hidden,
        ..mlp.clone()
    }
}

/// Builds the sites of a residual stream in forward order, keeping track of what reads what.
#[derive(Debug)]
pub struct Stream {
    components: Vec<Component>,
    /// The site that was last to write to the stream.
    end: String,
    /// The site whose output branches read instead, if they stand beside each other.
    fork: Option<String>,
    positions: usize,
    channels: usize,
    norms: Norms,
}

/// What a backbone says of one site: kind, name and what it does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    pub kind: &'static str,
    pub label: &'a str,
    pub help: &'static str,
}

impl Stream {
    /// A stream that `embedding` starts.
    pub(crate) fn new(path: &str, embedding: Words, positions: usize, norms: Norms) -> Self {
        let mut stream =
            Stream { components: Vec::new(), end: path.to_string(), fork: None, positions, channels: norms.width, norms };
        let component = stream.component(path, None, Placement::Source, embedding);
        stream.components.push(component);
        stream
    }

    /// Adds what is inside the embedding, right behind it. `inner`: its components, from that of the embedding.
    pub(crate) fn inside_embedding(&mut self, inner: impl FnOnce(&Component) -> Vec<Component>) {
        let inside = self.components.first().map_or(Vec::new(), inner);
        self.components.extend(inside);
    }

    /// A branch that adds to the stream without reading it.
    pub(crate) fn add(&mut self, path: &str, words: Words) -> &mut Component {
        let adds_to = Some(std::mem::replace(&mut self.end, path.to_string()));
        let component = self.component(path, None, Placement::Branch, words);
        self.push(Component { adds_to, ..component })
    }

    /// A block, before the branches in it.
    pub(crate) fn block(&mut self, path: &str, words: Words) -> &mut Component {
        let component = self.component(path, None, Placement::Group, words);
        let reads = vec![self.end.clone()];
        let grades = if self.norms.place == NormPlacement::Post { grades::POST_NORM_BLOCK } else { &[] };
        self.push(Component { reads, grades, ..component })
    }

    /// From here on branches read the stream as it is now, until they [`join`](Stream::join).
    pub(crate) fn fork(&mut self) {
        self.fork = Some(self.end.clone());
    }

    /// From here on a branch reads what the branches before it have written.
    pub(crate) fn join(&mut self) {
        self.fork = None;
    }

    /// What a branch reads of the stream.
    fn read(&self) -> String {
        self.fork.as_ref().unwrap_or(&self.end).clone()
    }

    /// A branch of a block with its norm; `inner` describes what the branch holds.
    pub(crate) fn branch(&mut self, path: &str, block: &str, words: Words, inner: impl Fn(Component) -> Vec<Component>) {
        self.through(path, block, words, true, inner);
    }

    /// The same of a component that adds to the stream (`residual`) or replaces it.
    pub(crate) fn through(
        &mut self,
        path: &str,
        block: &str,
        words: Words,
        residual: bool,
        inner: impl Fn(Component) -> Vec<Component>,
    ) {
        let norm = format!("{path}_norm");
        if self.norms.place.is_before() {
            self.norm(&norm, Some(block), "norm");
        }
        let reads = vec![if self.norms.place.is_before() { norm.clone() } else { self.read() }];
        let adds_to = residual.then(|| self.end.clone());
        let placement = if residual { Placement::Branch } else { Placement::Inline };
        let component = self.component(path, Some(block), placement, words);
        self.push(Component { reads: reads.clone(), adds_to, ..component.clone() });
        // What is inside reads what the branch reads.
        self.components.extend(inner(Component { reads: reads.clone(), parent: Some(path.to_string()), ..component }));
        if self.norms.place == NormPlacement::Sandwich {
            self.norm(&format!("{path}.{INNER}"), Some(path), "norm of its output");
            self.components.last_mut().expect("it was added").reads = reads;
        }
        self.end = path.to_string();
        if self.norms.place == NormPlacement::Post {
            self.norm(&norm, Some(block), "norm");
            self.end = norm;
        }
    }

    /// The last norm, if there is one, and the site that reads the end of the stream; then all sites.
    pub(crate) fn finish(mut self, path: &str, words: Words, channels: usize) -> Vec<Component> {
        if self.norms.place.is_before() {
            self.norm("norm", None, "final norm");
            self.end = "norm".to_string();
        }
        let component = self.component(path, None, Placement::Source, words);
        let reads = vec![self.end.clone()];
        self.push(Component { reads, channels, ..component });
        self.components
    }

    fn norm(&mut self, path: &str, parent: Option<&str>, label: &str) {
        let help = self.norms.kind.help;
        let component = self.component(path, parent, Placement::Inline, Words { kind: "norm", label, help });
        let reads = vec![self.read()];
        self.push(Component { reads, ..component });
    }

    fn component(&self, path: &str, parent: Option<&str>, placement: Placement, words: Words) -> Component {
        Component {
            path: path.to_string(),
            parent: parent.map(str::to_string),
            kind: words.kind,
            placement,
            label: words.label.to_string(),
            help: words.help,
            positions: self.positions,
            channels: self.channels,
            reads: Vec::new(),
            adds_to: None,
            grades: &[],
        }
    }

    fn push(&mut self, component: Component) -> &mut Component {
        self.components.push(component);
        let last = self.components.len() - 1;
        &mut self.components[last]
    }
}
