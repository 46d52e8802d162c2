//! Medians and percentiles of what was measured, and tables of them. A goal that is missed is said, and no failure: what
//! else the machine does must not keep other benches from running.

use super::size;

const MISSED: &str = "MISSED";

/// The value in the middle.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

/// The value that this many percent do not exceed.
pub fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}

/// Prints rows below a head, columns as wide as their widest cell: the first to the left, numbers to the right.
pub fn print(title: &str, head: &[&str], rows: &[Vec<String>]) {
    let cells = |row: &[String], column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> = (0..head.len())
        .map(|column| rows.iter().map(|row| cells(row, column)).max().unwrap_or(0).max(head[column].chars().count()))
        .collect();
    println!("\n{title}{}\n", size::pick("", " (a quick run: the sizes are others, and the figures say nothing)"));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    for row in [&head].into_iter().chain(rows) {
        let line: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, width))| if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") })
            .collect();
        println!("  {}", line.join("  ").trim_end());
    }
    for row in rows.iter().filter(|row| row.iter().any(|cell| cell == MISSED)) {
        println!("\n  goal missed: {}", row.first().map_or("", String::as_str));
    }
}

/// A word for a goal. A quick run judges nothing.
pub fn verdict(is_reached: bool) -> String {
    let verdict = if is_reached { "reached" } else { MISSED };
    size::pick(verdict, "not judged").to_owned()
}
