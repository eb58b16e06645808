//! From Markdown to HTML: headings get addresses, links between pages lead to pages, and what is too wide scrolls by itself.

use anyhow::{Context, Result};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::drawn::is_marker;

/// The deepest heading that the contents of a page list.
const DEEPEST: u8 = 3;

/// A page of the documentation.
#[derive(Debug)]
pub struct Page {
    /// The name of its file without the ending.
    pub name: String,
    /// Its first heading, as text.
    pub title: String,
    /// Its first paragraph, as text.
    pub description: String,
    /// What stands on it.
    pub html: String,
    /// The headings that its contents list, in order.
    pub headings: Vec<Heading>,
    /// Where its parts are, for links to them: every heading.
    pub anchors: Vec<String>,
    /// Where its links and pictures lead, as they are written.
    pub links: Vec<String>,
    /// Its blocks of code, each with the language it names.
    pub code: Vec<(String, String)>,
}

/// A heading below the title.
#[derive(Debug)]
pub struct Heading {
    /// 2 or 3.
    pub level: u8,
    /// Its address on the page.
    pub id: String,
    /// Its text.
    pub text: String,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// When it has no title.
    pub fn read(name: &str, text: &str) -> Result<Self> {
        let events: Vec<Event> = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).collect();
        let mut page = Page {
            name: name.to_owned(),
            title: String::new(),
            description: String::new(),
            html: String::new(),
            headings: Vec::new(),
            anchors: Vec::new(),
            links: Vec::new(),
            code: Vec::new(),
        };
        let mut out = Vec::with_capacity(events.len());
        for (index, event) in events.iter().enumerate() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let id = page.heading(*level, text_until(&events[index..], |end| matches!(end, TagEnd::Heading(_))));
                    out.push(Event::Html(format!("<{level} id=\"{id}\">").into()));
                }
                Event::End(TagEnd::Heading(level)) => {
                    let id = page.anchors.last().map(String::as_str).unwrap_or_default();
                    // The title is the page, which has an address.
                    let anchor = match level {
                        HeadingLevel::H1 => String::new(),
                        _ => format!(" <a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to this section\">#</a>"),
                    };
                    out.push(Event::Html(format!("{anchor}</{level}>\n").into()));
                }
                Event::Start(Tag::Paragraph) => {
                    if page.description.is_empty() && !page.title.is_empty() {
                        page.description = text_until(&events[index..], |end| matches!(end, TagEnd::Paragraph));
                    }
                    out.push(event.clone());
                }
                Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                    page.links.push(dest_url.to_string());
                    let dest_url = CowStr::from(published(dest_url));
                    out.push(Event::Start(Tag::Link { link_type: *link_type, dest_url, title: title.clone(), id: id.clone() }));
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.to_string());
                    out.push(event.clone());
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let language = match kind {
                        CodeBlockKind::Fenced(language) => language.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    page.code.push((language, text_until(&events[index..], |end| matches!(end, TagEnd::CodeBlock))));
                    // Who has no pointer scrolls by the keyboard, which takes a place to stand.
                    out.push(Event::Html("<pre tabindex=\"0\"><code>".into()));
                }
                Event::End(TagEnd::CodeBlock) => out.push(Event::Html("</code></pre>\n".into())),
                Event::Start(Tag::Table(_)) => {
                    out.push(Event::Html("<div class=\"wide\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">".into()));
                    out.push(event.clone());
                }
                Event::End(TagEnd::Table) => {
                    out.push(event.clone());
                    out.push(Event::Html("</div>\n".into()));
                }
                // Comments are for those who edit the page, or stand for something that is drawn. Of HTML there is nothing else.
                Event::Html(html) | Event::InlineHtml(html) => {
                    if is_marker(html) {
                        out.push(Event::Html(format!("{}\n", html.trim()).into()));
                    }
                }
                _ => out.push(event.clone()),
            }
        }
        html::push_html(&mut page.html, out.into_iter());
        (!page.title.is_empty()).then_some(page).context("it has no heading `# …`, which would be its title")
    }

    /// Notes a heading, and gives it an address: its words as GitHub joins them, with a number where another has the same.
    fn heading(&mut self, level: HeadingLevel, text: String) -> String {
        let slug = slug(&text);
        let mut id = slug.clone();
        let mut copies = 0;
        while self.anchors.contains(&id) {
            copies += 1;
            id = format!("{slug}-{copies}");
        }
        self.anchors.push(id.clone());
        match level as u8 {
            1 if self.title.is_empty() => self.title = text,
            level @ 2..=DEEPEST => self.headings.push(Heading { level, id: id.clone(), text }),
            _ => (),
        }
        id
    }
}

