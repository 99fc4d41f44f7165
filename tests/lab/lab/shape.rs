//! How many machines of which kind, and what they are called.

/// The machines of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub(crate) struct Shape {
    /// Control-plane machines (cp1, cp2, …)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    pub(crate) control_planes: u8,
    /// Worker machines (worker1, worker2, …)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=9))]
    pub(crate) workers: u8,
}

impl Shape {
    /// Addresses and names, control planes first.
    pub(crate) fn hosts(&self) -> Vec<(String, String)> {
        let control_planes = (1..=self.control_planes).map(|n| (format!("10.77.0.{}", 10 + n), format!("cp{n}")));
        let workers = (1..=self.workers).map(|n| (format!("10.77.0.{}", 20 + n), format!("worker{n}")));
        control_planes.chain(workers).collect()
    }
}
