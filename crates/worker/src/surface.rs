//! What every module has.

/// What runs when a module is loaded.
pub fn start() {
    console_error_panic_hook::set_once();
    crate::log::listen();
}
