//! The part of the README that the report writes: a chart and a table between two marks.

use super::gather::Report;
use super::table::markdown;

const BEGIN: &str = "<!-- written by the report -->\n";
const END: &str = "<!-- end of what the report writes -->\n";

/// The chart that the README shows, from the root of the workspace.
pub const CHART: &str = "benches/ratios.svg";

/// `readme` with what `report` found; `None` if it lacks the marks.
pub fn readme(readme: &str, report: &Report) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!(
        "{before}{BEGIN}\n![Time of deepclone over that of the baseline, for each workload]({CHART})\n\n{}\n{END}{after}",
        markdown(report)
    ))
}
