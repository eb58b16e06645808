//! Small images, of the data or made by a model: one path for each level of grey, so that a picture of 64 cells stays a few hundred bytes.
//!
//! The grey scale is the same for the data and for every arm. A scale that fits each image makes a washed-out sample look like a crisp one.

use std::fmt::Write;

use super::TEXT;
use crate::number::{coordinate, number};
use crate::svg::{Element, document_of, shortened};
use crate::theme::{INK, LINE, MUTED};
use crate::{Figure, Table};

const WIDTH: f64 = 340.0;
const GAP: f64 = 8.0;
const COLUMNS: usize = 8;
/// The highest level; level 0 is not drawn.
const LEVELS: u8 = 9;
/// Below each image: its class.
const CAPTION: f64 = 14.0;

/// Images beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Images {
    /// Name within its panel, such as `sample`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// Height, width and channels of every image; channels are averaged.
    pub shape: [usize; 3],
    /// The value that has no ink, and the one that has full ink.
    pub range: [f64; 2],
    /// The images, in the order shown.
    pub images: Vec<Image>,
}

/// One image.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// `[height * width * channels]`, row by row; what is missing or not finite has no ink.
    pub values: Vec<f32>,
    /// The class that it shows or was made for.
    pub class: Option<u32>,
}

impl Images {
    /// Draws them.
    pub fn figure(&self) -> Figure {
        let side = (WIDTH - GAP * (COLUMNS - 1) as f64) / COLUMNS as f64;
        let [height, width, _] = self.shape;
        let tall = side * height as f64 / width.max(1) as f64;
        let caption = if self.images.iter().any(|image| image.class.is_some()) { CAPTION } else { 0.0 };
        let mut body = Element::group();
        for (index, image) in self.images.iter().enumerate() {
            let (x, y) = ((index % COLUMNS) as f64 * (side + GAP), (index / COLUMNS) as f64 * (tall + caption + GAP));
            body.add(self.draw_image(image, x, y, side, tall));
            if let Some(class) = image.class {
                let text = Element::text(x, y + tall + 10.5, &shortened(&class.to_string(), 10.0, side));
                body.add(text.set("fill", MUTED.paint()).set("font-size", "10"));
            }
        }
        let rows = self.images.len().div_ceil(COLUMNS).max(1) as f64;
        let description = self.describe();
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document_of(TEXT, (WIDTH, rows * (tall + caption + GAP)), &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    fn draw_image(&self, image: &Image, x: f64, y: f64, side: f64, tall: f64) -> Element {
        let [height, width, _] = self.shape;
        let mut drawn = Element::group().set("transform", &format!("translate({} {})", coordinate(x, 2), coordinate(y, 2)));
        let scale = side / width.max(1) as f64;
        let mut cells = Element::group()
            .set("transform", &format!("scale({}) translate(0 .5)", coordinate(scale, 4)))
            .set("fill", "none")
            .set("stroke", INK.paint())
            .set("shape-rendering", "crispEdges");
        let mut paths = vec![String::new(); usize::from(LEVELS)];
        for (row, column) in (0..height).flat_map(|row| (0..width).map(move |column| (row, column))) {
            if let Some(path) = usize::from(self.level(image, row * width + column)).checked_sub(1) {
                let _ = write!(paths[path], "M{column} {row}h1");
            }
        }
        for (index, path) in paths.iter().enumerate().filter(|(_, path)| !path.is_empty()) {
            let opacity = coordinate((index + 1) as f64 / f64::from(LEVELS), 2);
            cells.add(Element::path(path).set("stroke-opacity", opacity.trim_start_matches('0')));
        }
        drawn.add(cells);
        drawn.add(Element::rect(0.0, 0.0, side, tall).set("fill", "none").set("stroke", LINE.paint()));
        drawn
    }

    /// Ink of a cell, from 0 to 9.
    fn level(&self, image: &Image, cell: usize) -> u8 {
        let channels = self.shape[2].max(1);
        let values = (cell * channels..(cell + 1) * channels).map(|index| image.values.get(index).copied().unwrap_or(f32::NAN));
        let mean = values.map(f64::from).sum::<f64>() / channels as f64;
        let [low, high] = self.range;
        let share = ((mean - low) / (high - low)).clamp(0.0, 1.0);
        if share.is_finite() { libm::round(f64::from(LEVELS) * share) as u8 } else { 0 }
    }

    fn describe(&self) -> String {
        let [height, width, _] = self.shape;
        let [low, high] = self.range.map(number);
        let images = if self.images.len() == 1 { "image" } else { "images" };
        let classes = if self.images.iter().any(|image| image.class.is_some()) { " Below each: its class." } else { "" };
        format!(
            "{} {images} of {height} by {width} pixels. More ink is a larger value, from {low} to {high}.{classes}",
            self.images.len()
        )
    }

    fn table(&self) -> Table {
        let mut table = Table::new(["image", "class", "mean", "standard deviation"]);
        for (index, image) in self.images.iter().enumerate() {
            let values: Vec<f64> = image.values.iter().map(|value| f64::from(*value)).filter(|value| value.is_finite()).collect();
            let count = values.len() as f64;
            let mean = values.iter().sum::<f64>() / count;
            let spread = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
            table.push(vec![
                (index + 1).to_string(),
                image.class.map_or("—".to_string(), |class| class.to_string()),
                number(mean),
                number(spread.sqrt()),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(values: Vec<f32>, class: Option<u32>) -> Images {
        let image = Image { values, class };
        Images { name: "sample".into(), title: "Samples".into(), shape: [2, 2, 1], range: [-1.0, 1.0], images: vec![image] }
    }

    #[test]
    fn ink_grows_with_the_value_and_stops_at_the_range() {
        let figure = images(vec![-1.0, 0.0, 1.0, 50.0], Some(3)).figure();
        assert!(figure.svg.contains("M0 1h1M1 1h1"), "the largest and what is larger: {}", figure.svg);
        assert!(!figure.svg.contains("M0 0h1"), "the smallest has no ink");
        assert_eq!(figure.table.rows[0][..2], ["1", "3"]);
        assert!(figure.description.ends_with("Below each: its class."));
    }

    #[test]
    fn wrong_sizes_and_wrong_numbers_are_drawn_as_nothing() {
        for values in [vec![], vec![f32::NAN, f32::INFINITY, 1.0]] {
            let svg = images(values, None).figure().svg;
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
        let none = Images { images: vec![], shape: [0, 0, 0], ..images(vec![], None) };
        assert!(!none.figure().svg.contains("NaN"));
    }
}
