//! placeholder
use crate::failure::Outcome;
pub(super) async fn run(_: &super::Reset) -> Outcome {
    Ok(())
}