/// The text from an opening event up to the event that closes it.
fn text_until(events: &[Event], is_end: impl Fn(&TagEnd) -> bool) -> String {
    let inside = events.iter().take_while(|event| !matches!(event, Event::End(end) if is_end(end)));
    let pieces = inside.map(|event| match event {
        Event::Text(text) | Event::Code(text) => text.as_ref(),
        Event::SoftBreak | Event::HardBreak => " ",
        _ => "",
    });
    pieces.collect()
}

/// Letters and digits in lower case, a hyphen for each space, and nothing else.
fn slug(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// A link as the published page needs it: `method.md#gaps` is `method.html#gaps` there.
fn published(link: &str) -> String {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let path = match path.strip_suffix(".md") {
        Some(name) if !path.contains("://") => format!("{name}.html"),
        _ => path.to_owned(),
    };
    anchor.map_or(path.clone(), |anchor| format!("{path}#{anchor}"))
}

/// Text as HTML, also within an attribute.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_get_the_addresses_that_github_gives_them() {
        let page =
            Page::read("a", "# The title\n\nIt *says*\nmore.\n\n## Gaps & `D − R`\n\n### Deep\n\n#### Deeper\n\n## Deep\n")
                .unwrap();
        assert_eq!((page.title.as_str(), page.description.as_str()), ("The title", "It says more."));
        assert_eq!(page.anchors, ["the-title", "gaps--d--r", "deep", "deeper", "deep-1"]);
        let listed: Vec<_> = page.headings.iter().map(|heading| (heading.level, heading.id.as_str())).collect();
        assert_eq!(listed, [(2, "gaps--d--r"), (3, "deep"), (2, "deep-1")]);
        assert!(page.html.contains("<h2 id=\"deep-1\">Deep <a class=\"anchor\" href=\"#deep-1\""), "{}", page.html);
    }

    #[test]
    fn links_between_pages_lead_to_pages() {
        let page = Page::read("a", "# A\n\n[b](b.md#c) [d](#d) [e](https://example.org/f.md)\n").unwrap();
        assert_eq!(page.links, ["b.md#c", "#d", "https://example.org/f.md"]);
        for part in ["href=\"b.html#c\"", "href=\"#d\"", "href=\"https://example.org/f.md\""] {
            assert!(page.html.contains(part), "{part}: {}", page.html);
        }
    }

    #[test]
    fn html_is_left_out_except_where_something_is_drawn() {
        let page =
            Page::read("a", "# A\n\n<!-- for editors -->\n\n<script>alert(1)</script>\n\n<!-- gallery -->\n\n`<b>`\n").unwrap();
        assert!(!page.html.contains("<script") && !page.html.contains("editors"), "{}", page.html);
        assert!(page.html.contains("<!-- gallery -->\n") && page.html.contains("&lt;b&gt;"), "{}", page.html);
    }

    #[test]
    fn code_and_tables_scroll_by_themselves() {
        let page = Page::read("a", "# A\n\n```sh\nablation plan a < b\n```\n\n| a |\n|---|\n| b |\n").unwrap();
        assert_eq!(page.code, [("sh".to_owned(), "ablation plan a < b\n".to_owned())]);
        assert!(page.html.contains("<pre tabindex=\"0\"><code>ablation plan a &lt; b\n</code></pre>"), "{}", page.html);
        assert!(page.html.contains("aria-label=\"Table\" tabindex=\"0\"><table>"), "{}", page.html);
    }

    #[test]
    fn a_page_without_a_title_is_refused() {
        assert!(Page::read("a", "text\n").unwrap_err().to_string().contains("its title"));
    }
}
