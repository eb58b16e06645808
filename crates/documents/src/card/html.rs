//! A card as a self-contained HTML page, to mail, archive or print.

use super::{Card, CardFigure, Cell, Content};
use ablation_settings::visible_line;

/// Colours of page and figures in both themes; wide tables scroll sideways.
const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c1d1f;--muted:#5e6267;--line:#dcdee1;--paper:#fff;--disruption:#D55E00;--necessity:#0072B2;--recovered:#009E73;--sham:#CC79A7;--warn:#9a3412}
@media(prefers-color-scheme:dark){:root{--ink:#ececee;--muted:#a4a8ad;--line:#35383c;--paper:#121212;--necessity:#56B4E9;--warn:#fbbf8f}}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:60rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.1rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line)}
dt{color:var(--muted);margin-top:.7rem}dd{margin:0;overflow-wrap:anywhere}ul{margin:0;padding-left:1.2rem}h1,h2,p,li,figcaption{overflow-wrap:anywhere}
.none{color:var(--muted)}.pass::before{content:\"✓ \"}.fail{font-weight:600}.fail::before{content:\"✗ \"}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;white-space:nowrap;vertical-align:top;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line)}th{font-weight:600}
td.n{text-align:right}td.prose{white-space:normal;min-width:24rem}.found{margin:1rem 0;font-size:1.05rem}.found li{margin-bottom:.4rem}
.figures{columns:22rem;column-gap:1.5rem}figure{margin:0 0 1.5rem;break-inside:avoid}svg{width:100%;height:auto}figcaption{color:var(--muted)}
@media print{body{max-width:none;font-size:11px}th,td{white-space:normal}td.prose{min-width:0}.wide{overflow:visible}}
";

pub(super) fn write(card: &Card, figures: &[CardFigure]) -> String {
    let title = escaped(&card.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Protocol card: {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Protocol card: {title}</h1>\n"
    );
    if !card.found().is_empty() {
        let items: String = card.found().iter().map(|sentence| format!("<li>{}</li>\n", escaped(sentence))).collect();
        out += &format!("<h2>Summary of results</h2>\n<ul class=\"found\">\n{items}</ul>\n");
    }
    if !figures.is_empty() {
        out += "<div class=\"figures\">\n";
        for figure in figures {
            out += &format!("<figure>{}<figcaption>{}</figcaption></figure>\n", figure.svg, escaped(figure.title));
        }
        out += "</div>\n";
    }
    for section in &card.sections {
        out += &format!("<h2>{}. {}</h2>\n<dl>\n", section.number, escaped(&section.title));
        for item in card.rest(section) {
            out += &format!("<dt>{}</dt>\n{}\n", escaped(&item.label()), content(&item.label(), &item.content));
        }
        out += "</dl>\n";
    }
    out + "</main>\n</body>\n</html>\n"
}

fn content(name: &str, content: &Content) -> String {
    match content {
        Content::Text { text } => format!("<dd>{}</dd>", escaped(text)),
        Content::NotApplicable { reason } => format!("<dd class=\"none\">not applicable: {}</dd>", escaped(reason)),
        Content::Check { passed, text } => {
            let word = if *passed { "pass" } else { "fail" };
            format!("<dd class=\"{word}\">{word}: {}</dd>", escaped(text))
        }
        Content::List { items } => {
            let items: String = items.iter().map(|one| format!("<li>{}</li>", escaped(one))).collect();
            format!("<dd><ul>{items}</ul></dd>")
        }
        Content::Table { columns, rows } => {
            let head: String = columns.iter().map(|column| format!("<th scope=\"col\">{}</th>", escaped(column))).collect();
            let cell = |cell: &Cell| match cell {
                Cell::Number(_) => format!("<td class=\"n\">{}</td>", escaped(&cell.shown())),
                _ if is_prose(&cell.shown()) => format!("<td class=\"prose\">{}</td>", escaped(&cell.shown())),
                _ => format!("<td>{}</td>", escaped(&cell.shown())),
            };
            let rows: String =
                rows.iter().map(|row| format!("<tr>{}</tr>\n", row.iter().map(cell).collect::<String>())).collect();
            // A scrolling element needs keyboard focus.
            let label = escaped(name);
            format!(
                "<dd class=\"wide\" tabindex=\"0\" role=\"group\" \
                    aria-label=\"{label}\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></dd>"
            )
        }
    }
}

/// Whether a cell holds a sentence, which wraps; names and lists of numbers stay on one line.
fn is_prose(text: &str) -> bool {
    text.chars().count() > 40 && text.split(' ').filter(|word| word.starts_with(char::is_alphabetic)).count() > 4
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
