//! What a study asks of the models that it compares.

use ablation_settings::{Catalog, Settings};

use crate::site::Site;

/// What can be set, and the models that it describes. Implemented by the crate that knows the models.
pub trait ModelCatalog: Catalog {
    /// The components of the model that complete settings describe, or why there is none.
    ///
    /// # Errors
    /// A sentence for people if the settings describe no model.
    fn sites(&self, settings: &Settings) -> Result<Vec<Site>, String>;
    /// How many parameters that model has.
    ///
    /// # Errors
    /// A sentence for people if the settings describe no model.
    fn parameters(&self, settings: &Settings) -> Result<usize, String>;
    /// The unit of its loss as it stands behind a number, such as `nats`.
    fn unit(&self, settings: &Settings) -> String;
}
