//! `cargo xtask serve`: set up, build, and serve `dist/` on this machine only.
//!
//! The page is served as soon as its smallest module is there, which is enough to train. The other modules are built behind it. Until one is there,
//! its files are answered with status 503 and `Retry-After`, and the page asks again (`web/app/engine.js`).

use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use tiny_http::{Method, Request, Server, StatusCode};

use crate::modules::Module;
use crate::{build, bundle, docs_site, offline, page, paths, setup};

/// How many ports after the wanted one are tried.
const TRIES: u16 = 50;
/// Seconds after which a browser may ask again for a module that is still being built.
const RETRY_AFTER: &str = "3";

/// Serves until interrupted.
///
/// # Errors
/// When setting up or building the first module fails, or no port is free.
pub fn run(port: u16, options: build::Options) -> Result<()> {
    let listener = listen(port)?;
    setup::run(&setup::FOR_BUILD)?;
    let mut modules = options.modules();
    let first = modules.next().context("there is no module to build")?;
    println!("\nThe first module takes about {} minutes to build on two cores, once.", first.minutes);
    let compiled = bundle::compile(first, options.release, None)?;
    page::write(&paths::dist())?;
    docs_site::write(&paths::dist())?;
    bundle::write(first, &compiled, options.release, &paths::dist())?;

    let rest: Vec<&Module> = modules.collect();
    let later = Arc::new(Later::new(&rest));
    let address = listener.local_addr()?;
    let server = Server::from_listener(listener, None).map_err(|error| anyhow!("the server does not start: {error}"))?;
    let server = Arc::new(server);
    let mut threads: Vec<_> = (0..4)
        .map(|_| {
            let (server, later) = (Arc::clone(&server), Arc::clone(&later));
            thread::spawn(move || server.incoming_requests().for_each(|request| answer(request, &later)))
        })
        .collect();
    println!("\nServing dist/ on http://{address} (Ctrl+C stops)");
    println!("{}", announcement(&rest));
    threads.push(thread::spawn(move || {
        rest.into_iter().for_each(|module| build_later(module, options.release, &later));
        // The folder can be published as it is then.
        if let Err(error) = offline::write(&paths::dist()) {
            eprintln!("error: the list of files for use without a network could not be written: {error:#}");
        }
    }));
    for thread in threads {
        let _ = thread.join();
    }
    Ok(())
}

/// What works already, and what is still to come.
fn announcement(rest: &[&Module]) -> String {
    let mut text = String::from("The sandbox trains on the CPU now.");
    if !rest.is_empty() {
        text += " Built behind it, each used by the page as soon as it is there:";
    }
    for module in rest {
        text += &format!("\n  {:<6} {}, about {} min if nothing of it is built yet", module.name, module.purpose, module.minutes);
    }
    text
}

/// Builds one module behind the page. A core is left to the page.
fn build_later(module: &Module, release: bool, later: &Later) {
    let start = Instant::now();
    let jobs = thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let built = bundle::compile(module, release, Some(jobs))
        .and_then(|compiled| bundle::write(module, &compiled, release, &paths::dist()));
    match built {
        Ok(()) => {
            later.set(module.name, State::Ready);
            println!("The module {} ({}) is ready after {:.0} s.", module.name, module.purpose, start.elapsed().as_secs_f64());
        }
        Err(error) => {
            later.set(module.name, State::Failed);
            eprintln!("error: the module {} ({}) could not be built: {error:#}", module.name, module.purpose);
        }
    }
}

/// How far a module is that is built behind the page.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Building,
    Ready,
    Failed,
}

