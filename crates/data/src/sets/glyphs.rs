//! Glyphs: eight line drawings of 8 by 8 pixels, made by formula, for models of images that are told the class.
//!
//! The smallest images on which a question about image models can be asked: a noisy point does not tell how much noise is on it, and 64 noisy
//! pixels do, so a model of images needs no noise level (Sun et al. 2025, <https://arxiv.org/abs/2502.13129>).

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::{Entry, Start, never};
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::data::{Data, Example};
use crate::error::{DataError, number};
use crate::layout::Layout;
use crate::numbers::noise_predictor;
use crate::split::Split;

/// Pixels of a side.
const SIDE: usize = 8;

/// Places along each axis at which a drawing can stand, a pixel apart.
const SHIFTS: u64 = 3;

/// The faintest and the strongest stroke; the paper is 0.
const STRENGTH: [f64; 2] = [0.6, 1.0];

/// Half the width of a stroke, and the width of its soft edge, in pixels.
const STROKE: [f64; 2] = [0.5, 0.7];

/// The drawings: distance of a point, given from the centre to the right and down, from the nearest stroke. The index is the class.
const DRAWINGS: [fn(f64, f64) -> f64; 8] = [
    // Bar, dash, plus, times.
    |x, y| within(x.abs(), y),
    |x, y| within(y.abs(), x),
    |x, y| within(x.abs(), y).min(within(y.abs(), x)),
    |x, y| within(diagonal((x - y).abs()), diagonal(x + y)).min(within(diagonal((x + y).abs()), diagonal(x - y))),
    // Ring, square, diamond, triangle.
    |x, y| ((x * x + y * y).sqrt() - 2.4).abs(),
    |x, y| (x.abs().max(y.abs()) - 2.2).abs(),
    |x, y| diagonal((x.abs() + y.abs() - 3.0).abs()),
    |x, y| ((2.0 * x.abs() - y - 2.6) / 5.0_f64.sqrt()).max(y - 2.2).abs(),
];

/// Distance from a stroke of length 6, of the distance from its line and the place along it.
fn within(off: f64, along: f64) -> f64 {
    off.max(along.abs() - 2.5)
}

/// A distance that was measured along both axes, along the diagonal.
fn diagonal(sum: f64) -> f64 {
    sum / 2.0_f64.sqrt()
}

const POSITION: &str =
    "attention reads patches as a set: without position embeddings the model does not know where in the image a patch is";

const MIX: &str = "only token mixing depends on the position: without it every patch is denoised alone, whatever its place";

/// Eight equally likely line drawings with small shifts and strokes of varying strength.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyphs {
    noise: f64,
    /// Mean and standard deviation of all pixels of all drawings together, where the strongest stroke is 1.
    moments: [f64; 2],
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: &[], fit: never, start: Some(start) };

const ABOUT: About = About {
    name: "glyphs",
    label: "Glyphs",
    help: "Images of 8 by 8 pixels in eight classes, such as a bar, a ring or a triangle. The model learns to generate images of the class it is given.",
    score: Score::ENERGY,
};

fn fields() -> Vec<Field> {
    vec![noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(Glyphs::from_settings(settings)?))
}

fn start() -> Start {
    Start {
        label: "Glyphs",
        help: "A diffusion model learns small images of eight classes. Does it need the noise level as an input?",
        // A small model has no room for 64 pixels of noise; it has room for a drawing (Li & He 2025, https://arxiv.org/abs/2511.13720).
        settings: Settings::default()
            .with("model.backbone", "residual-mlp")
            .with("objective.prediction", "data")
            .with("train.batch", 64)
            .with("train.steps", 1500)
            .with("train.learning_rate", 0.01)
            .with("ablation.site", "time"),
    }
}

impl Glyphs {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let noise = number(settings, &noise())?;
        Ok(Self { noise, moments: moments(noise) })
    }
}

/// Mean and standard deviation of all pixels of all drawings together, with noise on each of them.
fn moments(noise: f64) -> [f64; 2] {
    let [low, high] = STRENGTH;
    // Of a strength that is uniform between the two.
    let (strength, square) = ((low + high) / 2.0, (low * low + low * high + high * high) / 3.0);
    let shifts = (0..SHIFTS).flat_map(|down| (0..SHIFTS).map(move |right| [right, down]));
    let images = shifts.flat_map(|shift| (0..DRAWINGS.len()).map(move |class| ink(class, shift)));
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for ink in images.flatten() {
        sum += ink;
        squares += ink * ink;
        count += 1.0;
    }
    let mean = strength * sum / count;
    [mean, (square * squares / count - mean * mean + noise * noise).sqrt()]
}

/// How much ink there is on each pixel of a drawing, from 0 to 1, row by row. `shift`: pixels to the right and down from the leftmost and
/// highest place.
fn ink(class: usize, shift: [u64; 2]) -> [f64; SIDE * SIDE] {
    let [x, y] = shift.map(|shift| (SIDE as f64 - SHIFTS as f64) / 2.0 + shift as f64);
    let [half, edge] = STROKE;
    std::array::from_fn(|pixel| {
        let distance = DRAWINGS[class]((pixel % SIDE) as f64 - x, (pixel / SIDE) as f64 - y);
        (1.0 - (distance - half) / edge).clamp(0.0, 1.0)
    })
}

fn noise() -> Field {
    let help = "Standard deviation of the noise on every pixel, where the strongest stroke is 1.";
    Field::number("data.noise", Group::Data, "Noise", help, (0.0, 0.5), 0.05)
}

