//! What a person looks at while a model trains, as numbers. Drawing them is the business of `ablation-figures`, so that a host
//! without pictures needs none and the same numbers can be drawn in another way.

/// One thing to look at.
#[derive(Clone, Debug, PartialEq)]
// It is drawn before it crosses to the page.
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(type = "Figure"))]
pub enum Shown {
    /// Training losses of the arms of a panel.
    Losses(Losses),
    /// Examples of the data, or what a model makes.
    Samples(Samples),
}

/// Training losses of some arms on axes that all panels share.
#[derive(Clone, Debug, PartialEq)]
pub struct Losses {
    /// Unit of the loss, if it has one.
    pub unit: Option<&'static str>,
    /// The last step on the axis.
    pub steps: u64,
    /// The top of the axis.
    pub highest: f64,
    /// The loss of the constant predictor, if it is known.
    pub constant: Option<f64>,
    /// The arms, the one to compare with first.
    pub series: Vec<Series>,
}

/// Losses of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Key of the arm.
    pub arm: String,
    /// `(step, loss)`; a loss that is not finite stays what it is.
    pub points: Vec<(f64, f64)>,
}

/// Examples of the data, or what a model makes of held-out ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// Sequences, with the predictions of a model if there is one.
    Tokens(Vec<TokenExample>),
    /// How a model goes on with a text: what it was given, and what it wrote. Both on one line.
    Text {
        /// What it was given.
        beginning: String,
        /// What it wrote.
        continuation: String,
    },
    /// Attention patterns of one example, block by block, a map a head.
    Attention {
        /// Rows and columns of each map.
        positions: usize,
        /// The maps of each block.
        blocks: Vec<Vec<AttentionMap>>,
    },
    /// Points in the plane.
    Points {
        /// Name of the data set.
        data_set: &'static str,
        /// Both axes go from `-range` to `range`.
        range: f64,
        /// Points of the data.
        data: Vec<[f32; 2]>,
        /// Points that a model made; `None` where only data are shown.
        samples: Option<Vec<[f32; 2]>>,
    },
    /// Images.
    Images {
        /// Name of the data set.
        data_set: &'static str,
        /// Height, width and channels of every image.
        shape: [usize; 3],
        /// Smallest and largest value of the data.
        range: [f64; 2],
        /// Images of the data, `[height * width * channels]` each, with their class if they have one.
        data: Vec<(Vec<f32>, Option<u32>)>,
        /// Images that a model made, with the class it was told; `None` where only data are shown.
        samples: Option<Vec<(Vec<f32>, Option<u32>)>>,
    },
}

/// One sequence. All lists are read position by position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenExample {
    /// What the model reads.
    pub input: Vec<String>,
    /// What it should predict at each position; empty where nothing is asked.
    pub truth: Vec<String>,
    /// What it predicts; empty where there is no model.
    pub prediction: Vec<String>,
    /// Which positions carry a target.
    pub scored: Vec<bool>,
}

/// The attention pattern of one head.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionMap {
    /// The head as shown.
    pub label: String,
    /// `[positions, positions]`, a row for each query.
    pub weights: Vec<f32>,
    /// Whether the model goes without it.
    pub ablated: bool,
}
