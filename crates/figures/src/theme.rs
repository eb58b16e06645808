//! The colours, as CSS variables with a fallback, so that one stored figure follows the page's theme and still prints alone.
//!
//! The arm colours are from the palette of Okabe and Ito, which readers with any common colour vision can tell apart. Three of them reach a
//! contrast of 3:1 on white *and* on black grounds. Its blue is dim on black, where hollow marks and translucent seeds in it were hard to see, so
//! that its sky blue stands there. Tests compute the contrast of every role.

/// A colour of the figures: the CSS variable that sets it and its value in both themes.
#[derive(Clone, Copy, Debug)]
pub struct Colour {
    /// The CSS custom property, such as `--ink`.
    pub variable: &'static str,
    /// Value in the light theme, also the fallback inside the figure.
    pub light: &'static str,
    /// Value in the dark theme.
    pub dark: &'static str,
    paint: &'static str,
}

impl Colour {
    /// `var(--ink, #1c1d1f)`: what stands in the SVG.
    pub const fn paint(&self) -> &'static str {
        self.paint
    }
}

macro_rules! colour {
    ($variable:literal, $light:literal, $dark:literal) => {
        Colour { variable: $variable, light: $light, dark: $dark, paint: concat!("var(", $variable, ", ", $light, ")") }
    };
}

/// Text and the reference arm.
pub const INK: Colour = colour!("--ink", "#1c1d1f", "#ececee");
/// Secondary text, and data behind samples.
pub const MUTED: Colour = colour!("--muted", "#5e6267", "#a4a8ad");
/// Grid lines and frames.
pub const LINE: Colour = colour!("--line", "#dcdee1", "#35383c");
/// The ground the figure stands on; only used for halos and inverse text.
pub const PAPER: Colour = colour!("--paper", "#ffffff", "#121212");
/// Ablated after training.
pub const DISRUPTION: Colour = colour!("--disruption", "#D55E00", "#D55E00");
/// Retrained without the component.
pub const NECESSITY: Colour = colour!("--necessity", "#0072B2", "#56B4E9");
/// Ablated, then fine-tuned.
pub const RECOVERED: Colour = colour!("--recovered", "#009E73", "#009E73");
/// Fine-tuned for as long, not ablated (sham).
pub const SHAM: Colour = colour!("--sham", "#CC79A7", "#CC79A7");
/// What a reader must not overlook: a verdict that would be another. Marks and text.
pub const WARN: Colour = colour!("--warn", "#9a3412", "#fbbf8f");

/// Every colour, for a page that wants to declare the variables.
pub const COLOURS: [Colour; 9] = [INK, MUTED, LINE, PAPER, DISRUPTION, NECESSITY, RECOVERED, SHAM, WARN];

/// The font stack of all text in figures.
pub(crate) const FONT: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/// The font stack of tokens.
pub(crate) const MONO: &str = "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace";

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of `#rrggbb` (WCAG 2.2).
    fn luminance(hex: &str) -> f64 {
        let channel = |i: usize| {
            let c = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    /// Contrast ratio (WCAG 2.2), 1 to 21.
    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn contrast_is_computed_as_the_standard_says() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#0072B2", "#ffffff") - 5.19).abs() < 0.01);
    }

    /// Contrast of a colour with what it stands on, in the light and in the dark theme.
    fn ratios(colour: Colour) -> [(f64, &'static str); 2] {
        [(contrast(colour.light, PAPER.light), "light"), (contrast(colour.dark, PAPER.dark), "dark")]
    }

    #[test]
    fn every_role_is_visible_in_both_themes() {
        let marks = crate::Role::ALL.into_iter().map(crate::Role::colour).chain([MUTED, WARN]);
        for colour in marks {
            for (ratio, theme) in ratios(colour) {
                assert!(ratio >= 3.0, "{}, {theme}: {ratio:.2}", colour.variable);
            }
        }
    }

    /// Seeds and hollow marks are lighter than a filled mark, so on black an arm needs more than the least.
    #[test]
    fn no_arm_is_dim_on_black() {
        for colour in [DISRUPTION, NECESSITY, RECOVERED, SHAM] {
            let [_, (ratio, _)] = ratios(colour);
            assert!(ratio >= 4.5, "{}: {ratio:.2}", colour.variable);
        }
    }

    #[test]
    fn text_is_readable_in_both_themes() {
        for colour in [INK, MUTED, WARN] {
            for (ratio, theme) in ratios(colour) {
                assert!(ratio >= 4.5, "{}, {theme}: {ratio:.2}", colour.variable);
            }
        }
    }

    #[test]
    fn a_paint_is_its_variable_with_the_light_value_to_fall_back_on() {
        for colour in COLOURS {
            assert_eq!(colour.paint(), format!("var({}, {})", colour.variable, colour.light));
        }
    }
}
