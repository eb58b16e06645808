//! Assets that a trial names by their content.
//!
//! An id says which file was used, not where it lay: the same bytes are the same asset on every machine, so a study on someone's own text
//! or weights is as reproducible as one on a toy.

use std::collections::BTreeMap;

use ablation_data::Files;
use sha2::{Digest, Sha256};

use crate::error::ModelError;

/// What an asset is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asset {
    /// Text to train on.
    Corpus,
    /// Weights as safetensors.
    Weights,
}

impl Asset {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Asset::Corpus => "corpus",
            Asset::Weights => "weights file",
        }
    }
}

/// The assets that are at hand.
#[derive(Clone, Debug, Default)]
pub struct Context {
    assets: BTreeMap<(Asset, String), Vec<u8>>,
}

impl Files for Context {
    fn corpus(&self, sha256: &str) -> Option<&[u8]> {
        self.bytes(Asset::Corpus, sha256).ok()
    }
}

impl Context {
    /// What a program has with it: the text that is trained on where nobody brings one, as characters and encoded. The page fetches them when
    /// they are needed.
    #[cfg(not(target_family = "wasm"))]
    pub fn built_in() -> Self {
        let mut context = Context::default();
        context.add(Asset::Corpus, include_bytes!("../../../static/corpora/miller-street.txt").to_vec());
        context.add(Asset::Corpus, include_bytes!("../../../static/corpora/miller-street.tokens.json").to_vec());
        context
    }

    /// Adds an asset and returns its SHA-256, 64 hexadecimal digits.
    pub fn add(&mut self, asset: Asset, bytes: Vec<u8>) -> String {
        let sha256 = sha256(&bytes);
        self.assets.insert((asset, sha256.clone()), bytes);
        sha256
    }

    /// Adds an asset that should have this SHA-256.
    ///
    /// # Errors
    /// If it has another.
    pub fn add_named(&mut self, asset: Asset, sha256: &str, bytes: Vec<u8>) -> Result<(), ModelError> {
        let found = self::sha256(&bytes);
        if found == sha256 {
            self.assets.insert((asset, found), bytes);
            return Ok(());
        }
        let reason = format!("what was given for it has the SHA-256 {found}: it is another file, or it was changed");
        Err(ModelError::NoAsset { asset: asset.name(), sha256: sha256.to_string(), reason })
    }

    /// The bytes of an asset.
    ///
    /// # Errors
    /// If it is not at hand.
    pub fn bytes(&self, asset: Asset, sha256: &str) -> Result<&[u8], ModelError> {
        let found = self.assets.get(&(asset, sha256.to_string())).map(Vec::as_slice);
        found.ok_or_else(|| ModelError::NoAsset {
            asset: asset.name(),
            sha256: sha256.to_string(),
            reason: "it is not here; give the file".into(),
        })
    }
}

/// 64 hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_that_come_with_the_program_are_those_that_settings_name() {
        for sha256 in ablation_data::built_in_corpora() {
            assert!(Context::built_in().corpus(sha256).is_some(), "{sha256}");
        }
    }

    #[test]
    fn an_asset_is_known_by_what_it_holds() {
        let mut context = Context::default();
        let sha256 = context.add(Asset::Corpus, b"abc".to_vec());
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(context.bytes(Asset::Corpus, &sha256).unwrap(), b"abc");
        let missing = context.bytes(Asset::Weights, &sha256).unwrap_err().to_string();
        assert!(missing.contains("weights file") && missing.contains(&sha256) && missing.contains("not here"), "{missing}");
        let other = context.add_named(Asset::Weights, &sha256, b"abd".to_vec()).unwrap_err().to_string();
        assert!(other.contains("weights file") && other.contains("another file"), "{other}");
        assert!(context.bytes(Asset::Weights, &sha256).is_err(), "one file is not another because it has its name");
        context.add_named(Asset::Weights, &sha256, b"abc".to_vec()).unwrap();
        let right = context.add(Asset::Weights, b"abd".to_vec());
        assert!(context.add_named(Asset::Weights, &sha256, b"abd".to_vec()).is_err());
        assert_eq!(context.bytes(Asset::Weights, &right).unwrap(), b"abd", "what was added under its own name stays");
    }
}
