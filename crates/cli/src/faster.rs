//! Which device computes a study sooner, found by trying both.

use std::collections::BTreeMap;
use std::time::Instant;

use ablation_models::{Context, Hardware, Lane, pack};
use ablation_protocol::{Outcomes, Planner, Study, Trial};

use crate::arguments::DeviceKind;
use crate::device::{self, Opened};

/// Training steps that each device makes.
const STEPS: u64 = 20;

/// The device for a study: the one that its outcomes so far came from, so that they stay comparable to the last digit; else the one that makes
/// more training steps in the same time, in fleets of the size that it is given. `jobs`: fleets that the CPU trains at a time; `context`: files
/// that the study reads.
///
/// # Errors
/// If the study cannot be trained.
pub fn device(study: &Study, outcomes: &Outcomes, context: &Context, jobs: usize) -> anyhow::Result<DeviceKind> {
    let before = device_of(outcomes);
    if before == Some(DeviceKind::Cpu) {
        eprintln!("note: the study was begun on the CPU, and it goes on there");
        return Ok(DeviceKind::Cpu);
    }
    let gpu = match device::open(DeviceKind::Gpu) {
        Ok(gpu) => gpu,
        Err(error) => {
            eprintln!("note: the study runs on the CPU: {error}");
            return Ok(DeviceKind::Cpu);
        }
    };
    if before == Some(DeviceKind::Gpu) {
        eprintln!("note: the study was begun on a GPU, and it goes on there");
        return Ok(DeviceKind::Gpu);
    }
    let on_cpu = speed(study, context, &device::open(DeviceKind::Cpu)?, Hardware::Cpu { cores: jobs })?;
    let on_gpu = speed(study, context, &gpu, Hardware::Gpu)?;
    let (kind, name) = if on_gpu > on_cpu { (DeviceKind::Gpu, "GPU") } else { (DeviceKind::Cpu, "CPU") };
    eprintln!("note: {on_cpu:.0} training steps a second on the CPU and {on_gpu:.0} on the GPU: the study runs on the {name}");
    Ok(kind)
}

/// The kind of device that outcomes came from, the CPU where they came from both; none where there are none. Every machine and browser names its
/// CPU differently, and a GPU is always called one.
fn device_of(outcomes: &Outcomes) -> Option<DeviceKind> {
    let mut devices = outcomes.values().map(|outcome| outcome.device.to_lowercase().contains("gpu")).peekable();
    devices.peek()?;
    Some(if devices.all(|is_gpu| is_gpu) { DeviceKind::Gpu } else { DeviceKind::Cpu })
}

/// Training steps a second of all that a device does at a time; 0 if nothing can be tried.
fn speed(study: &Study, context: &Context, device: &Opened, hardware: Hardware) -> anyhow::Result<f64> {
    let planner = Planner::new(study, Outcomes::new());
    let ready: Vec<&Trial> = planner.ready().map(|planned| &planned.trial).filter(|trial| trial.origin().is_none()).collect();
    let fleets = pack(&ready, hardware);
    let Some(fleet) = fleets.first() else { return Ok(0.0) };
    let trials: Vec<Trial> = fleet.iter().map(|&index| ready[index].clone()).collect();
    let mut lane = Lane::new(&trials, &BTreeMap::new(), context, &device.device)?;
    let at_a_time = match hardware {
        Hardware::Cpu { cores } => cores.min(fleets.len()),
        Hardware::Gpu => 1,
    };
    pollster::block_on(async {
        // The first step makes what all others use again.
        lane.step(1).await?;
        let begun = Instant::now();
        let steps = lane.step(STEPS).await?.done - 1;
        let seconds = begun.elapsed().as_secs_f64();
        Ok(if seconds > 0.0 { (steps * trials.len() as u64) as f64 * at_a_time as f64 / seconds } else { 0.0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_protocol::Outcome;

    fn from(devices: &[&str]) -> Outcomes {
        let outcome = |(index, device): (usize, &&str)| {
            let json =
                serde_json::json!({"trial": index.to_string(), "marks": {}, "diverged": false, "device": device, "numerics": 1});
            let outcome: Outcome = serde_json::from_value(json).expect("an outcome");
            (outcome.trial.clone(), outcome)
        };
        devices.iter().enumerate().map(outcome).collect()
    }

    #[test]
    fn a_study_goes_on_with_the_kind_of_device_that_it_was_begun_on_whatever_its_name() {
        assert_eq!(device_of(&from(&[])), None);
        assert_eq!(device_of(&from(&["cpu (flex), aarch64 macos", "CPU (flex)"])), Some(DeviceKind::Cpu));
        assert_eq!(device_of(&from(&["WebGPU", "GPU (wgpu)"])), Some(DeviceKind::Gpu));
        assert_eq!(device_of(&from(&["WebGPU", "cpu (flex)"])), Some(DeviceKind::Cpu));
    }
}
