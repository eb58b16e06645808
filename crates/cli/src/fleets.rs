//! Many ablations of one trained model, in fleets on all threads.

use std::thread;

use ablation_models::Sweep;
use ablation_protocol::Ablation;

use crate::trained::Trained;

/// The loss of the trained model, and its loss under each list of ablations that are made together. Threads share the lists evenly, and change no bit.
///
/// # Errors
/// If an ablation is not offered, or the device stops answering.
pub fn losses(trained: &Trained, lists: &[Vec<Ablation>], threads: usize) -> anyhow::Result<(Option<f64>, Vec<Option<f64>>)> {
    let threads = threads.min(lists.len()).max(1);
    let part = |thread: usize| -> anyhow::Result<(Option<f64>, Vec<Option<f64>>)> {
        let own: Vec<Vec<Ablation>> = lists.iter().skip(thread).step_by(threads).cloned().collect();
        let (model, weights, device) = trained.model()?;
        let here = (trained.hardware(), &device.device);
        let all = own.concat();
        let sweep = pollster::block_on(Sweep::new(&model, &weights, &all, &[], Trained::examples(), trained.seed, here))?;
        Ok((pollster::block_on(sweep.unablated())?, pollster::block_on(sweep.losses(&own))?))
    };
    let parts = thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|thread| scope.spawn(move || part(thread))).collect();
        let ended = started.into_iter().map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread of the sweep ended")));
        ended.map(|part| part.and_then(|part| part)).collect::<anyhow::Result<Vec<_>>>()
    })?;
    let loss = parts.first().and_then(|(loss, _)| *loss);
    Ok((loss, (0..lists.len()).map(|index| parts[index % threads].1[index / threads]).collect()))
}
