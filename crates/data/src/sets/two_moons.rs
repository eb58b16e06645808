//! Two moons: two interlocked half circles, the smallest distribution that no blob and no straight line can imitate.

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};
use core::f64::consts::{FRAC_1_PI, PI};

use super::{Entry, Start};
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::data::{Data, Example};
use crate::error::{DataError, number};
use crate::layout::Layout;
use crate::numbers::{LIMIT, NEEDS_OF_POINTS, noise_predictor};
use crate::split::Split;

/// Half circles of radius 1: the upper one around (0, 0), the lower one around (1, 1/2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoMoons {
    noise: f64,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: &[], fit, start: Some(start) };

const ABOUT: About = About {
    name: "two-moons",
    label: "Two moons",
    help: "Points on two interleaved half circles. The model learns to generate such points from noise.",
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
    Ok(Box::new(TwoMoons::from_settings(settings)?))
}

fn start() -> Start {
    Start {
        label: "Two moons",
        help: "A diffusion model learns two interleaved half circles. Does it need the noise level as an input?",
        settings: Settings::default().with("ablation.site", "time"),
    }
}

impl TwoMoons {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        Ok(Self { noise: number(settings, &noise())? })
    }
}

fn noise() -> Field {
    let help = "Standard deviation of a point around its half circle, whose radius is 1.";
    Field::number("data.noise", Group::Data, "Noise", help, (0.0, 0.5), 0.08)
}

impl Data for TwoMoons {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn layout(&self) -> Layout {
        Layout::Numbers { height: 1, width: 1, channels: 2, classes: None, limit: LIMIT }
    }

    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let upper = draws.below(2) == 0;
        let (sine, cosine) = libm::sincos(PI * draws.uniform());
        let [x, y] = if upper { [cosine, sine] } else { [1.0 - cosine, 0.5 - sine] };
        // The moons' centre is (1/2, 1/4). Variances: in x that of a cosine (1/2) and of the centres (1/4); in y that of a sine
        // on the upper half (1/2 - 4/pi^2) and of the moons' mean heights, which are 4/pi - 1/2 apart.
        let apart = 4.0 * FRAC_1_PI - 0.5;
        let variance = (0.75 + 0.5 - 4.0 * FRAC_1_PI * FRAC_1_PI + apart * apart / 4.0) / 2.0;
        let scale = 1.0 / (variance + self.noise * self.noise).sqrt();
        let values = [(x - 0.5) * scale, (y - 0.25) * scale].map(|c| (c + self.noise * scale * draws.normal()) as f32);
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

    fn data(noise: f64) -> Result<TwoMoons, DataError> {
        TwoMoons::from_settings(&Settings::default().with("data.noise", noise))
    }

    #[test]
    fn keeps_the_promises_of_points() {
        for noise in [0.0, 0.08, 0.5] {
            check(&data(noise).unwrap());
        }
    }

    #[test]
    fn without_noise_every_point_lies_on_a_half_circle() {
        let (data, stream) = (data(0.0).unwrap(), Stream::root(1));
        let radius = 1.0 / ((0.75 + 0.244_195) / 2.0_f64).sqrt(); // after scaling, by the variances worked out by hand
        for i in 0..1_000 {
            let [x, y] = point(&data, &stream, Split::Train, i).map(|c| f64::from(c) / radius);
            let to_centre = |cx: f64, cy: f64| ((x + 0.5 - cx) * (x + 0.5 - cx) + (y + 0.25 - cy) * (y + 0.25 - cy)).sqrt();
            let off = (to_centre(0.0, 0.0) - 1.0).abs().min((to_centre(1.0, 0.5) - 1.0).abs());
            assert!(off < 1e-4, "point {i} is {off} off");
        }
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_points_never_change() {
        let data = data(0.08).unwrap();
        let stream = Stream::root(1).at("data");
        let bits = |split, i| point(&data, &stream, split, i).map(f32::to_bits);
        assert_eq!(bits(Split::Train, 0), [0xbf91_f790, 0x3f66_2995]);
        assert_eq!(bits(Split::Test, 9), [0x3f38_91e8, 0xbeb0_c6a0]);
        assert_eq!(data.constant().score, 0.048787027983978604);
    }

    #[test]
    fn noise_out_of_range_is_refused() {
        for noise in [-0.1, 9.0, f64::NAN, f64::INFINITY] {
            let message = data(noise).unwrap_err().to_string();
            assert!(message.contains(&format!("`data.noise` is {noise}; choose a value from 0 to 0.5")), "{message}");
        }
        let message = TwoMoons::from_settings(&Settings::default()).unwrap_err().to_string();
        assert!(message.contains("`data.noise` is missing"), "{message}");
    }
}
