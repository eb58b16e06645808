//! Files that data sets read.

/// The files that are at hand, by their SHA-256.
pub trait Files {
    /// The bytes of a text to train on; none where it is not at hand.
    fn corpus(&self, sha256: &str) -> Option<&[u8]>;
}
