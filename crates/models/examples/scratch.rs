use ablation_models::*;
use std::time::Instant;
fn block<F: std::future::Future>(f: F) -> F::Output {
    burn_block(f)
}
fn burn_block<F: std::future::Future>(f: F) -> F::Output {
    let mut f = std::pin::pin!(f);
    let w = std::task::Waker::noop();
    let mut c = std::task::Context::from_waker(w);
    loop {
        if let std::task::Poll::Ready(x) = f.as_mut().poll(&mut c) {
            return x;
        }
    }
}
fn main() {
    let device = burn::tensor::Device::flex();
    let link = std::env::args().nth(1).unwrap_or("v=1&p=repeat".into());
    let t = Instant::now();
    let mut bench = Bench::new(&link, &device).unwrap();
    println!("new {:?}", t.elapsed());
    let t = Instant::now();
    let mut n = 0;
    loop {
        let p = block(bench.step(50)).unwrap();
        n += 50;
        println!("{:?} {:.2}ms/step {:?}", p.phase, t.elapsed().as_secs_f64() * 1e3 / n as f64, p.losses);
        if p.phase == Phase::Done {
            break;
        }
    }
    let t = Instant::now();
    let v = block(bench.view("CPU")).unwrap();
    println!("view {:?} {} bytes", t.elapsed(), serde_json::to_string(&v).unwrap().len());
    println!("{}", v.contrast.sentence);
    for p in &v.panels {
        for a in &p.arms {
            println!("{:30} {:?} {:?}", a.label, a.status, a.measures.iter().map(|m| m.value).collect::<Vec<_>>());
        }
    }
    let bytes = block(bench.checkpoint()).unwrap();
    println!("checkpoint {} bytes", bytes.len());
}
