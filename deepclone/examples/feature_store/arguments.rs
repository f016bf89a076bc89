//! What the command line says.

/// Seconds beyond which a run is cut.
const LONGEST: u64 = 3600;

/// What is asked for.
pub(crate) struct Arguments {
    pub(crate) seconds: u64,
    pub(crate) writers: usize,
    pub(crate) readers: usize,
    pub(crate) users: u64,
    pub(crate) entries: u64,
    pub(crate) csv: Option<String>,
    pub(crate) svg: Option<String>,
}

const USAGE: &str = "usage: feature_store [--seconds S] [--writers W] [--readers R] [--users N] [--entries N] [--csv FILE] [--svg FILE]

    --seconds S   how long to run, half of it with snapshots (20)
    --writers W   threads that write events (2)
    --readers R   threads that score (1)
    --users N     users in the store (50000)
    --entries N   entries of the map whose lock is measured afterwards, 0 for none (1000000)
    --csv FILE    the latency curve as a table
    --svg FILE    the latency curve as a picture";

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            seconds: 20,
            writers: 2,
            readers: 1,
            users: 50_000,
            entries: 1_000_000,
            csv: None,
            svg: None,
        };
        while let Some(word) = words.next() {
            if word == "--help" || word == "-h" {
                return Err(USAGE.to_string());
            }
            let value = words
                .next()
                .ok_or_else(|| format!("{word} needs a value\n\n{USAGE}"))?;
            match word.as_str() {
                "--seconds" => arguments.seconds = number(&word, &value, 2, LONGEST)?,
                "--writers" => arguments.writers = number(&word, &value, 1, 256)? as usize,
                "--readers" => arguments.readers = number(&word, &value, 0, 256)? as usize,
                "--users" => arguments.users = number(&word, &value, 1, 5_000_000)?,
                "--entries" => arguments.entries = number(&word, &value, 0, 20_000_000)?,
                "--csv" => arguments.csv = Some(value),
                "--svg" => arguments.svg = Some(value),
                _ => return Err(format!("{word} is not known\n\n{USAGE}")),
            }
        }
        Ok(arguments)
    }
}

fn number(word: &str, value: &str, least: u64, most: u64) -> Result<u64, String> {
    match value.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("{word} takes a number from {least} to {most}")),
    }
}
