//! Eight Gaussians: eight blobs on a circle, on which a model that forgets a mode is caught at a glance.

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};
use core::f64::consts::FRAC_PI_4;

use super::{Entry, Start};
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::data::{Data, Example};
use crate::error::{DataError, number};
use crate::layout::Layout;
use crate::numbers::{LIMIT, NEEDS_OF_POINTS, noise_predictor};
use crate::split::Split;

/// Eight equally likely blobs, equally spaced on a circle of radius 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EightGaussians {
    noise: f64,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: &[], fit, start: Some(start) };

const ABOUT: About = About {
    name: "eight-gaussians",
    label: "Eight Gaussians",
    help: "Points from eight Gaussians on a circle. The model learns to generate such points from noise, without dropping a mode.",
    score: Score::ENERGY,
};

/// Its examples are points, whatever is set.
fn fit(_: usize, _: usize) -> Option<Settings> {
    Some(Settings::default())
}

fn fields() -> Vec<Field> {
    vec![noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(EightGaussians::from_settings(settings)?))
}

fn start() -> Start {
    Start {
        label: "Eight Gaussians",
        help: "A diffusion model learns a mixture of eight Gaussians. Does it need its second block?",
        settings: Settings::default().with("ablation.site", "blocks.1"),
    }
}

impl EightGaussians {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        Ok(Self { noise: number(settings, &noise())? })
    }
}

fn noise() -> Field {
    let help = "Standard deviation of a blob on a circle of radius 1; above 0.3 the blobs run together.";
    Field::number("data.noise", Group::Data, "Noise", help, (0.0, 0.5), 0.08)
}

impl Data for EightGaussians {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn layout(&self) -> Layout {
        Layout::Numbers { height: 1, width: 1, channels: 2, classes: None, limit: LIMIT }
    }

    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let angle = FRAC_PI_4 * draws.below(8) as f64;
        let scale = 1.0 / (0.5 + self.noise * self.noise).sqrt(); // points on a circle have a variance of 1/2 a coordinate
        let (sine, cosine) = libm::sincos(angle);
        let values = [cosine, sine].map(|c| ((c + self.noise * draws.normal()) * scale) as f32);
        Example::Numbers { values: values.to_vec(), class: None }
    }

    fn constant(&self) -> ConstantPredictor {
        noise_predictor(self)
    }

    fn needs(&self) -> Vec<Need> {
        NEEDS_OF_POINTS.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::tests::{check, point};
    use ablation_random::Stream;

    fn data(noise: f64) -> Result<EightGaussians, DataError> {
        EightGaussians::from_settings(&Settings::default().with("data.noise", noise))
    }

    #[test]
    fn keeps_the_promises_of_points() {
        for noise in [0.0, 0.08, 0.3] {
            check(&data(noise).unwrap());
        }
    }

    #[test]
    fn all_eight_blobs_are_equally_likely() {
        let (data, stream) = (data(0.08).unwrap(), Stream::root(1));
        let mut blobs = [0_i32; 8];
        for i in 0..8_000 {
            let [x, y] = point(&data, &stream, Split::Train, i).map(f64::from);
            let turn = libm::atan2(y, x) / FRAC_PI_4;
            blobs[libm::round(turn + 8.0) as usize % 8] += 1;
        }
        assert!(blobs.iter().all(|n| (n - 1_000).abs() < 5 * 30), "{blobs:?}");
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_points_never_change() {
        let data = data(0.08).unwrap();
        let stream = Stream::root(1).at("data");
        let bits = |split, i| point(&data, &stream, split, i).map(f32::to_bits);
        assert_eq!(bits(Split::Train, 0), [0xbf5f_9a85, 0x3f6a_c32a]);
        assert_eq!(bits(Split::Test, 9), [0xbf7f_249f, 0x3f82_2740]);
        assert_eq!(data.constant().score, 0.05360663385711417);
    }

    #[test]
    fn noise_out_of_range_is_refused() {
        let message = data(-1.0).unwrap_err().to_string();
        assert!(message.contains("`data.noise` is -1; choose a value from 0 to 0.5"), "{message}");
    }
}
