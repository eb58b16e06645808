//! Links that lead nowhere. A reader finds them last, so the build looks for them first.

use crate::paths;

use super::markdown::Page;

/// Every link of the pages that leads nowhere, with its page.
pub fn dead(pages: &[Page]) -> Vec<String> {
    let found =
        pages.iter().flat_map(|page| page.links.iter().filter_map(move |link| Some((page, link, problem(pages, page, link)?))));
    found.map(|(page, link, problem)| format!("docs/{}.md: {link}: {problem}", page.name)).collect()
}

/// What is wrong with a link.
///
/// What is outside the folder is not published, except for the files that the page loads as they are. Addresses elsewhere are not asked for: a test
/// that needs the network fails for reasons of its own.
fn problem(pages: &[Page], from: &Page, link: &str) -> Option<String> {
    if link.starts_with("https://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    if let Some(file) = path.strip_prefix("../static/") {
        let is_there = paths::root().join("static").join(file).exists();
        return (!is_there).then(|| "there is no such file".to_owned());
    }
    let target = match path {
        "" => from,
        path => match pages.iter().find(|page| path == format!("{}.md", page.name)) {
            Some(page) => page,
            None => {
                return Some(
                    "there is no such page; pages link to pages as `NAME.md` and to files as `../static/FILE`".to_owned(),
                );
            }
        },
    };
    let anchor = anchor?;
    (!target.anchors.iter().any(|id| id == anchor)).then(|| format!("docs/{}.md has no such heading", target.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn page(name: &str, text: &str) -> Page {
        Page::read(name, text).unwrap()
    }

    #[test]
    fn links_that_lead_nowhere_are_named() {
        let text = "# A\n\n## Here\n\n[1](b.md) [2](b.md#there) [3](#here) [4](../static/icon.svg) [5](https://example.org)";
        let pages = [page("a", text), page("b", "# B\n\n## There\n")];
        assert_eq!(dead(&pages), Vec::<String>::new());
        let text =
            "# A\n\n[1](c.md) [2](b.md#here) [3](#there) [4](../static/none.svg) [5](../README.md) [6](http://example.org)";
        let found = dead(&[page("a", text), page("b", "# B\n")]);
        assert_eq!(found.len(), 6, "{found:?}");
        assert!(found[1].starts_with("docs/a.md: b.md#here: docs/b.md has no such heading"), "{found:?}");
    }

    /// Links of the documents at the root, which are not published: to files of the repository.
    #[test]
    fn documents_at_the_root_link_to_files_that_exist() {
        for name in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"] {
            let document = page(name, &fs::read_to_string(paths::root().join(name)).unwrap());
            for link in document.links.iter().filter(|link| !link.contains("://")) {
                let file = link.split('#').next().unwrap_or_default();
                assert!(paths::root().join(file).exists(), "{name}: {link}");
            }
        }
    }
}
