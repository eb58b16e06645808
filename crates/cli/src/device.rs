//! The device that was asked for, or a sentence on how to get it.

use ablation_models::{Device, cpu, cpu_name};

use crate::arguments::DeviceKind;

/// A device and how it is called in records.
pub struct Opened {
    /// The device.
    pub device: Device,
    /// Its name.
    pub name: &'static str,
    /// Steps between two readings of the losses. A reading makes a GPU wait; on the CPU it costs nothing.
    pub stride: u64,
}

/// Opens a device.
///
/// # Errors
/// If this build has no GPU in it, or the machine has no adapter that can be used.
pub fn open(kind: DeviceKind) -> anyhow::Result<Opened> {
    match kind {
        DeviceKind::Cpu => Ok(Opened { device: cpu(), name: cpu_name(), stride: 5 }),
        DeviceKind::Gpu => gpu(),
    }
}

#[cfg(feature = "gpu")]
fn gpu() -> anyhow::Result<Opened> {
    let device = pollster::block_on(ablation_models::gpu()).map_err(|reason| {
        anyhow::anyhow!("no GPU can be used ({reason}); install a Vulkan, Metal or DirectX 12 driver, or choose `--device cpu`")
    })?;
    Ok(Opened { device, name: "GPU (wgpu)", stride: 50 })
}

#[cfg(not(feature = "gpu"))]
fn gpu() -> anyhow::Result<Opened> {
    anyhow::bail!(
        "this `ablation` was built without GPU support; run `cargo run --release -p ablation-cli --features gpu -- …` with the \
         same arguments, or choose `--device cpu`"
    )
}