/// The modules that are built behind the page, by the names of their files.
struct Later(Mutex<Vec<(&'static str, [String; 2], State)>>);

impl Later {
    fn new(modules: &[&Module]) -> Self {
        Self(Mutex::new(modules.iter().map(|module| (module.name, [module.glue(), module.wasm()], State::Building)).collect()))
    }

    fn set(&self, name: &str, state: State) {
        let mut modules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, _, current) in modules.iter_mut().filter(|(module, ..)| *module == name) {
            *current = state;
        }
    }

    /// How far the module is that a requested file belongs to. A file of no such module is ready.
    fn state(&self, url: &str) -> State {
        let path = requested(url);
        let modules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        modules.iter().find(|(_, files, _)| files.iter().any(|file| file == path)).map_or(State::Ready, |(.., state)| *state)
    }
}

/// A listener on the wanted port, or on the next free one.
fn listen(wanted: u16) -> Result<TcpListener> {
    let last = wanted.saturating_add(TRIES);
    (wanted..=last)
        .find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok())
        .with_context(|| format!("no port from {wanted} to {last} is free; name another with --port"))
}

fn answer(request: Request, later: &Later) {
    let url = request.url().to_string();
    // A browser that goes away before the end is no failure of ours.
    let _ = match later.state(&url) {
        State::Building => {
            let headers = [("Retry-After", RETRY_AFTER), ("Cache-Control", "no-store")];
            respond(request, 503, &headers, b"This module is still being built.")
        }
        State::Failed => {
            respond(request, 500, &[("Cache-Control", "no-store")], b"This module could not be built; the terminal says why.")
        }
        // What is kept here would be an old page after the next build: the service worker without a list keeps nothing, and removes what an
        // earlier one on this address kept.
        State::Ready if requested(&url) == offline::FILE => {
            let headers = [("Content-Type", mime(Path::new(offline::FILE))), ("Cache-Control", "no-store")];
            respond(request, 200, &headers, offline::source().unwrap_or_default().as_bytes())
        }
        State::Ready => match read(&paths::dist(), &url) {
            Some((content, file)) => {
                respond(request, 200, &[("Content-Type", mime(&file)), ("Cache-Control", "no-cache")], &content)
            }
            None => respond(request, 404, &[], b"There is no such file."),
        },
    };
}

/// Answers, and has the browser close the connection. One that stays open can keep another waiting for as long: the library takes a thread for
/// idle until it wakes up with the connection that it was given, and gives it a second one meanwhile. On a machine that is busy with builds a
/// page stood there without its styles.
fn respond(request: Request, status: u16, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
    let reason = StatusCode(status).default_reason_phrase();
    let mut head = format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    head += "\r\n";
    let body = if *request.method() == Method::Head { &[] } else { body };
    let mut writer = request.into_writer();
    writer.write_all(head.as_bytes())?;
    writer.write_all(body)?;
    writer.flush()
}

fn read(folder: &Path, url: &str) -> Option<(Vec<u8>, PathBuf)> {
    let file = locate(folder, url)?;
    Some((fs::read(&file).ok()?, file))
}

/// The path that a request asks for, without the slash it begins with.
fn requested(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/')
}

/// The file behind a request, or `None` where there is none inside `folder`.
fn locate(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = requested(url);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules;

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

    #[test]
    fn only_the_files_of_a_module_that_is_not_there_yet_have_to_wait() {
        let later = Later::new(&[&modules::ALL[1], &modules::ALL[3]]);
        for waits in ["/study.js", "/study.js?try=1", "/study_bg.wasm", "/gpu.js"] {
            assert_eq!(later.state(waits), State::Building, "{waits}");
        }
        for path in ["/", "/cpu.js", "/cpu_bg.wasm", "/app/study.js", "/static/studies/index.json"] {
            assert_eq!(later.state(path), State::Ready, "{path}");
        }
        later.set("study", State::Ready);
        later.set("gpu", State::Failed);
        assert_eq!((later.state("/study_bg.wasm"), later.state("/gpu.js")), (State::Ready, State::Failed));
    }

    #[test]
    fn what_is_announced_names_the_modules_that_are_still_to_come() {
        let text = announcement(&[&modules::ALL[1]]);
        assert!(text.contains("studies and reports") && !text.contains("WebGPU"), "{text}");
        assert_eq!(announcement(&[]), "The sandbox trains on the CPU now.");
    }
}
