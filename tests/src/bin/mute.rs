//! `mute --trials N`: lets robots walk in simulated time, cuts their disclosure off at random moments, and prints how long
//! after the last disclosure that was heard they moved.
//!
//! Exit code 0 when every robot stood in time, stayed down, and recorded what happened.

use clap::Parser;
use std::process::ExitCode;
use std::thread;
use tests::mute::{Distribution, STANDS_WITHIN_MS, trial};

/// Cuts the disclosure of walking robots off, and measures when they stand.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// How many trials.
    #[arg(long, default_value_t = 10_000)]
    trials: u64,
    /// The seed of the first.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many at a time.
    #[arg(long, default_value_t = 2)]
    threads: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(distribution) => {
            println!("{distribution}");
            let is_in_time = distribution.max_ms() <= STANDS_WITHIN_MS && distribution.count() == args.trials;
            if is_in_time { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("mute: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<Distribution> {
    let step = usize::try_from(args.threads.max(1))?;
    let share = |first: u64| {
        (first..args.seed + args.trials).step_by(step).try_fold(Distribution::default(), |mut sum, seed| {
            sum.add(trial(seed)?);
            anyhow::Ok(sum)
        })
    };
    let shares: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..args.threads.max(1)).map(|thread| scope.spawn(move || share(args.seed + thread))).collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let mut all = Distribution::default();
    for share in shares {
        all.merge(&share.map_err(|_| anyhow::anyhow!("a trial panicked"))??);
    }
    Ok(all)
}