impl Data for Glyphs {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The limit is the strongest stroke with three standard deviations of noise on it.
    fn layout(&self) -> Layout {
        let [mean, deviation] = self.moments;
        let limit = (STRENGTH[1] + 3.0 * self.noise - mean) / deviation;
        Layout::Numbers { height: SIDE, width: SIDE, channels: 1, classes: Some(DRAWINGS.len()), limit }
    }

    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let class = draws.below(DRAWINGS.len() as u64);
        let shift = [draws.below(SHIFTS), draws.below(SHIFTS)];
        let [low, high] = STRENGTH;
        let strength = low + (high - low) * draws.uniform();
        let [mean, deviation] = self.moments;
        let pixel = |ink: f64| ((strength * ink + self.noise * draws.normal() - mean) / deviation) as f32;
        Example::Numbers { values: ink(class as usize, shift).map(pixel).to_vec(), class: Some(class as u32) }
    }

    fn constant(&self) -> ConstantPredictor {
        noise_predictor(self)
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the noisy image"),
            Need::no("time", "the noise level can be estimated from 64 noisy pixels"),
            Need::yes("position", POSITION).bidirectional_only(),
            Need::yes("blocks.*.mix", MIX),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::example;
    use ablation_random::Stream;

    fn data(noise: f64) -> Result<Glyphs, DataError> {
        Glyphs::from_settings(&Settings::default().with("data.noise", noise))
    }

    fn image(data: &Glyphs, stream: &Stream, split: Split, index: u64) -> (Vec<f32>, usize) {
        match example(data, stream, split, index) {
            Example::Numbers { values, class: Some(class) } => (values, class as usize),
            other => panic!("{other:?} is not an image with a class"),
        }
    }

    #[test]
    fn pixels_are_centred_have_variance_one_and_lie_within_the_limit() {
        for noise in [0.0, 0.05, 0.5] {
            let (data, stream) = (data(noise).unwrap(), Stream::root(3).at("data"));
            let pixels: Vec<f64> =
                (0..5_000).flat_map(|index| image(&data, &stream, Split::Train, index).0).map(f64::from).collect();
            let count = pixels.len() as f64;
            let (mean, square) = (pixels.iter().sum::<f64>() / count, pixels.iter().map(|x| x * x).sum::<f64>() / count);
            assert!(mean.abs() < 0.02 && (square - 1.0).abs() < 0.02, "{noise}: mean {mean}, mean square {square}");
            let Layout::Numbers { limit, .. } = data.layout() else { panic!("images are numbers") };
            let beyond = pixels.iter().filter(|pixel| pixel.abs() > limit).count() as f64;
            assert!(beyond < count / 1000.0, "{noise}: {beyond} of {count} are beyond {limit}");
            let largest = pixels.iter().fold(0.0, |largest: f64, pixel| largest.max(pixel.abs()));
            assert!(largest > 0.9 * limit, "{noise}: a limit of {limit} is far from {largest}");
        }
    }

    #[test]
    fn classes_are_equally_likely_and_every_image_is_nearest_to_a_drawing_of_its_class() {
        let (data, stream) = (data(0.05).unwrap(), Stream::root(1));
        let places = || (0..SHIFTS).flat_map(|down| (0..SHIFTS).map(move |right| [right, down]));
        let drawings: Vec<(usize, Vec<f64>)> =
            (0..DRAWINGS.len()).flat_map(|class| places().map(move |shift| (class, ink(class, shift).to_vec()))).collect();
        // Correlation, which does not see the strength of the stroke.
        let alike = |pixels: &[f32], ink: &[f64]| {
            let (of_pixels, of_ink) = (pixels.iter().sum::<f32>() / 64.0, ink.iter().sum::<f64>() / 64.0);
            let product = |(pixel, ink): (&f32, &f64)| f64::from(pixel - of_pixels) * (ink - of_ink);
            let length = ink.iter().map(|ink| (ink - of_ink) * (ink - of_ink)).sum::<f64>().sqrt();
            pixels.iter().zip(ink).map(product).sum::<f64>() / length
        };
        let mut classes = [0_i32; DRAWINGS.len()];
        for index in 0..4_000 {
            let (pixels, class) = image(&data, &stream, Split::Train, index);
            classes[class] += 1;
            let nearest = drawings.iter().max_by(|a, b| alike(&pixels, &a.1).total_cmp(&alike(&pixels, &b.1)));
            assert_eq!(nearest.unwrap().0, class, "image {index}");
        }
        assert!(classes.iter().all(|count| (count - 500).abs() < 5 * 21), "{classes:?}"); // five standard deviations
    }

    #[test]
    fn splits_are_other_draws() {
        let (data, stream) = (data(0.05).unwrap(), Stream::root(1));
        let first = |split| (0..5).map(|index| image(&data, &stream, split, index)).collect::<Vec<_>>();
        assert_eq!(first(Split::Train), first(Split::Train));
        assert!(first(Split::Train) != first(Split::Tune) && first(Split::Tune) != first(Split::Test));
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_images_never_change() {
        let (data, stream) = (data(0.05).unwrap(), Stream::root(1).at("data"));
        let some = |split, index| {
            let (pixels, class) = image(&data, &stream, split, index);
            (class, [pixels[0], pixels[27], pixels[63]].map(f32::to_bits))
        };
        assert_eq!(some(Split::Train, 0), (3, [0xbf54_7042, 0x3f4b_bde2, 0xbf1f_eb32]));
        assert_eq!(some(Split::Test, 9), (3, [0xbe1e_9390, 0x3fd4_102e, 0xbf1b_d7d8]));
    }

    #[test]
    fn noise_out_of_range_is_refused() {
        let message = data(0.6).unwrap_err().to_string();
        assert!(message.contains("`data.noise` is 0.6; choose a value from 0 to 0.5"), "{message}");
    }
}
