//! How the threads share out panels.

use std::ops::Range;

/// The panels of one job: of `0..panels` those that job number `job` takes, of `jobs(panels)`.
pub fn job(panels: usize, job: usize) -> Range<usize> {
    let size = job_size(panels);
    job * size..panels.min((job + 1) * size)
}

/// Number of jobs, some 16 to 32 where there are enough panels.
pub fn jobs(panels: usize) -> usize {
    panels.div_ceil(job_size(panels))
}

fn job_size(panels: usize) -> usize {
    (panels / 16).clamp(1, 8)
}
