//! What holds for every figure.

use ablation_figures::Figure;
use std::path::Path;

/// What holds for every figure, then the snapshot.
#[expect(clippy::disallowed_methods, reason = "a test reads and writes the file that it expects")]
pub fn check(figure: &Figure) {
    let svg = &figure.svg;
    for part in ["<svg xmlns=", "viewBox=\"0 0 3", "role=\"img\"", "<title>", "<desc>", "</svg>"] {
        assert!(svg.contains(part), "{} has no {part}", figure.name);
    }
    for part in [" id=", "<style", "NaN", "\"-0\"", " -0 "] {
        assert!(!svg.contains(part), "{} has {part}", figure.name);
    }
    let (colours, fallbacks) = (svg.matches('#').count(), svg.matches(", #").count());
    assert_eq!(colours, fallbacks, "a colour that no variable sets");
    assert_eq!(fallbacks, svg.matches("var(--").count(), "a variable without a fallback");
    for row in &figure.table.rows {
        assert_eq!(row.len(), figure.table.columns.len(), "a ragged table");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(format!("{}.svg", figure.name));
    let text = format!("{}\n", figure.svg);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(expected == text, "{} has changed; if that is meant, run again with UPDATE_EXPECT=1 and look at it", file.display());
}
