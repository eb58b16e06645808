//! What has to hold between the arms of a table before they are compared.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::Arm;

use super::cell::short;
use super::{Cell, NAMED, NO_BUDGET, Owner, Rows, TableError, is_base, of_budget};

impl Rows {
    /// What others are compared with has not failed.
    pub(super) fn bases(&self) -> Result<(), TableError> {
        let failed = |cells: &BTreeMap<usize, Cell>| cells.values().find(|cell| cell.value.is_none()).map(|cell| cell.place);
        let first = self.cells.iter().filter(|((arm, ..), _)| is_base(*arm)).find_map(|(key, cells)| Some((key, failed(cells)?)));
        let Some((&(arm, ..), place)) = first else { return Ok(()) };
        let message = format!(
            "this run of the arm `{}` failed, so in this seed there is nothing to compare with; run it again, or leave the seed out of \
             every arm and say so",
            arm.name()
        );
        Err(TableError { place: Some(place), column: None, message })
    }

    /// Every arm has something to be compared with.
    pub(super) fn references(&self) -> Result<(), TableError> {
        self.bases()?;
        let has = |arm: Arm, owner: Owner, budget: u64| self.cells.contains_key(&(arm, owner, budget));
        let compared = |owner: Owner| self.cells.keys().any(|&(arm, other, _)| other == owner && !is_base(arm));
        let only_reference: Vec<&str> = (0..self.components.len())
            .filter(|&component| !compared(Some(component)))
            .map(|component| self.components.names[component].as_str())
            .collect();
        if let Some(name) = only_reference.first() {
            let message = format!(
                "component `{}` has a reference and no other arm; if it is the reference of all components, write `all` there",
                short(name)
            );
            return Err(TableError::at(None, "component", message));
        }
        for &(arm, owner, budget) in self.cells.keys().filter(|(arm, ..)| !is_base(*arm)) {
            let reference = Arm::Reference;
            if !has(reference, owner, NO_BUDGET) && !has(reference, None, NO_BUDGET) {
                let known: Vec<&str> =
                    self.cells.keys().map(|(arm, ..)| arm.name()).collect::<BTreeSet<_>>().into_iter().collect();
                return Err(TableError::of_table(format!(
                    "{} has an arm `{}` and no reference to compare it with; add rows with `reference` in the column `arm` and the same \
                     seeds (the arms here are: {})",
                    self.called(owner),
                    arm.name(),
                    known.join(", ")
                )));
            }
            let sham = Arm::Sham;
            if arm == Arm::Recovered && !has(sham, owner, budget) && !has(sham, None, budget) {
                return Err(TableError::of_table(format!(
                    "{} has an arm `{}`{} and no sham of that budget; add rows with `sham` in the column `arm`: the reference, not \
                     ablated, trained further for as long. Without it recovery is credited with what further training alone brings",
                    self.called(owner),
                    arm.name(),
                    of_budget(budget)
                )));
            }
        }
        if self.components.len() == 0 && !compared(None) {
            return Err(TableError::of_table(
                "there are rows of the reference only; add rows of an arm to compare with it, such as `variant`",
            ));
        }
        Ok(())
    }

    /// Every run has its partner.
    pub(super) fn pairs(&self) -> Result<(), TableError> {
        let all: BTreeSet<usize> = (0..self.seeds.len()).collect();
        for (&(arm, owner, budget), cells) in &self.cells {
            let missing: Vec<usize> = all.iter().copied().filter(|seed| !cells.contains_key(seed)).collect();
            if missing.is_empty() {
                continue;
            }
            let (_, ranks) = self.seeds.sorted();
            let mut missing: Vec<(usize, &str)> =
                missing.into_iter().map(|seed| (ranks[seed], self.seeds.names[seed].as_str())).collect();
            missing.sort_unstable();
            let named: Vec<String> = missing.iter().take(NAMED).map(|(_, seed)| format!("`{}`", short(seed))).collect();
            let more = if missing.len() > NAMED { format!(" and {} more", missing.len() - NAMED) } else { String::new() };
            let message = format!(
                "{} lacks {} {}{more} in the arm `{}`{}, which {} in other arms; runs are compared seed by seed, so add them, or use \
                 `--partial` to ask every question in the seeds that all of its arms have",
                self.called(owner),
                if missing.len() == 1 { "the seed" } else { "the seeds" },
                named.join(", "),
                arm.name(),
                of_budget(budget),
                if missing.len() == 1 { "is" } else { "are" },
            );
            return Err(TableError::at(None, "seed", message));
        }
        Ok(())
    }

    pub(super) fn called(&self, owner: Owner) -> String {
        owner.map_or("the table".to_string(), |index| format!("component `{}`", short(&self.components.names[index])))
    }
}
