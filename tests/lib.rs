//! Tests of the workspace as a whole; see the `[[test]]` entries of the manifest.
