//! `cargo xtask serve`: set up, build, and serve `dist/` on this machine only.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Request, Response, Server};

use crate::{build, paths, setup};

/// How many ports after the wanted one are tried.
const TRIES: u16 = 50;

/// Serves until interrupted.
///
/// # Errors
/// When setting up or building fails, or no port is free.
pub fn run(port: u16, options: build::Options) -> Result<()> {
    setup::run(&setup::FOR_BUILD)?;
    build::run(options)?;
    let listener = listen(port)?;
    let address = listener.local_addr()?;
    let server = Server::from_listener(listener, None).map_err(|error| anyhow!("the server does not start: {error}"))?;
    let server = Arc::new(server);
    println!("\nServing dist/ on http://{address} (Ctrl+C stops)");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let server = Arc::clone(&server);
            thread::spawn(move || server.incoming_requests().for_each(answer))
        })
        .collect();
    for thread in threads {
        let _ = thread.join();
    }
    Ok(())
}

/// A listener on the wanted port, or on the next free one.
fn listen(wanted: u16) -> Result<TcpListener> {
    let last = wanted.saturating_add(TRIES);
    (wanted..=last)
        .find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok())
        .with_context(|| format!("no port from {wanted} to {last} is free; name another with --port"))
}

fn answer(request: Request) {
    let found = locate(&paths::dist(), request.url()).and_then(|file| Some((File::open(&file).ok()?, file)));
    // A browser that goes away before the end is no failure of ours.
    let _ = match found {
        Some((content, file)) => {
            let response = Response::from_file(content).with_header(header("Content-Type", mime(&file)));
            request.respond(response.with_header(header("Cache-Control", "no-cache")))
        }
        None => request.respond(Response::from_string("no such file").with_status_code(404)),
    };
}

/// The file behind a request, or `None` where there is none inside `folder`.
fn locate(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.trim_start_matches('/');
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let mut file = folder.join(path);
    if file.is_dir() {
        file.push("index.html");
    }
    (inside && file.is_file()).then_some(file)
}

/// Browsers compile WebAssembly while it arrives, and run modules at all, only under the right type.
fn mime(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names and values here are plain ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_gives_way_to_a_later_one() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let next = listen(port).unwrap().local_addr().unwrap().port();
        assert!(next > port && next <= port.saturating_add(TRIES));
    }

    #[test]
    fn only_files_inside_the_folder_are_served() {
        let folder = paths::root().join("crates/xtask");
        assert_eq!(locate(&folder, "/Cargo.toml?x=1"), Some(folder.join("Cargo.toml")));
        assert_eq!(locate(&folder, "/../../Cargo.toml"), None);
        assert_eq!(locate(&folder, "//etc/passwd"), None);
        assert_eq!(locate(&folder, "/missing"), None);
    }

    #[test]
    fn modules_and_scripts_have_the_types_that_browsers_insist_on() {
        assert_eq!(mime(Path::new("cpu_bg.wasm")), "application/wasm");
        assert_eq!(mime(Path::new("cpu.js")), "text/javascript; charset=utf-8");
    }
}
