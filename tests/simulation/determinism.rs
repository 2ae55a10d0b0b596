//! The same seed does the same, line by line: without that no failure could be replayed.

use tests::simulation::run_seed;

#[test]
fn the_same_seed_does_the_same() {
    for seed in 1..=40 {
        let (once, again) = (run_seed(seed, None, true), run_seed(seed, None, true));
        assert!(once.lines.len() > 5, "seed {seed} does something");
        assert_eq!(once.lines, again.lines, "seed {seed}");
        let unkept = run_seed(seed, None, false);
        assert_eq!((once.trace_hash, once.met), (unkept.trace_hash, unkept.met), "seed {seed}");
        assert_ne!(
            once.trace_hash,
            run_seed(seed + 1, None, false).trace_hash,
            "another seed does another thing"
        );
    }
}
